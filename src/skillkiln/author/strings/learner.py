"""Learning string programs: straight ones first, then ones with a single condition.

A condition is worth its cost only where the straight program would memorise: learning tries one
when there is no straight program or the best costs more than `MEMORISING_COST` for each example.
Programs with more than two branches are not looked for: measured on public tasks, those that fit
few examples mostly memorise them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from skillkiln.author.deadline import Deadline
from skillkiln.author.strings.atoms import find_atoms
from skillkiln.author.strings.expressions import Constant, Row
from skillkiln.author.strings.guards import find_guards
from skillkiln.author.strings.programs import Concatenation, StringProgram
from skillkiln.author.strings.search import find_concatenations

GUARD_COST = 2.5
"""What a second branch costs beside its condition."""
MEMORISING_COST = 6.0
"""A straight program below this is not questioned."""
MAX_GUARDS = 20
MAX_PROGRAMS = 80


@dataclass(frozen=True, slots=True)
class StringExample:
    """A row with its result."""

    row: Row
    output: str


def learn_programs(
    examples: Sequence[StringExample], names: Sequence[str], deadline: Deadline
) -> list[StringProgram]:
    """Find programs that fit every example, the cheapest first.

    Args:
        examples: at least one.
        names: the inputs' names.
        deadline: when to stop.

    Raises:
        OutOfTimeError: the deadline passed before a program was found.
    """
    straight = _learn_straight(examples, names, deadline)
    programs = [StringProgram(cost, concatenation) for cost, concatenation in straight]
    if not programs or programs[0].cost > MEMORISING_COST:
        programs += _learn_guarded(examples, names, deadline)
    return sorted(programs, key=lambda program: program.cost)[:MAX_PROGRAMS]


def _learn_straight(
    examples: Sequence[StringExample], names: Sequence[str], deadline: Deadline
) -> list[tuple[float, Concatenation]]:
    outputs = [example.output for example in examples]
    if set(outputs) == {""}:
        return [(0.5, Concatenation((Constant(""),)))]
    rows = [example.row for example in examples]
    atoms = find_atoms(rows, names, outputs, deadline)
    return find_concatenations(outputs, atoms, deadline)


def _learn_guarded(
    examples: Sequence[StringExample], names: Sequence[str], deadline: Deadline
) -> list[StringProgram]:
    known: dict[tuple[bool, ...], list[tuple[float, Concatenation]]] = {}

    def learn_part(chosen: tuple[bool, ...]) -> list[tuple[float, Concatenation]]:
        if chosen not in known:
            part = [e for e, is_in in zip(examples, chosen, strict=True) if is_in]
            known[chosen] = _learn_straight(part, names, deadline)
        return known[chosen]

    programs: list[StringProgram] = []
    for cost, guard in find_guards([example.row for example in examples], names)[:MAX_GUARDS]:
        if deadline.is_over and programs:
            break
        holds = tuple(guard.holds(example.row) for example in examples)
        guarded = learn_part(holds)
        otherwise = learn_part(tuple(not held for held in holds)) if guarded else []
        programs += [
            StringProgram(GUARD_COST + cost + cost_a + cost_b, otherwise_part, guard, guarded_part)
            for cost_a, guarded_part in guarded[:3]
            for cost_b, otherwise_part in otherwise[:3]
        ]
    return programs
