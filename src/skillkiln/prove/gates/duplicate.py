"""Gate `duplicate`: no release that is there already meets the need.

Behaviour decides, not names or descriptions: a release that takes the same parameters and is right
on every case of the need makes a second one superfluous. A predecessor of the same name does not
count; the candidate is its next version.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from skillkiln.prove.findings import build_failed, build_not_needed, build_passed
from skillkiln.prove.interface import Subject
from skillkiln.prove.observe import try_cases
from skillkiln.records.evidence import Finding, Stage
from skillkiln.sandbox.policies import build_policy
from skillkiln.skill.contract import Contract
from skillkiln.skill.reasons import FailureReason


@dataclass(frozen=True, slots=True)
class Rival:
    """A release that may do the same already."""

    contract: Contract
    files: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class DuplicateGate:
    """Refuses what the library has."""

    rivals: tuple[Rival, ...] = ()

    @property
    def name(self) -> str:
        """The gate's id."""
        return "duplicate"

    @property
    def stage(self) -> Stage:
        """The stage that it is part of."""
        return Stage.TEST

    def check(self, subject: Subject) -> Finding:
        """Try each rival of the same form on the cases of the need."""
        form = subject.contract.input_schema.get("properties")
        alike = [
            rival
            for rival in self.rivals
            if rival.contract.input_schema.get("properties") == form
            and rival.contract.name != subject.contract.name
        ]
        cases = (*subject.need.visible, *subject.need.sealed)
        if not alike or not cases:
            return build_not_needed(self, f"none of {len(self.rivals)} releases has its form")
        for rival in alike:
            bench = replace(
                subject,
                files=rival.files,
                contract=rival.contract,
                policy=build_policy(rival.contract),
            )
            if not try_cases(bench, cases).wrong:
                return build_failed(
                    self,
                    FailureReason.DUPLICATE,
                    f"`{rival.contract.name}` {rival.contract.version} is right on all "
                    f"{len(cases)} cases already",
                )
        return build_passed(self, f"{len(alike)} releases of its form do something else")
