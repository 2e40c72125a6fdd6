"""What the agents' door needs behind it. `app` satisfies it without knowing of this file.

Every method blocks, may be called from several threads at once, and raises a `SkillkilnError` where
the request cannot be met. A call that was made and went wrong is no error: it is an `Invocation`
whose outcome is `failed`.
"""

from typing import Protocol

from pydantic import JsonValue

from skillkiln.invoke.descriptions import SkillDescription
from skillkiln.invoke.gap_reports import GapReport
from skillkiln.records.invocations import Invocation
from skillkiln.registry.cards import SkillCard


class Kiln(Protocol):
    """The four services that agents use."""

    def find_skills(self, query: str, k: int) -> tuple[SkillCard, ...]:
        """Return at most k interfaces of live skills, best match first; often none."""
        ...

    def describe_skill(self, name: str) -> SkillDescription:
        """Return all that an agent may read about a live skill.

        Raises:
            UnknownNameError: no live skill has that name.
        """
        ...

    def invoke(
        self,
        name: str,
        inputs: dict[str, JsonValue],
        *,
        version: str | None = None,
        idempotency_key: str | None = None,
        caller: str,
    ) -> Invocation:
        """Call a live skill in the sandbox and record the call.

        Raises:
            UnknownNameError: no live skill has that name, or not in that version.
            TrustError: what is kept is not what was signed; it is quarantined.
            SandboxError: this machine cannot confine the call.
        """
        ...

    def report_gap(self, report: GapReport) -> str:
        """Keep what an agent says it lacks and return the gap's id."""
        ...
