"""The values that recorded lines are made of: addresses, stamps, levels, messages and so on.

Each function builds a `Field`: its name, the pattern an agent would write for it, and how to make
one more value. Rules: addresses and hosts come from the ranges and domains that are reserved for
documentation (RFC 5737, RFC 2606); no value holds a quote, a pipe, a comma or a semicolon, so that
any layout may carry it. How values are put into lines is left to `layouts`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random

Make = Callable[[Random, datetime], str]


@dataclass(frozen=True, slots=True)
class Field:
    """One named part of a line."""

    name: str
    pattern: str
    """A regular expression for its values, as an agent would write it."""
    make: Make


STAMPS: tuple[tuple[str, Callable[[datetime], str]], ...] = (
    (r"\S+", lambda at: f"{at:%Y-%m-%dT%H:%M:%S}Z"),
    (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", lambda at: f"{at:%Y-%m-%d %H:%M:%S}"),
    (r"\d\d/\w{3}/\d{4}:[\d:]+ \+0000", lambda at: f"{at:%d/%b/%Y:%H:%M:%S} +0000"),
    (r"\w{3} +\d+ [\d:]+", lambda at: f"{at:%b} {at.day:>2} {at:%H:%M:%S}"),
    (r"\d+", lambda at: f"{at.timestamp():.0f}"),
    (r"\d\d\.\d\d\.\d{4} \d\d:\d\d", lambda at: f"{at:%d.%m.%Y %H:%M}"),
    (r"\d{8}T\d{6}", lambda at: f"{at:%Y%m%dT%H%M%S}"),
)
"""Pattern and rendering of each style of time stamp."""

TIGHT_STAMPS = tuple(stamp for stamp in STAMPS if " " not in stamp[0])
"""The styles without a blank inside, for layouts that split at blanks."""

_NOUNS = ("cache", "worker", "disk", "session", "upload", "index", "queue", "socket", "replica")
_VERBS = ("restarted", "timed out", "refused", "recovered", "slowed down", "flushed", "expired")
_PAGES = ("orders", "carts", "users", "invoices", "search", "health", "reports", "labels")
_CLIENTS = (
    "curl/8.5.0",
    "Mozilla/5.0 (X11; Linux x86_64)",
    "python-requests/2.32",
    "Mozilla/5.0 (Macintosh) Safari/605.1",
    "okhttp/4.12.0",
)


def stamp(name: str, style: tuple[str, Callable[[datetime], str]]) -> Field:
    """Build a time stamp in one of `STAMPS`."""
    pattern, render = style
    return Field(name, pattern, lambda _, at: render(at))


def choice(name: str, values: Sequence[str], pattern: str = r"\S+") -> Field:
    """Build a field that takes one of a few words."""
    return Field(name, pattern, lambda rng, _: rng.choice(values))


def number(name: str, low: int, high: int, unit: str = "") -> Field:
    """Build a whole number from low to high, both included, with an optional unit behind it."""
    return Field(name, rf"\d+{unit}", lambda rng, _: f"{rng.randint(low, high)}{unit}")


def decimal(name: str, high: float, unit: str = "") -> Field:
    """Build a number with two decimals, from 0 to high."""
    return Field(name, rf"[\d.]+{unit}", lambda rng, _: f"{rng.uniform(0, high):.2f}{unit}")


def token(name: str, width: int, prefix: str = "") -> Field:
    """Build a random hexadecimal id of a fixed width."""
    return Field(
        name,
        rf"{prefix}[0-9a-f]+",
        lambda rng, _: f"{prefix}{rng.getrandbits(4 * width):0{width}x}",
    )


def address(name: str) -> Field:
    """Build an IPv4 address out of the three documentation networks."""
    networks = ("192.0.2", "198.51.100", "203.0.113")
    return Field(name, r"[\d.]+", lambda rng, _: f"{rng.choice(networks)}.{rng.randint(1, 254)}")


def host(name: str, stems: Sequence[str], joint: str) -> Field:
    """Build a machine name such as `db-07`."""
    return Field(name, r"\S+", lambda rng, _: f"{rng.choice(stems)}{joint}{rng.randint(1, 19):02d}")


def web_path(name: str) -> Field:
    """Build the path of a web request, with or without a number and a query."""

    def make(rng: Random, _: datetime) -> str:
        tail = rng.choice(("", f"/{rng.randint(10, 9999)}", f"?page={rng.randint(1, 40)}"))
        return f"/{rng.choice(('api', 'v1', 'shop'))}/{rng.choice(_PAGES)}{tail}"

    return Field(name, r"\S+", make)


def client(name: str) -> Field:
    """Build a user agent."""
    return choice(name, _CLIENTS, r'[^"]*')


def referrer(name: str) -> Field:
    """Build a referring address, or the dash that stands for none."""

    def make(rng: Random, _: datetime) -> str:
        return rng.choice(("-", f"https://www.example.org/{rng.choice(_PAGES)}"))

    return Field(name, r'[^"]*', make)


def message(name: str, pattern: str = r".*") -> Field:
    """Build a short sentence, such as `cache 12 timed out after 340 ms`."""

    def make(rng: Random, _: datetime) -> str:
        start = f"{rng.choice(_NOUNS)} {rng.randint(1, 99)} {rng.choice(_VERBS)}"
        return rng.choice((start, f"{start} after {rng.randint(2, 900)} ms"))

    return Field(name, pattern, make)
