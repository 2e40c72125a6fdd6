"""Takes a shell command line apart, as far as noticing needs: words, pipes, redirections, heredocs.

It is a reader, not a shell: nothing is expanded or run, substitutions stay as text, and a line that
bash would refuse still gives some commands. Rules: time is linear in the length, and at most
`MAX_COMMAND_CHARS` and `MAX_COMMANDS` are looked at.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

MAX_COMMAND_CHARS = 100_000
MAX_COMMANDS = 200

_TOKEN = re.compile(
    r"(?P<blank>[ \t\r]++|\\\n)"
    r"|(?P<newline>\n)"
    r"|(?P<heredoc><<-?(?!<))"
    r"|(?P<redirect>\d?(?:<<<|&>>|&>|>>|>&|>\||<>|<&|>|<))"
    r"|(?P<connect>&&|\|\||\|&|;;|[;&|()])"
    r"|(?P<single>'[^']*+'?)"
    r"|(?P<double>\"(?:[^\"\\]|\\[\s\S])*+\"?)"
    r"|(?P<escape>\\[\s\S]?)"
    r"|(?P<substitution>\$\([^()]*+\))"
    r"|(?P<plain>(?:[^\s'\"\\;&|()<>$]|\$(?!\())++)"
    r"|(?P<other>[\s\S])"
)
_DOUBLE_ESCAPE = re.compile(r"\\([\"\\$`]|\n)")
_KEYWORDS = frozenset({"do", "then", "else", "elif", "if", "while", "until", "!", "{", "time"})
_WRAPPERS = frozenset({"sudo", "env", "timeout", "nohup", "nice", "stdbuf", "command", "exec"})
_RUNNERS = (("uv", "run"), ("poetry", "run"), ("pipenv", "run"), ("pdm", "run"), ("hatch", "run"))
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")


@dataclass(frozen=True, slots=True)
class Command:
    """One simple command."""

    words: tuple[str, ...]
    """Program and arguments, unquoted; wrappers such as `timeout 5` are left out."""
    pipeline: int
    """Commands with the same number are joined by pipes, in order."""
    stdin_path: str | None = None
    stdin_text: str | None = None
    """The body of a heredoc or here-string."""
    stdout_path: str | None = None

    @property
    def program(self) -> str:
        """The program's name without its folder."""
        return PurePosixPath(self.words[0]).name if self.words else ""


@dataclass(slots=True)
class _Draft:
    """A command being read."""

    words: list[str] = field(default_factory=list[str])
    word: str | None = None
    redirect: str | None = None
    is_body_next: bool = False
    stdin_path: str | None = None
    stdin_text: str | None = None
    stdout_path: str | None = None

    def extend_word(self, text: str) -> None:
        self.word = (self.word or "") + text

    def end_word(self) -> str | None:
        """End the word being read; return it when it names a heredoc's end."""
        word, self.word = self.word, None
        if word is None:
            return None
        redirect, self.redirect = self.redirect, None
        if redirect is None:
            self.words.append(word)
        elif redirect == "heredoc":
            return word
        elif redirect == "<<<":
            self.stdin_text = word
        elif redirect == "<":
            self.stdin_path = word
        elif redirect in {">", ">>", "1>", "1>>", "&>", "&>>", ">|"}:
            self.stdout_path = word
        return None


class _Parser:
    """Walks over the tokens once."""

    def __init__(self, text: str) -> None:
        self._text = text[:MAX_COMMAND_CHARS]
        self._pipeline = 0
        self._draft = _Draft()
        self._bodies: list[tuple[_Draft, str]] = []
        self._drafts: list[tuple[int, _Draft]] = []

    def parse(self) -> tuple[Command, ...]:
        position = 0
        while match := _TOKEN.match(self._text, position):
            position = match.end()
            kind = match.lastgroup or "other"
            if kind == "plain" and self._draft.word is None and match[0].startswith("#"):
                end = self._text.find("\n", position)
                position = len(self._text) if end < 0 else end
            elif kind == "newline":
                self._end_command(is_pipe=False)
                position = self._read_bodies(position)
            else:
                self._take(kind, match[0])
        self._end_command(is_pipe=False)
        return tuple(_finish(draft, number) for number, draft in self._drafts if draft.words)

    def _take(self, kind: str, token: str) -> None:
        draft = self._draft
        if kind == "blank":
            self._end_word()
        elif kind == "connect":
            self._end_command(is_pipe=token in {"|", "|&"})
        elif kind in {"heredoc", "redirect"}:
            self._end_word()
            draft.redirect = "heredoc" if kind == "heredoc" else token
        elif kind == "single":
            draft.extend_word(token[1:].removesuffix("'"))
        elif kind == "double":
            inside = token[1:-1] if len(token) > 1 and token.endswith('"') else token[1:]
            draft.extend_word(_DOUBLE_ESCAPE.sub(r"\1", inside))
        elif kind == "escape":
            draft.extend_word(token[1:])
        else:
            draft.extend_word(token)

    def _end_word(self) -> None:
        delimiter = self._draft.end_word()
        if delimiter is not None:
            self._bodies.append((self._draft, delimiter))

    def _end_command(self, *, is_pipe: bool) -> None:
        self._end_word()
        self._drafts.append((self._pipeline, self._draft))
        self._draft = _Draft()
        if not is_pipe:
            self._pipeline += 1

    def _read_bodies(self, position: int) -> int:
        """Read the heredocs that begin after this line; return where they end."""
        for draft, delimiter in self._bodies:
            lines: list[str] = []
            while position < len(self._text):
                end = self._text.find("\n", position)
                end = len(self._text) if end < 0 else end
                line = self._text[position:end]
                position = end + 1
                if line.strip("\t") == delimiter:
                    break
                lines.append(line)
            draft.stdin_text = "\n".join(lines) + "\n" if lines else ""
        self._bodies.clear()
        return position


def parse_command(text: str) -> tuple[Command, ...]:
    """Return the simple commands of a command line, in order."""
    return _Parser(text).parse()[:MAX_COMMANDS]


def _finish(draft: _Draft, pipeline: int) -> Command:
    return Command(
        words=tuple(_drop_prefixes(draft.words)),
        pipeline=pipeline,
        stdin_path=draft.stdin_path,
        stdin_text=draft.stdin_text,
        stdout_path=draft.stdout_path,
    )


def _drop_prefixes(words: list[str]) -> Iterator[str]:
    """Leave out assignments, keywords and wrappers before the program."""
    position = 0
    while position < len(words):
        word = words[position]
        if word in _KEYWORDS or _ASSIGNMENT.match(word):
            position += 1
        elif word in _WRAPPERS:
            position = _skip_options(words, position + 1)
        elif tuple(words[position : position + 2]) in _RUNNERS:
            position += 2
        else:
            break
    yield from words[position:]


def _skip_options(words: list[str], position: int) -> int:
    while position < len(words) and (
        words[position].startswith("-") or words[position][:1].isdigit()
    ):
        position += 1
    return position
