"""The arbiter: everything that must hold before a candidate becomes a release, in one table.

The judge scores; this decides. It trusts no summary: it looks again at each finding, at whose
evidence it is, and at the sum of the score. Each rule returns what it objects to, or nothing; a
release needs silence from all.
"""

from collections.abc import Callable
from dataclasses import dataclass

from skillkiln.records.candidates import Candidate
from skillkiln.records.evidence import Evidence, Outcome, Verdict
from skillkiln.records.needs import Need
from skillkiln.skill.digest import folder_digest

REQUIRED_GATES = frozenset(
    {
        "files",
        "syntax",
        "contract",
        "dependencies",
        "capabilities",
        "suppressions",
        "structure",
        "documentation",
        "review_tests",
        "types",
        "style",
        "security",
        "own_tests",
        "mutants",
        "visible_cases",
        "sealed_cases",
        "output_schema",
        "determinism",
        "side_effects",
        "limits",
    }
)
"""Gates that must have passed; `duplicate` alone may have had nothing to do."""


@dataclass(frozen=True, slots=True)
class LaunchPolicy:
    """The figures that a release must reach."""

    min_score: float = 9.6
    min_sealed: int = 3
    min_checks: int = 7
    kinds: tuple[str, ...] = ("ordinary", "null", "anomalous")


@dataclass(frozen=True, slots=True)
class Docket:
    """What the arbiter has before it."""

    candidate: Candidate
    need: Need
    evidence: Evidence
    verdict: Verdict
    policy: LaunchPolicy


def arbitrate(
    candidate: Candidate,
    need: Need,
    evidence: Evidence,
    verdict: Verdict,
    *,
    policy: LaunchPolicy | None = None,
) -> tuple[str, ...]:
    """Return what speaks against a release, one line for each launch gate; nothing means go."""
    docket = Docket(candidate, need, evidence, verdict, policy or LaunchPolicy())
    objections = (find_objection(docket) for find_objection in LAUNCH_GATES)
    return tuple(objection for objection in objections if objection)


def object_to_other_evidence(docket: Docket) -> str | None:
    """The evidence is about exactly these files, and about this need."""
    files = {p: text.encode("utf-8", "surrogatepass") for p, text in docket.candidate.files.items()}
    digest = folder_digest(files)
    if docket.evidence.candidate_digest != digest:
        return f"the evidence is about {docket.evidence.candidate_digest:.12}, not {digest:.12}"
    if docket.candidate.need_id != docket.need.id:
        return f"the candidate answers need {docket.candidate.need_id!r}, not {docket.need.id!r}"
    return None


def object_to_failures(docket: Docket) -> str | None:
    """No gate failed."""
    failed = [f"{finding.gate} ({finding.reason})" for finding in docket.evidence.failures]
    return f"gates failed: {', '.join(failed)}" if failed else None


def object_to_missing_gates(docket: Docket) -> str | None:
    """Every required gate passed; one that did not run has not passed."""
    passed = _passed_gates(docket.evidence)
    missing = sorted(REQUIRED_GATES - passed)
    return f"gates that did not pass: {', '.join(missing)}" if missing else None


def object_to_few_checks(docket: Docket) -> str | None:
    """Enough independent automated checks looked at it."""
    checks = len(_passed_gates(docket.evidence))
    least = docket.policy.min_checks
    return f"expected at least {least} passed checks, got {checks}" if checks < least else None


def object_to_score(docket: Docket) -> str | None:
    """The verdict accepts, at this policy's threshold, and its table adds up."""
    verdict = docket.verdict
    total = round(sum(line.points for line in verdict.lines), 2)
    if total != verdict.score:
        return f"the score table adds up to {total}, the verdict says {verdict.score}"
    if verdict.score < docket.policy.min_score:
        return f"score: expected at least {docket.policy.min_score}, got {verdict.score}"
    return None if verdict.is_accepted else f"the judge does not accept it: {verdict.reason}"


def object_to_few_sealed_cases(docket: Docket) -> str | None:
    """All sealed cases of the need were tried, all were right, and there were enough."""
    right = docket.evidence.figure("sealed_right")
    sealed = len(docket.need.sealed)
    if right != sealed:
        return f"sealed cases: expected all {sealed} right, got {right:.0f}"
    least = docket.policy.min_sealed
    return f"sealed cases: expected at least {least}, got {sealed}" if sealed < least else None


def object_to_untested_kinds(docket: Docket) -> str | None:
    """The candidate's own tests try every kind of input that the policy names."""
    missing = [kind for kind in docket.policy.kinds if not docket.evidence.figure(f"kind_{kind}")]
    return f"no test with {', '.join(missing)} input" if missing else None


def object_to_petitions(docket: Docket) -> str | None:
    """What petitions for more than nothing waits for a person's grant."""
    effects = docket.candidate.contract.side_effects
    return f"petitions for {', '.join(effects)}: a person grants that first" if effects else None


def _passed_gates(evidence: Evidence) -> set[str]:
    return {f.gate for f in evidence.findings if f.outcome is Outcome.PASSED}


LAUNCH_GATES: tuple[Callable[[Docket], str | None], ...] = (
    object_to_other_evidence,
    object_to_failures,
    object_to_missing_gates,
    object_to_few_checks,
    object_to_score,
    object_to_few_sealed_cases,
    object_to_untested_kinds,
    object_to_petitions,
)
"""Every launch gate, in the order in which it speaks."""
