"""The cheapest concatenations of atoms and constants that make every output.

A state is how far each example's output has been made; an atom leads from a state to the next when
its text stands next in every output. This is a shortest-path search over all examples at once.

Source: the search space is FlashFill's concatenation DAG (Gulwani, POPL 2011), walked jointly in
order of cost (Dijkstra) instead of being built for each example and intersected.
"""

import heapq
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from skillkiln.author.deadline import Deadline
from skillkiln.author.strings.atoms import Atoms, Vector
from skillkiln.author.strings.expressions import Constant, Expression
from skillkiln.author.strings.programs import Concatenation
from skillkiln.author.strings.vocabulary import constant_cost

PART_COST = 1.0
"""What each part of a concatenation costs beside itself."""
MAX_PATHS = 8
MAX_STEPS = 12_000
MAX_VARIANTS = 80
"""Concatenations made of one search by exchanging parts that the examples cannot tell apart."""

Step = Vector | str
"""An atom's vector, or a constant."""


@dataclass(frozen=True, slots=True)
class _Path:
    """What has been made so far: the steps, the last one first."""

    step: Step
    before: "_Path | None"


def find_concatenations(
    outputs: Sequence[str], atoms: Atoms, deadline: Deadline
) -> list[tuple[float, Concatenation]]:
    """Find the cheapest ways to make the outputs, with their cost, the cheapest first.

    Args:
        outputs: one for each example, none of them empty.
        atoms: what the inputs have to offer.
        deadline: when to stop.

    Raises:
        OutOfTimeError: the deadline passed.
    """
    found: list[tuple[float, Concatenation]] = []
    for cost, steps in _find_paths(outputs, atoms, deadline):
        found += _expand(cost, steps, atoms)
    unique: dict[Concatenation, float] = {}
    for cost, concatenation in sorted(found, key=lambda item: item[0])[:MAX_VARIANTS]:
        unique.setdefault(concatenation, cost)
    return [(cost, concatenation) for concatenation, cost in unique.items()]


def _find_paths(
    outputs: Sequence[str], atoms: Atoms, deadline: Deadline
) -> list[tuple[float, list[Step]]]:
    goal = tuple(map(len, outputs))
    by_start: dict[str, list[tuple[Vector, float]]] = {}
    for vector, kept in atoms.items():
        by_start.setdefault(vector[0], []).append((vector, kept[0][0]))
    counter = itertools.count()
    start = (0,) * len(outputs)
    queue: list[tuple[float, int, tuple[int, ...], _Path | None]] = [(0.0, 0, start, None)]
    visits: dict[tuple[int, ...], int] = {}
    paths: list[tuple[float, list[Step]]] = []
    for steps in range(MAX_STEPS):
        if not queue or len(paths) >= MAX_PATHS:
            break
        if steps % 100 == 0:
            deadline.check()
        cost, _, state, path = heapq.heappop(queue)
        if state == goal:
            paths.append((cost, _unwind(path)))
            continue
        visits[state] = visits.get(state, 0) + 1
        if visits[state] > MAX_PATHS:
            continue
        for step, step_cost in _next_steps(outputs, state, path, by_start):
            ahead = _advance(state, step)
            entry = (cost + step_cost + PART_COST, next(counter), ahead, _Path(step, path))
            heapq.heappush(queue, entry)
    return paths


def _unwind(path: _Path | None) -> list[Step]:
    steps: list[Step] = []
    while path is not None:
        steps.append(path.step)
        path = path.before
    return steps[::-1]


def _advance(state: tuple[int, ...], step: Step) -> tuple[int, ...]:
    if isinstance(step, str):
        return tuple(at + len(step) for at in state)
    return tuple(at + len(text) for at, text in zip(state, step, strict=True))


def _next_steps(
    outputs: Sequence[str],
    state: tuple[int, ...],
    path: _Path | None,
    by_start: dict[str, list[tuple[Vector, float]]],
) -> list[tuple[Step, float]]:
    first, at = outputs[0], state[0]
    steps: list[tuple[Step, float]] = []
    for end in range(at, len(first) + 1):
        for vector, cost in by_start.get(first[at:end], ()):
            places = zip(vector, outputs, state, strict=True)
            if all(output.startswith(text, place) for text, output, place in places):
                steps.append((vector, cost))
    # Two constants in a row are one constant.
    if path is None or not isinstance(path.step, str):
        common = _common_text(outputs, state)
        steps += [
            (common[:size], constant_cost(common[:size], len(outputs)) - PART_COST / 2)
            for size in range(1, len(common) + 1)
        ]
    return steps


def _common_text(outputs: Sequence[str], state: tuple[int, ...]) -> str:
    """Return what stands next in every output."""
    rests = [output[at : at + 60] for output, at in zip(outputs, state, strict=True)]
    shortest = min(rests, key=len)
    size = 0
    while size < len(shortest) and all(rest[size] == shortest[size] for rest in rests):
        size += 1
    return shortest[:size]


def _expand(cost: float, steps: Sequence[Step], atoms: Atoms) -> list[tuple[float, Concatenation]]:
    """Return a path's cheapest concatenation, and each that differs from it in one part."""
    cheapest: list[Expression] = [
        Constant(step) if isinstance(step, str) else atoms[step][0][1] for step in steps
    ]
    found = [(cost, Concatenation(tuple(cheapest)))]
    for at, step in enumerate(steps):
        if isinstance(step, str):
            continue
        for part_cost, part in atoms[step][1:]:
            parts = (*cheapest[:at], part, *cheapest[at + 1 :])
            found.append((cost + part_cost - atoms[step][0][0], Concatenation(parts)))
    return found
