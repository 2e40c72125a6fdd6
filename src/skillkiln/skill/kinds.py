"""The kinds of artefact that Skillkiln makes and governs."""

from enum import StrEnum


class ArtefactKind(StrEnum):
    """What an artefact is."""

    CODE = "code"
    INSTRUCTIONS = "instructions"
    AGENT = "agent"
    HOOK = "hook"
    INTEGRATION = "integration"
    RULE = "rule"
