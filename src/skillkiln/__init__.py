"""Skillkiln: AI agents write, prove, sign, release, serve and retire their own skills.

Example:
    from skillkiln import Skillkiln, read_settings

    with Skillkiln.open(read_settings()) as kiln:
        for card in kiln.find_skills("parse access log"):
            print(card.name, card.description)
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from skillkiln.app import Skillkiln
    from skillkiln.settings import Settings, read_settings

__all__ = ["Settings", "Skillkiln", "read_settings"]

HOMES = {
    "Skillkiln": "skillkiln.app",
    "Settings": "skillkiln.settings",
    "read_settings": "skillkiln.settings",
}


def __getattr__(name: str) -> object:
    """Import an exported name when it is first asked for.

    `skillkiln --help` imports this module too; the whole of `app` would cost it a second.
    """
    if name in HOMES:
        return getattr(import_module(HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
