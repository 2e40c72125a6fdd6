"""From shadow to live, or not: one rule, with its arithmetic in the reason.

Of `calls` mirrored calls, `agreed` agreed. With the policy's `min_calls` and `min_agreement`:

    rolled_back   the release is below `min_agreement`, beyond reasonable doubt:
                  the upper Wilson bound of agreed/calls < min_agreement
    live          calls >= min_calls and agreed/calls >= min_agreement
    shadow        else: more held-back inputs are needed to tell

The bounds are those of the 95% Wilson interval: for 12 of 12 it is [0.757, 1.000], so "all twelve
agreed" still leaves a true rate of 76% possible, and the reason says so. A failed call counts as
one that did not agree. The default, `min_agreement` 1.0, means that a single different answer rolls
back: what is watched are cases whose right answer is known.

Source: Wilson, Probable Inference, the Law of Succession, and Statistical Inference (1927).
"""

import math
from dataclasses import dataclass

from skillkiln.records.releases import Release
from skillkiln.registry.registry import Registry
from skillkiln.skill.status import Status
from skillkiln.watch.lifecycle import go_live, withdraw
from skillkiln.watch.shadow import Promotion, ShadowReport

Z_95 = 1.959964
"""The 97.5% quantile of the normal distribution: 2.5% are left on either side."""


@dataclass(frozen=True, slots=True)
class PromotionPolicy:
    """When a release in shadow may go live."""

    min_calls: int = 5
    """Mirrored calls needed, at least 1."""
    min_agreement: float = 1.0
    """Share of them that must agree, above 0 and up to 1."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do with a release in shadow."""

    after: Status
    """`live`, `shadow` (wait) or `rolled_back`."""
    reason: str


def wilson_interval(successes: int, trials: int) -> tuple[float, float]:
    """Return the 95% Wilson interval of a rate; (0, 1) when nothing was tried.

    With p = successes/trials and z = 1.96:
    (p + z²/2n ± z sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n).

    Args:
        successes: 0 to trials.
        trials: 0 or more.
    """
    if trials == 0:
        return 0.0, 1.0
    rate, z_squared = successes / trials, Z_95**2
    centre = rate + z_squared / (2 * trials)
    spread = Z_95 * math.sqrt(rate * (1 - rate) / trials + z_squared / (4 * trials**2))
    scale = 1 + z_squared / trials
    # The rate is inside by definition; rounding must not push it out.
    lower, upper = (centre - spread) / scale, (centre + spread) / scale
    return min(rate, max(0.0, lower)), max(rate, min(1.0, upper))


def decide_promotion(report: ShadowReport, policy: PromotionPolicy) -> Decision:
    """Decide what a shadow report means for its release."""
    lower, upper = wilson_interval(report.agreed, report.calls)
    figures = (
        f"{report.agreed} of {report.calls} held-back calls agreed "
        f"(95% interval {lower:.3f} to {upper:.3f}; {report.differed} differed, "
        f"{report.failed} failed)"
    )
    if upper < policy.min_agreement:
        return Decision(Status.ROLLED_BACK, f"{figures}, below {policy.min_agreement:g}")
    if report.calls < policy.min_calls:
        return Decision(Status.SHADOW, f"{figures}, {policy.min_calls} calls are needed")
    if report.agreement >= policy.min_agreement:
        return Decision(Status.LIVE, f"{figures}, {policy.min_agreement:g} was asked")
    return Decision(Status.SHADOW, f"{figures}, too few to tell it from {policy.min_agreement:g}")


def promote(
    release: Release, report: ShadowReport, policy: PromotionPolicy, registry: Registry
) -> Promotion:
    """Decide on a release in shadow and do it: live, rolled back, or left where it is.

    Raises:
        InvalidTransitionError: the release is not where the decision could be carried out.
        TrustError: it is not what was signed, and is quarantined now.
    """
    decision = decide_promotion(report, policy)
    if decision.after is Status.LIVE:
        release = go_live(registry, release.digest, decision.reason)
    elif decision.after is Status.ROLLED_BACK:
        release = withdraw(registry, release.digest, decision.reason)
    return Promotion(release, is_live=decision.after is Status.LIVE, reason=decision.reason)
