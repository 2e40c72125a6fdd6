"""Measures where candidates fall on the judge's scale from 0 to 10.

    python benchmarks/scores.py [--quick] [--json]

Clean candidates in three forms, and the same spoiled in twelve ways that break no rule (weak tests,
tangled or padded code, copied examples, thin evidence, no documents), each through all real gates.
A clean one is to reach 9.6, a spoiled one is not. `--quick` takes one family for each way, in turn,
and three clean candidates; without it every family is taken, 90 candidates in all.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from candidate_families import FAMILIES, FORMS, Draft
from judged_drafts import Judged, judge_drafts
from planted_defects import WEAKNESSES
from skillkiln.judge.score import DEFAULT_MIN_SCORE
from skillkiln.sandbox.bubblewrap import BubblewrapSandbox

SEED = 7
BIN = 0.2
LOWEST = 8.0


@dataclass(frozen=True, slots=True)
class Entry:
    """One candidate to be scored."""

    group: str
    family: str
    is_clean: bool
    draft: Draft


def build_entries(*, is_quick: bool) -> list[Entry]:
    """Return the candidates to score."""
    entries: list[Entry] = []
    for number, family in enumerate(FAMILIES):
        draft = family.write(SEED)
        for place, (form, write) in enumerate(FORMS.items()):
            if not is_quick or number == place:
                entries.append(Entry(f"clean, {form}", family.name, True, write(draft)))
        for place, weakness in enumerate(WEAKNESSES):
            if not is_quick or place % len(FAMILIES) == number:
                spoiled = weakness.change(draft)
                entries.append(Entry(weakness.name, family.name, False, spoiled))
    return entries


def print_table(entries: Sequence[Entry], results: Sequence[Judged]) -> None:
    """Print the scores of each group, and what its first candidate lost points for."""
    groups = dict.fromkeys(entry.group for entry in entries)
    print(f"{'group':30} {'n':>3} {'lowest':>7} {'median':>7} {'highest':>8}  lost most by")
    for group in groups:
        chosen = [r for e, r in zip(entries, results, strict=True) if e.group == group]
        scores = [result.verdict.score for result in chosen]
        lines = sorted(chosen[0].verdict.lines, key=lambda line: line.points - line.out_of)
        lost = lines[0].points - lines[0].out_of
        why = f"{lines[0].criterion} {lost:+.2f}: {lines[0].because}" if lost else ""
        print(
            f"{group:30} {len(scores):3} {min(scores):7.2f} {median(scores):7.2f} "
            f"{max(scores):8.2f}  {why}"
        )


def print_histogram(entries: Sequence[Entry], results: Sequence[Judged]) -> None:
    """Print how many candidates fall into each fifth of a point: `#` clean, `o` spoiled."""
    bins = round((10 - LOWEST) / BIN)
    print(f"\nscore        candidates (# clean, o spoiled; accepted from {DEFAULT_MIN_SCORE})")
    for number in range(bins, -2, -1):
        low, high = LOWEST + number * BIN, LOWEST + (number + 1) * BIN
        marks = "".join(
            "#" if entry.is_clean else "o"
            for entry, result in zip(entries, results, strict=True)
            if (low - 1e-9 <= result.verdict.score < high - 1e-9)
            or (number < 0 and result.verdict.score < LOWEST)
        )
        print(f"{f'{low:.1f}..' if number >= 0 else f'< {LOWEST}':10}   {marks}")


def main() -> None:
    """Score them all and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    entries = build_entries(is_quick=options.quick)
    with BubblewrapSandbox() as sandbox:
        results = judge_drafts([entry.draft for entry in entries], sandbox)
    print_table(entries, results)
    print_histogram(entries, results)
    wrong = [
        f"{entry.group} of {entry.family}: {result.verdict.score}, {result.verdict.reason}"
        for entry, result in zip(entries, results, strict=True)
        if result.verdict.is_accepted is not entry.is_clean or result.evidence.failures
    ]
    print("\n".join(["", *(f"not as meant: {line}" for line in wrong)]))
    clean = [r.verdict.score for e, r in zip(entries, results, strict=True) if e.is_clean]
    spoiled = [r.verdict.score for e, r in zip(entries, results, strict=True) if not e.is_clean]
    summary = {
        "candidates": len(entries),
        "clean_lowest": min(clean),
        "spoiled_median": median(spoiled),
        "spoiled_highest": max(spoiled),
        "not_as_meant": len(wrong),
    }
    print(json.dumps(summary) if options.json else summary)


if __name__ == "__main__":
    main()
