"""Takes secrets out of a text before anything is kept or shown.

Rules: keys and tokens of known shapes, private-key blocks, values that are assigned to names such
as `password` or `api_key`, credentials in headers, cookies, command options and URLs, and long
random-looking values are replaced by `[redacted:<kind>]`. Redacting twice changes nothing. It is
made to take too much rather than too little: a case that had something taken out is not used.

Source: the token shapes are those that the issuers publish for secret scanning (GitHub, GitLab,
AWS, Google, Slack, Stripe, OpenAI, Anthropic, npm, PyPI, Hugging Face, SendGrid, JWT of RFC 7519).
"""

import math
import re
from collections import Counter

from skillkiln.sessions.text import cut_text, make_inert

MARK = "[redacted:"
MIN_RANDOM_CHARS = 20
MIN_RANDOM_BITS = 3.5
"""Bits of entropy for each character above which a long mixed value counts as random."""

_PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z0-9 ]{0,40}(?:KEY|MESSAGE|CERTIFICATE)[A-Z ]{0,10}-----"
    r"(?:(?!-----END )[\s\S])*+(?:-----END [A-Z0-9 ]{0,60}-----)?"
)
_KNOWN_TOKEN = re.compile(
    r"\b(?:"
    r"(?:AKIA|ASIA|AGPA|AIDA|AROA)[A-Z0-9]{12,}"
    r"|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,}"
    r"|xox[abeoprs]-[A-Za-z0-9-]{10,}|xapp-[A-Za-z0-9-]{10,}"
    r"|(?:sk|rk|pk|whsec)[-_](?:live_|test_|ant-|proj-|or-)?[A-Za-z0-9_-]{16,}"
    r"|AIza[A-Za-z0-9_-]{30,}|ya29\.[A-Za-z0-9_-]{20,}|GOCSPX-[A-Za-z0-9_-]{20,}"
    r"|npm_[A-Za-z0-9]{30,}|pypi-[A-Za-z0-9_-]{30,}|hf_[A-Za-z0-9]{20,}|dop_v1_[a-f0-9]{40,}"
    r"|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}|dapi[a-f0-9]{30,}|lin_api_[A-Za-z0-9]{30,}"
    r"|AGE-SECRET-KEY-[A-Z0-9]{20,}|\d{8,10}:AA[A-Za-z0-9_-]{30,}"
    r"|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"
    r")"
)
_URL_CREDENTIALS = re.compile(r"(?<=://)[^\s/@:'\"<>]{0,200}:[^\s/@'\"<>]{1,500}(?=@)")
_HEADER = re.compile(
    r"(?i)\b((?:proxy-)?authorization|x-api-key|x-auth-token|(?:set-)?cookie)"
    r"(\\?[\"']?\s{0,8}[:=]\s{0,8}+\\?[\"']?+)(?!\[redacted:)[^\r\n\"']{2,4000}"
)
_BEARER = re.compile(r"(?i)\b(bearer|basic)(\s{1,8}+)(?!\[redacted:)[A-Za-z0-9._~+/=-]{8,4000}")
_SENSITIVE_NAME = (
    r"[A-Za-z0-9_.-]{0,60}(?:passw(?:or)?d|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key"
    r"|private[_-]?key|client[_-]?key|signing[_-]?key|encryption[_-]?key|account[_-]?key"
    r"|credentials?|conn(?:ection)?[_-]?string)"
)
_ASSIGNED = re.compile(
    rf"(?i)(?<![A-Za-z0-9_.-])({_SENSITIVE_NAME}\\?[\"']?\s{{0,8}}(?>:=|=>|[:=])\s{{0,8}}+)"
    r"(?!\\?[\"']?\[redacted:)"
    r"(?:(\\?\")((?:[^\"\\]|\\[^\"]){1,4000}+)|(\\?')((?:[^'\\]|\\[^']){1,4000}+)|([^\s,;\"'&|<>]{1,4000}+))"
)
_OPTION = re.compile(
    r"(?i)(?<!\S)(--?(?:password|passwd|pass|token|secret|api-?key|auth(?:-?token)?|access-key))"
    r"(\s{1,8}+|=)(?!\[redacted:)(?:\"[^\"\n]{1,4000}+\"?|'[^'\n]{1,4000}+'?|[^\s\"'-][^\s\"']{0,4000})"
)
_USER_OPTION = re.compile(r"(?<!\S)(-u|--user)(\s{1,8}|=)([\"']?)[^\s:\"']{1,200}:[^\s\"']{1,500}")
_RANDOM_VALUE = re.compile(
    rf"(?<![A-Za-z0-9+/_-])([A-Za-z_][A-Za-z0-9_.-]{{0,60}}\\?[\"']?\s{{0,8}}(?::=|[:=])\s{{0,8}}\\?[\"']?)"
    rf"([A-Za-z0-9+/_-]{{{MIN_RANDOM_CHARS},4000}}={{0,2}})"
)


def redact_secrets(text: str) -> str:
    """Return a text without the secrets in it."""
    text = _PRIVATE_KEY.sub(f"{MARK}private-key]", text)
    text = _URL_CREDENTIALS.sub(f"{MARK}credentials]", text)
    text = _HEADER.sub(rf"\1\2{MARK}header]", text)
    text = _BEARER.sub(rf"\1\2{MARK}header]", text)
    text = _KNOWN_TOKEN.sub(f"{MARK}token]", text)
    text = _OPTION.sub(rf"\1\2{MARK}option]", text)
    text = _USER_OPTION.sub(rf"\1\2\3{MARK}credentials]", text)
    text = _ASSIGNED.sub(_redact_assigned, text)
    return _RANDOM_VALUE.sub(_redact_random, text)


def clean_text(text: str, max_chars: int) -> str:
    """Return a text fit to be kept and shown: inert, without secrets, and not too long."""
    return cut_text(redact_secrets(make_inert(text, len(text) + 1)), max_chars)


def clean_line(text: str, max_chars: int = 160) -> str:
    """Return a text fit to be shown on one line."""
    flat = " ".join(clean_text(text, max_chars * 8).split())
    return flat if len(flat) <= max_chars else flat[: max_chars - 1] + "…"


def is_redacted(text: str) -> bool:
    """Say whether something was taken out of a text."""
    return MARK in text


def _redact_assigned(match: re.Match[str]) -> str:
    quote = match[2] or match[4] or ""
    return f"{match[1]}{quote}{MARK}value]"


def _redact_random(match: re.Match[str]) -> str:
    return f"{match[1]}{MARK}value]" if _is_random(match[2]) else match[0]


def _is_random(value: str) -> bool:
    """Say whether a value mixes cases and digits as generated keys do and words do not."""
    has_kinds = (
        any(char.isdigit() for char in value),
        any(char.islower() for char in value),
        any(char.isupper() for char in value),
    )
    return all(has_kinds) and value.count("/") < 3 and _measure_entropy(value) >= MIN_RANDOM_BITS


def _measure_entropy(value: str) -> float:
    """Return the bits of entropy of each character.

    Source: Shannon, A Mathematical Theory of Communication (1948), section 6.
    """
    counts = Counter(value).values()
    return -sum(count / len(value) * math.log2(count / len(value)) for count in counts)
