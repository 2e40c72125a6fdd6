"""Shadow: a new release answers real inputs beside the old way, and nobody gets its answers.

The inputs are a need's held-back cases: observed in recordings, seen by no author and no gate. Each
is one call in a cell of its own, by the same sandbox path as a call by an agent, and is recorded
as a shadow invocation. A call agrees when its output fits the output schema and equals what was
recorded; it differs when it answers something else; it fails when it gives no answer.

What the report means for the release is decided in `watch.promotion`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median

from pydantic import JsonValue

from skillkiln.errors import InvalidInputError
from skillkiln.records.invocations import CallOutcome, Invocation
from skillkiln.records.json_equality import is_equal_json
from skillkiln.records.needs import Case
from skillkiln.records.releases import Release
from skillkiln.registry.integrity import LoadedSkill
from skillkiln.registry.registry import Registry
from skillkiln.sandbox.calls import call_skill
from skillkiln.sandbox.interface import CallResult, Sandbox
from skillkiln.sandbox.policies import build_policy
from skillkiln.sessions.text import make_inert_line
from skillkiln.skill.digest import sha256_hex
from skillkiln.skill.reasons import FailureReason
from skillkiln.skill.schema_fit import SchemaFit
from skillkiln.skill.status import Status
from skillkiln.store.interface import Store
from skillkiln.trust.canonical_json import render_canonical_json

CALLER = "watch"
MAX_MESSAGE = 500


@dataclass(frozen=True, slots=True)
class ShadowReport:
    """How a release fared on held-back inputs: `calls == agreed + differed + failed`."""

    digest: str
    calls: int
    agreed: int
    differed: int
    failed: int
    p50_ms: float
    """Median wall time of a call; 0 when there was none."""
    max_ms: float
    reasons: Mapping[FailureReason, int] = field(default_factory=dict[FailureReason, int])
    """How often each failure reason was met."""

    @property
    def agreement(self) -> float:
        """Share of calls that agreed, 0 to 1; 0 when there was none."""
        return self.agreed / self.calls if self.calls else 0.0


@dataclass(frozen=True, slots=True)
class Promotion:
    """What became of a release after shadow."""

    release: Release
    """With its new status."""
    is_live: bool
    reason: str
    """The rule with its figures, whichever way it went."""


@dataclass(frozen=True, slots=True)
class Mirror:
    """What mirroring needs."""

    registry: Registry
    store: Store
    sandbox: Sandbox
    clock: Callable[[], datetime]
    new_id: Callable[[], str]


def replay(release: Release, cases: Sequence[Case], mirror: Mirror) -> ShadowReport:
    """Mirror held-back cases on a shadow release.

    Raises:
        InvalidInputError: the release is not in shadow.
        TrustError: what is kept is not what was signed; it is quarantined now.
        SandboxError: this machine cannot confine the calls, or the sandbox broke.
    """
    skill = mirror.registry.load(release.digest)
    if skill.release.status is not Status.SHADOW:
        raise InvalidInputError(
            f"{release.name} {release.version}: expected status 'shadow', "
            f"got {str(skill.release.status)!r}",
            hint="only a release in shadow is mirrored",
        )
    fit = SchemaFit(skill.manifest.output_schema, root="output")
    calls = [mirror_call(skill, case.inputs, fit, mirror) for case in cases]
    return build_report(release.digest, calls, [case.expected for case in cases])


def mirror_call(
    skill: LoadedSkill, inputs: dict[str, JsonValue], fit: SchemaFit, mirror: Mirror
) -> Invocation:
    """Make one mirrored call and record it."""
    began_at = mirror.clock()
    policy = build_policy(skill.manifest.contract())
    result = call_skill(mirror.sandbox, skill.files, inputs, policy)
    reason, message = _find_failure(result, fit)
    invocation = Invocation(
        trace_id=mirror.new_id(),
        name=skill.release.name,
        version=skill.release.version,
        digest=skill.release.digest,
        began_at=began_at,
        latency_ms=result.wall_ms,
        outcome=CallOutcome.FAILED if reason else CallOutcome.OK,
        reason=reason,
        message=message,
        is_shadow=True,
        caller=CALLER,
        output=None if reason else result.output,
    )
    inputs_sha256 = sha256_hex(render_canonical_json(inputs))
    mirror.store.invocations.save(invocation, inputs_sha256=inputs_sha256)
    return invocation


def _find_failure(result: CallResult, fit: SchemaFit) -> tuple[FailureReason | None, str]:
    if result.attempts:
        tried = make_inert_line(", ".join(result.attempts), MAX_MESSAGE)
        return FailureReason.SIDE_EFFECT_DETECTED, f"side effects: expected none, tried {tried}"
    if result.failure is not None:
        return result.failure, make_inert_line(result.message, MAX_MESSAGE)
    if problem := fit.find_misfit(result.output):
        return FailureReason.CONTRACT_VIOLATION, problem
    return None, ""


def build_report(
    digest: str, calls: Sequence[Invocation], expected: Sequence[JsonValue]
) -> ShadowReport:
    """Build the report of mirrored calls from what each should have answered."""
    answered = [
        is_equal_json(call.output, wanted)
        for call, wanted in zip(calls, expected, strict=True)
        if call.outcome is CallOutcome.OK
    ]
    reasons = [call.reason for call in calls if call.reason is not None]
    times = [call.latency_ms for call in calls]
    return ShadowReport(
        digest=digest,
        calls=len(calls),
        agreed=sum(answered),
        differed=len(answered) - sum(answered),
        failed=len(calls) - len(answered),
        p50_ms=median(times) if times else 0.0,
        max_ms=max(times, default=0.0),
        reasons={reason: reasons.count(reason) for reason in dict.fromkeys(reasons)},
    )
