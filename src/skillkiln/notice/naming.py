"""Names for skills, built from the evidence without repeating what it says.

A recording may hold text that tries to steer whoever reads it, so a name or purpose takes from it
only single plain words: file-name stems and field names, of letters alone, short, few, and none
that instructions are made of. Everything else in a name is ours.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

MAX_WORD_CHARS = 14
MAX_FILE_WORDS = 2
MAX_SHOWN_FIELDS = 8

_WORD = re.compile(r"[a-z]{2,}")
_STEERING_WORDS = frozenset(
    {"admin", "agent", "always", "approve", "assistant", "bypass", "chmod", "claude"}
    | {"command", "credential", "credentials", "curl", "delete", "developer", "disable"}
    | {"disregard", "download", "echo", "eval", "exec", "execute", "exfiltrate"}
    | {"forget", "grant", "ignore", "important"}
    | {"inject", "install", "instruction", "instructions", "jailbreak", "leak"}
    | {"must", "never", "override", "password", "please", "previous", "prompt"}
    | {"prompts", "publish", "push", "remove", "reveal", "root", "rm", "run", "secret"}
    | {"secrets", "send", "shell", "should", "sudo", "token", "tokens", "trust"}
    | {"upload", "urgent", "use", "wget", "write", "you", "your"}
)
_DULL_WORDS = frozenset(
    {"copy", "csv", "dat", "data", "file", "files", "home", "in", "input", "jsonl", "log", "logs"}
    | {"new", "old", "out", "output", "sample", "script", "stdin", "temp", "test", "the", "tmp"}
    | {"txt", "user", "users", "v", "work"}
)


def list_safe_words(text: str) -> list[str]:
    """Return the plain words of a name that may be repeated."""
    words = _WORD.findall(re.sub(r"([a-z])([A-Z])", r"\1 \2", text).lower())
    return [word for word in words if len(word) <= MAX_WORD_CHARS and word not in _STEERING_WORDS]


def name_subject(paths: Iterable[str]) -> tuple[str, ...]:
    """Return the words that most of the files' names share, at most `MAX_FILE_WORDS`.

    Dull words, which any file may be called, are taken only where there are no others.
    """
    stems = [PurePosixPath(path).name.split(".")[0] for path in paths]
    names = [set(list_safe_words(stem)) for stem in stems]
    counts = Counter(word for words in names for word in words)
    in_order = dict.fromkeys(word for stem in stems for word in list_safe_words(stem))
    common = [word for word in in_order if counts[word] * 2 > len(names)]
    telling = [word for word in common if word not in _DULL_WORDS]
    return tuple((telling or common)[:MAX_FILE_WORDS])


def list_safe_fields(fields: Sequence[str]) -> tuple[str, ...]:
    """Return the field names that may be shown in a sentence."""
    return tuple(
        field
        for field in fields
        if list_safe_words(field) == _WORD.findall(field.lower())
        and re.fullmatch(r"[A-Za-z][A-Za-z_]{0,23}", field)
    )[:MAX_SHOWN_FIELDS]


def build_record_name(subject: Sequence[str]) -> str:
    """Return the name of a skill that takes lines apart."""
    return "-".join(["parse", *subject, "lines"])


def build_text_name(subject: Sequence[str]) -> str:
    """Return the name of a skill that rewrites texts."""
    return "-".join(["rewrite", *subject])


def build_record_purpose(subject: Sequence[str], fields: Sequence[str]) -> str:
    """Return what a skill that takes lines apart does."""
    what = f"{' '.join(subject)} line" if subject else "line of text"
    shown = list_safe_fields(fields)
    named = f": {', '.join(shown)}" if len(shown) == len(fields) else ""
    return f"Takes one {what} apart into its {len(fields)} fields{named}."


def build_text_purpose(subject: Sequence[str], example_count: int) -> str:
    """Return what a skill that rewrites texts does."""
    what = f"one entry of a {' '.join(subject)} list" if subject else "one text"
    return f"Rewrites {what} the way that {example_count} recorded examples show."


def build_triggers(subject: Sequence[str], fields: Sequence[str]) -> tuple[str, ...]:
    """Return when an agent should reach for the skill."""
    about = " ".join(subject) or "such"
    if not fields:
        return (f"rewriting {about} entries", "before writing a throwaway script for them")
    shown = list_safe_fields(fields)
    wanted = f"reading {', '.join(shown[:4])} from {about} lines" if shown else f"{about} lines"
    return (f"parsing {about} lines", wanted, "before writing a throwaway script for them")
