"""Run the console blocks of pages and compare what they show with what really comes out.

    python scripts/transcripts.py docs/tutorial.md docs/guides/*.md
    python scripts/transcripts.py --show docs/tutorial.md     prints what every command printed

How a page is read:
- A fenced `console` block holds commands, each after `$ `, and what they print. A line `…` stands
  for lines left out; where nothing is shown, anything may come.
- What differs from run to run (ids, digests, dates, durations) is compared by its shape. An id
  that was shown may be used in a later command, also cut short.
- A fenced block after a line that ends in "as `NAME`:" is a file, written before going on.
- `<!-- not run: REASON -->` keeps the next block from being run.
- A command that fails is followed by `$ echo $?`, so that a reader sees that it does.

The first page is run in an empty folder, each further one in what the first left there. The home
folder is that folder, so that nobody's recordings are read.
"""

import argparse
import difflib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from skillkiln.settings import read_child_environment

COLUMNS = "100"
TIMEOUT_S = 300
LEFT_OUT = "…"
STATUS = "echo $?"
BLOCK = re.compile(
    r"(?:^<!-- not run: (?P<reason>[^\n]+) -->\n)?"
    r"(?:^[^\n]*\bas `(?P<file>[^`\n]+)`:\n\n)?"
    r"^(?P<fence>`{3,})(?P<language>\w*)\n(?P<body>.*?)^(?P=fence)$",
    re.DOTALL | re.MULTILINE,
)
SHAPES = {
    "machine": r"\bLinux \S+ on \w+",
    "session": r"sessions/\S+\.jsonl",
    "uuid": r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b",
    "id": r"\b[0-9a-f]{12,64}\b",
    "date": r"\b\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?(?:\+00:00)?",
    "day": r"\b20\d{6}\b",
    "duration": r"\b\d+(?:\.\d+)? m?s\b",
    "share": r"at most \d+%",
    "entries": r"\b\d+ entries",
}
"""What may differ from run to run, by what it looks like."""
VOLATILE = re.compile("|".join(f"(?P<{name}>{shape})" for name, shape in SHAPES.items()))
HEX_WORD = re.compile(r"\b[0-9a-f-]{4,}\b")


@dataclass(frozen=True, slots=True)
class Command:
    """A command of a page, and what the page shows of its output."""

    line: int
    text: str
    shown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file that the reader is asked to save."""

    name: str
    text: str


def parse_page(text: str) -> Iterator[Command | WrittenFile]:
    """Yield a page's files and commands, in the order of the page."""
    for block in BLOCK.finditer(text):
        if block["reason"]:
            continue
        if block["file"]:
            yield WrittenFile(block["file"], block["body"])
        elif block["language"] == "console":
            first_line = text.count("\n", 0, block.start("body")) + 1
            yield from parse_console(block["body"], first_line)


def parse_console(body: str, first_line: int) -> Iterator[Command]:
    """Yield the commands of one console block."""
    lines = body.splitlines()
    starts = [number for number, line in enumerate(lines) if line.startswith("$ ")]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        shown = tuple(line.rstrip() for line in lines[start + 1 : end])
        while shown and not shown[-1]:
            shown = shown[:-1]
        yield Command(first_line + start, lines[start][2:], shown)


class Terminal:
    """Types commands in one folder, as a reader of one page would."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self._folder = folder
        inherited = read_child_environment()
        self._environment = inherited | {
            "PATH": f"{programs}:{inherited.get('PATH', '')}",
            "HOME": str(folder),
            "COLUMNS": COLUMNS,
            "PYTHONUTF8": "1",
        }
        self._ids: dict[str, str] = {}
        """Ids as the page shows them, and as they are here."""
        self.status = 0

    def type(self, text: str) -> str:
        """Run a command and return what it printed."""
        words = HEX_WORD.sub(self._translate, text)
        ran = subprocess.run(
            ["bash", "-c", f"(exit {self.status}); {words}"],
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=TIMEOUT_S,
            check=False,
        )
        self.status = ran.returncode
        return ran.stdout.replace(str(self._folder), "~/try")

    def _translate(self, match: re.Match[str]) -> str:
        word = match.group()
        here = (own for shown, own in self._ids.items() if shown.startswith(word))
        return next(here, word)[: len(word)]

    def is_as_shown(self, shown: tuple[str, ...], printed: str) -> bool:
        """Say whether a page shows what was printed; learns its ids."""
        pattern, ids = build_pattern(shown)
        match = re.fullmatch(pattern, squeeze(printed.splitlines()))
        if match is None:
            return False
        self._ids |= dict(zip(ids, match.groups(), strict=True))
        return True


def build_pattern(shown: tuple[str, ...]) -> tuple[str, list[str]]:
    """Return a regular expression for what a page shows, and the ids that its groups stand for."""
    parts: list[str] = []
    ids: list[str] = []
    for line in squeeze(shown).splitlines():
        if line.strip() == LEFT_OUT:
            parts.append("(?:.*\n)*?")
            continue
        end = 0
        for match in VOLATILE.finditer(line):
            name = match.lastgroup or ""
            parts.append(re.escape(line[end : match.start()]))
            parts.append(f"({SHAPES[name]})" if name in {"id", "uuid"} else f"(?:{SHAPES[name]})")
            ids += [match.group()] if name in {"id", "uuid"} else []
            end = match.end()
        parts.append(re.escape(line[end:]) + "\n")
    return "".join(parts), ids


def squeeze(lines: list[str] | tuple[str, ...]) -> str:
    """Return lines without blank ones at either end, blanks at their ends or runs of blanks."""
    squeezed = "\n".join(re.sub(r" +", " ", line.rstrip()) for line in lines).strip("\n")
    return squeezed + "\n" if squeezed else ""


def run_page(page: Path, folder: Path, programs: Path, *, is_shown: bool) -> list[str]:
    """Run a page's commands and return what is wrong with it."""
    terminal, problems = Terminal(folder, programs), list[str]()
    for step in parse_page(page.read_text(encoding="utf-8")):
        if isinstance(step, WrittenFile):
            path = folder / step.name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(step.text, encoding="utf-8")
            continue
        where = f"{page}:{step.line}: $ {step.text}"
        if terminal.status and step.text != STATUS:
            problems.append(f"{where}\nthe command before it ended with {terminal.status}, unsaid")
        printed = terminal.type(step.text)
        if is_shown:
            print(f"$ {step.text}\n{printed}", flush=True)
        if step.shown and not terminal.is_as_shown(step.shown, printed):
            problems.append("\n".join([where, *difflib.ndiff(step.shown, printed.splitlines())]))
    if terminal.status:
        problems.append(f"{page}: the last command ended with {terminal.status}, unsaid")
    return problems


def write_programs(folder: Path) -> Path:
    """Put `python` and `skillkiln` into a folder, both of this environment, and return it."""
    folder.mkdir()
    for name, words in {"python": "", "skillkiln": " -m skillkiln"}.items():
        program = folder / name
        program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)}{words} "$@"\n')
        program.chmod(0o755)
    return folder


def main(arguments: list[str]) -> int:
    """Run pages; 1 when one of them shows what is not so."""
    parser = argparse.ArgumentParser(description="Run the console blocks of pages.")
    parser.add_argument("--show", action="store_true", help="print what every command printed")
    parser.add_argument("pages", nargs="+", type=Path)
    given = parser.parse_args(arguments)
    problems: list[str] = []
    with tempfile.TemporaryDirectory(prefix="transcripts-") as made:
        programs = write_programs(Path(made, "programs"))
        folder, kept = Path(made, "try"), Path(made, "kept")
        folder.mkdir()
        for page in given.pages:
            problems += run_page(page, folder, programs, is_shown=given.show)
            if not kept.exists():
                shutil.copytree(folder, kept, symlinks=True)
            # The same place again: recordings name the files they worked on by their full paths.
            shutil.rmtree(folder)
            shutil.copytree(kept, folder, symlinks=True)
    for problem in problems:
        print(problem, end="\n\n")
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
