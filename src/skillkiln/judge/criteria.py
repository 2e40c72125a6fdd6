"""What a candidate is scored by: a table of criteria that add up to ten.

Each criterion names the gates whose evidence it stands on, and gives no points unless all of them
passed: what was not measured earns nothing. Each says in words what it saw, so that a person can
go through the table with the evidence beside it and come to the same sum.

The losses are set so that one real weakness (a kind of input without a test, a knot of branches,
examples written down again, programs that the examples do not tell apart) already takes a candidate
below 9.6, and two slight ones together do. `benchmarks/scores.py` shows where candidates fall.
"""

from collections.abc import Callable
from dataclasses import dataclass

from skillkiln.records.candidates import Candidate
from skillkiln.records.evidence import Evidence

KINDS = ("ordinary", "null", "anomalous", "massive")

SEALED_LOSS = {0: 1.0, 1: 0.67, 2: 0.33, 3: 0.13, 4: 0.07}
"""Share of the points lost when there are only so few sealed cases; from five on nothing is."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """What one criterion came to: a share from 0 to 1, and what was seen."""

    share: float
    because: str


@dataclass(frozen=True, slots=True)
class Criterion:
    """One row of the table."""

    name: str
    out_of: float
    gates: tuple[str, ...]
    weigh: Callable[[Evidence, Candidate], Weighed]


def weigh_sealed(evidence: Evidence, _candidate: Candidate) -> Weighed:
    """Right on cases that no author saw, and on enough of them to mean something."""
    count, right = evidence.figure("sealed_count"), evidence.figure("sealed_right")
    share = right / count if count else 0.0
    return Weighed(
        share * (1 - SEALED_LOSS.get(int(count), 0.0)),
        f"{right:.0f} of {count:.0f} sealed cases right; full points from 5",
    )


def weigh_held_out(_evidence: Evidence, candidate: Candidate) -> Weighed:
    """Half as many examples kept out of learning as were learned from."""
    learned, held_out = candidate.learned_from, candidate.held_out
    if not learned:
        return Weighed(1.0, "not fitted to examples")
    return Weighed(
        _ramp(held_out / learned, zero=0.0, full=0.5),
        f"{held_out} held out against {learned} learned from; full points from one half",
    )


def weigh_ambiguity(_evidence: Evidence, candidate: Candidate) -> Weighed:
    """No other program fits as well: each that does costs a quarter."""
    others = candidate.surviving_programs
    return Weighed(_ramp(others, zero=4, full=0), f"{others} other programs fit as well")


def weigh_test_count(evidence: Evidence, _candidate: Candidate) -> Weighed:
    """Five tests or more."""
    tests = evidence.figure("tests")
    return Weighed(_ramp(tests, zero=2, full=5), f"{tests:.0f} tests; full points from 5")


def weigh_kinds(evidence: Evidence, _candidate: Candidate) -> Weighed:
    """Ordinary, null, anomalous and massive input, a quarter each."""
    missing = [kind for kind in KINDS if not evidence.figure(f"kind_{kind}")]
    because = f"no test with {', '.join(missing)} input" if missing else "all four kinds of input"
    return Weighed(1 - len(missing) / len(KINDS), because)


def weigh_coverage(evidence: Evidence, _candidate: Candidate) -> Weighed:
    """The tests reach the code."""
    coverage = evidence.figure("line_coverage")
    return Weighed(_ramp(coverage, zero=0.8, full=0.95), f"tests reach {coverage:.0%} of the lines")


def weigh_mutants(evidence: Evidence, _candidate: Candidate) -> Weighed:
    """The tests notice planted changes."""
    mutants, killed = evidence.figure("mutants"), evidence.figure("mutants_killed")
    return Weighed(
        _ramp(killed / mutants if mutants else 0.0, zero=0.25, full=0.75),
        f"tests notice {killed:.0f} of {mutants:.0f} planted changes",
    )


def weigh_complexity(evidence: Evidence, _candidate: Candidate) -> Weighed:
    """No function with more than a handful of decisions, no deep nests."""
    complexity, nesting = evidence.figure("max_complexity"), evidence.figure("max_nesting")
    share = min(_ramp(complexity, zero=10, full=5), _ramp(nesting, zero=6, full=3))
    return Weighed(
        share, f"complexity {complexity:.0f} (full to 5), nesting {nesting:.0f} (full to 3)"
    )


def weigh_size(evidence: Evidence, _candidate: Candidate) -> Weighed:
    """Short enough to be read at one go."""
    lines = evidence.figure("code_lines")
    return Weighed(_ramp(lines, zero=200, full=80), f"{lines:.0f} lines of code; full to 80")


def weigh_copying(evidence: Evidence, _candidate: Candidate) -> Weighed:
    """A rule rather than its examples written down again."""
    share = evidence.figure("copied_share")
    return Weighed(
        _ramp(share, zero=0.2, full=0.0), f"{share:.0%} of the examples stand in the code"
    )


def weigh_cleanliness(evidence: Evidence, _candidate: Candidate) -> Weighed:
    """Nothing that checkers let pass with a shrug."""
    counts = {
        "loose types": evidence.figure("loose_types"),
        "slips of style": evidence.figure("style_slips"),
        "low security findings": evidence.figure("security_low"),
    }
    seen = ", ".join(f"{count:.0f} {name}" for name, count in counts.items())
    return Weighed(_ramp(sum(counts.values()), zero=6, full=0), seen)


def weigh_steadiness(evidence: Evidence, _candidate: Candidate) -> Weighed:
    """The same answer again, with time and memory to spare."""
    used = max(evidence.figure("timeout_share"), evidence.figure("memory_share"))
    return Weighed(
        _ramp(used, zero=1.0, full=0.5),
        f"the same answers twice; at most {used:.0%} of its time or memory used",
    )


def weigh_documentation(evidence: Evidence, _candidate: Candidate) -> Weighed:
    """Says when to use it, what it takes, what it refuses, and has docstrings."""
    asked = ("says_when", "names_parameters", "says_limits", "has_docstrings")
    missing = [name.replace("_", " ") for name in asked if not evidence.figure(name)]
    because = f"missing: {', '.join(missing)}" if missing else "when, interface, limits, docstrings"
    return Weighed(1 - len(missing) / len(asked), because)


def _ramp(value: float, *, zero: float, full: float) -> float:
    """Return the share that a value earns between where nothing and where everything is earned."""
    return min(1.0, max(0.0, (value - zero) / (full - zero)))


CRITERIA = (
    Criterion("sealed cases", 1.5, ("sealed_cases",), weigh_sealed),
    Criterion("held-out examples", 0.6, ("visible_cases",), weigh_held_out),
    Criterion("settled by the examples", 0.6, ("sealed_cases",), weigh_ambiguity),
    Criterion("number of tests", 0.5, ("own_tests",), weigh_test_count),
    Criterion("kinds of input tested", 1.8, ("review_tests", "own_tests"), weigh_kinds),
    Criterion("code reached by tests", 0.5, ("own_tests",), weigh_coverage),
    Criterion("changes noticed by tests", 0.5, ("mutants",), weigh_mutants),
    Criterion("simple control flow", 0.8, ("structure", "style"), weigh_complexity),
    Criterion("short", 0.5, ("structure",), weigh_size),
    Criterion("a rule, not copies", 0.6, ("structure",), weigh_copying),
    Criterion("clean", 0.6, ("types", "style", "security", "suppressions"), weigh_cleanliness),
    Criterion("steady and within limits", 0.5, ("determinism", "limits"), weigh_steadiness),
    Criterion("documented", 0.8, ("documentation",), weigh_documentation),
)
"""All rows but the last, which looks at earlier attempts (`judge.history`); 9.8 points."""
