"""Measures what the gate lets through: planted bad candidates, and good ones, through all of it.

    python benchmarks/gate.py [--quick] [--json]

`bad_rejected` is the share of planted bad candidates that are refused, by a gate or by the judge;
`right_reason` the share whose first failure reason is the one that was planted; `good_rejected` the
share of good ones refused; `cold_s` the median wall time of all gates on a good candidate, one at a
time, with nothing cached. `edit_s` (after an edit, with a cache) is null: there is no cache yet.
`--quick` takes one family for each defect, in turn, instead of all six.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from candidate_families import FAMILIES, FORMS, Draft
from judged_drafts import Judged, judge_draft, judge_drafts
from planted_defects import DEFECTS, WEAKNESSES
from skillkiln.sandbox.bubblewrap import BubblewrapSandbox
from skillkiln.skill.reasons import FailureReason

SEED = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """One candidate, and what it is to be refused for; None when it is good."""

    label: str
    planted: FailureReason | None
    draft: Draft


def build_bad(*, is_quick: bool) -> list[Entry]:
    """Return the planted bad candidates."""
    planted = DEFECTS if is_quick else DEFECTS + WEAKNESSES
    return [
        Entry(f"{bad.name} in {family.name}", bad.reason, bad.change(family.write(SEED)))
        for place, bad in enumerate(planted)
        for number, family in enumerate(FAMILIES)
        if not is_quick or place % len(FAMILIES) == number
    ]


def build_good(*, is_quick: bool) -> list[Entry]:
    """Return the good candidates."""
    return [
        Entry(f"{family.name}, {form}", None, write(family.write(SEED)))
        for number, family in enumerate(FAMILIES)
        for place, (form, write) in enumerate(FORMS.items())
        if not is_quick or number == place
    ]


def print_reasons(entries: Sequence[Entry], results: Sequence[Judged]) -> None:
    """Print how often each planted reason was found, and what was found instead."""
    print(f"{'planted reason':30} {'n':>4} {'refused':>8} {'right reason':>13}")
    for reason in dict.fromkeys(entry.planted for entry in entries):
        chosen = [r for e, r in zip(entries, results, strict=True) if e.planted == reason]
        refused = sum(result.reason is not None for result in chosen)
        right = sum(result.reason is reason for result in chosen)
        print(f"{reason!s:30} {len(chosen):4} {refused:8} {right:13}")
    for entry, result in zip(entries, results, strict=True):
        if result.reason is not entry.planted:
            said = result.evidence.failures[0] if result.evidence.failures else result.verdict
            print(
                f"not as planted: {entry.label}: {entry.planted} -> {result.reason}: {said!r:.300}"
            )


def main() -> None:
    """Judge them all and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    good, bad = build_good(is_quick=options.quick), build_bad(is_quick=options.quick)
    with BubblewrapSandbox() as sandbox:
        good_results = [judge_draft(entry.draft, sandbox) for entry in good]
        bad_results = judge_drafts([entry.draft for entry in bad], sandbox)
    print_reasons([*good, *bad], [*good_results, *bad_results])
    refused = [result.reason is not None for result in bad_results]
    right = [r.reason is e.planted for e, r in zip(bad, bad_results, strict=True)]
    figures = {
        "bad_rejected": sum(refused) / len(bad),
        "right_reason": sum(right) / len(bad),
        "good_rejected": sum(result.reason is not None for result in good_results) / len(good),
        "cold_s": round(median(result.seconds for result in good_results), 2),
        "edit_s": None,
        "bad": len(bad),
        "good": len(good),
    }
    print(json.dumps(figures) if options.json else figures)


if __name__ == "__main__":
    main()
