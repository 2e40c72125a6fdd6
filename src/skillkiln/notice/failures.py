"""What a failed call failed of: the telling line, its signature, and its root cause.

Rules: the telling line is the last line of a Python traceback, else the first line that names an
error, else the first line. Its signature drops what differs between occurrences of one error:
paths, numbers, hexadecimal, quoted text, and words with digits or punctuation inside. The root
cause is looked up in one table, first match wins; what no row knows is `unknown`, never guessed.
"""

import re

from skillkiln.records.signals import RootCause
from skillkiln.sessions.text import make_inert

MAX_LOOKED_AT_CHARS = 20_000
MAX_SIGNATURE_CHARS = 120

_FIRST_LINE = re.compile(r"\s*(?:Error: )?Exit code \d+\s*")
_WRAPPING = re.compile(r"</?tool_use_error>")
_TRACEBACK = re.compile(r"^Traceback \(most recent call last\):$", re.MULTILINE)
_EXCEPTION_LINE = re.compile(r"^[A-Za-z_][\w.]*(?:Error|Exception|Exit|Interrupt|Warning)\b.*$")
_ERROR_LINE = re.compile(
    r"(?i)\b(error|fatal|failed|failure|exception|denied|refused|not found|no such|cannot|unable"
    r"|invalid|unknown|unexpected|undefined|missing|does not exist|timed out)\b"
)
_HEX = r"\b(?:0x)?[0-9a-f]{7,64}\b"
_VARYING = re.compile(
    r"\"[^\"]{0,400}\"|'[^']{0,400}'|`[^`]{0,400}`|“[^”]{0,400}”"
    rf"|(?:[A-Za-z]:)?[~.]?/\S*|{_HEX}|\S*\d\S*|\w+[-_./:@\\]+\w\S*",
)

_SIGNS_BY_CAUSE: dict[RootCause, tuple[str, ...]] = {
    RootCause.MISSING_DEPENDENCY: (
        r"ModuleNotFoundError|ImportError|No module named|Cannot find (?:module|package)",
        r"command not found|executable file not found|package \S+ is not installed",
    ),
    RootCause.PERMISSION: (
        r"permission denied|access denied|EACCES|EPERM|operation not permitted",
        r"requires approval|not authori[sz]ed|\b40[13] (?:forbidden|unauthori[sz]ed)",
    ),
    RootCause.TRANSIENT: (
        r"\b429\b|rate limit|too many requests|overloaded|temporarily unavailable|EAGAIN",
        r"try again later|index\.lock",
    ),
    RootCause.UNREACHABLE_SERVICE: (
        r"connection (?:refused|reset|timed out)|failed to connect|could not resolve",
        r"ECONNREFUSED|ENOTFOUND|ETIMEDOUT|network is unreachable|name or service not known",
        r"\b50[234] (?:bad|service|gateway)",
    ),
    RootCause.WRONG_EDIT: (
        r"string to replace not found|matches of the string to replace|old_string",
        r"has not been read yet|has been modified since read|edit has introduced",
    ),
    RootCause.FAILING_CHECK: (
        r"assertionerror|\d+ fail(?:ed|ures?)|tests? failed|FAILED|--- FAIL|validation failed",
        r"\b(?:lint|credo|dialyzer|mypy|pyright|ruff|eslint)\b|error TS\d+|would reformat",
        r"compil(?:e|ation) (?:error|failed)|could not compile|undefined function",
    ),
    RootCause.WRONG_COMMAND: (
        r"(?:unrecogni[sz]ed|invalid|unknown|no such) (?:option|argument|flag|command)|usage:",
        r"no such file|does not exist|EISDIR|ENOENT|not a git repository|pathspec",
        r"is not a \S+ command|has no upstream branch|ignored by one of your",
        r"bad substitution|syntax error|unexpected (?:token|eof)",
    ),
}
"""What an error says of its cause; the first cause with a match is taken."""

_CHECK = re.compile(
    r"\b(?:pytest|unittest|jest|vitest|mocha|rspec|phpunit|ctest|tox|nox|credo|dialyzer)\b"
    r"|\b(?:mix|cargo|go|npm|npm run|yarn|pnpm|bun|make|just|dotnet|gradle|mvn) (?:test|check|lint)"
)

_CAUSES = tuple(
    (cause, re.compile("|".join(signs), re.IGNORECASE)) for cause, signs in _SIGNS_BY_CAUSE.items()
)


def find_telling_line(output: str) -> str:
    """Return the line of a failed call's output that says most about why."""
    text = make_inert(output[-MAX_LOOKED_AT_CHARS:], MAX_LOOKED_AT_CHARS)
    text = _WRAPPING.sub("", text)
    lines = [line.strip() for line in _FIRST_LINE.sub("", text, count=1).splitlines()]
    lines = [line for line in lines if line]
    if _TRACEBACK.search(text):
        lines.sort(key=lambda line: _EXCEPTION_LINE.match(line) is None)
        return lines[0]
    telling = (line for line in lines if _ERROR_LINE.search(line))
    return next(telling, lines[0] if lines else "")


def build_signature(line: str) -> str:
    """Return what an error line has in common with other occurrences of the same error."""
    words = _VARYING.sub("*", line[:1_000].lower()).split()
    kept = [word for word in words if word.strip("*.,:;()[]{}") or word == "*"]
    return " ".join(kept)[:MAX_SIGNATURE_CHARS]


def find_root_cause(line: str, output: str, command: str) -> RootCause:
    """Return the cause that the telling line names, or else the output, or else the command."""
    for text in (line[:2_000], output[:2_000]):
        for cause, pattern in _CAUSES:
            if pattern.search(text):
                return cause
    is_check = _CHECK.search(command[:2_000])
    return RootCause.FAILING_CHECK if is_check else RootCause.UNKNOWN
