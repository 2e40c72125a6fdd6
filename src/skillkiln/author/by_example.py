"""The author of string programs: learns to turn texts into a text from examples, without a model.

Made for briefs whose inputs are texts and whose expected result is one text, for example a name to
`Last, F.`. It learns from as few examples as suffice: three to begin with, then each visible case
that the cheapest program gets wrong. The others are held out and become the candidate's tests.

It refuses rather than guesses: with too few examples; where the programs that fit every case
differ on inputs that it may look at (it then asks for the cheapest input on which they differ);
where a branch is shown by too few cases; and where the program is so long that it memorises.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from skillkiln.author.deadline import Clock, Deadline, OutOfTimeError, build_deadline
from skillkiln.author.held_out_tests import (
    OrdinaryTest,
    TestPlan,
    choose_ordinary,
    render_tests,
)
from skillkiln.author.python_text import is_parameter_name
from skillkiln.author.strings.expressions import Row
from skillkiln.author.strings.learner import StringExample, learn_programs
from skillkiln.author.strings.probes import build_probes
from skillkiln.author.strings.programs import StringProgram
from skillkiln.author.strings.source import RESERVED, Header, render_string_skill
from skillkiln.author.write_up import WriteUp, build_candidate, build_title, make_inert
from skillkiln.records.budget import Budget
from skillkiln.records.candidates import Candidate, Refusal
from skillkiln.records.needs import Brief, Case
from skillkiln.skill.kinds import ArtefactKind

NAME = "by-example"
MIN_LEARNED = 3
MIN_HELD_OUT = 2
MIN_SHOWN = 3
"""Visible cases that must take a branch, or the branch is a guess."""
MAX_COST = 16.0
"""A program above this joins so many small parts that it memorises its examples."""
RIVAL_MARGIN = 0.6
"""A program that costs at most this much more than the best is as likely to be meant."""
SURVIVOR_MARGIN = 2.0
"""A program that costs at most this much more is counted, where it answers differently."""
MAX_WALL_MS = 10_000
MAX_LEARNED_TEXT = 2_000
"""Characters of an example; longer ones are checked against the program but not learnt from."""
MAX_LOOKED_AT = 200
"""Unlabelled inputs on which programs are compared."""
MAX_ASKED = 3


@dataclass(frozen=True, slots=True)
class Learnt:
    """The best program, with what it was and was not learnt from, and its rivals."""

    program: StringProgram
    rivals: tuple[StringProgram, ...]
    """Other programs that fit every visible case, the cheapest first."""
    learned: tuple[StringExample, ...]
    held_out: tuple[StringExample, ...]

    def find_disputed(self, rows: Sequence[Row], margin: float) -> list[Row]:
        """Return the rows that it and a rival, dearer by at most a margin, answer differently."""
        programs = [self.program, *self._rivals_within(margin)]
        return [row for row in rows if len({p.find_answer(row) for p in programs} - {None}) > 1]

    def count_survivors(self, rows: Sequence[Row]) -> int:
        """Count the ways in which rivals answer the rows otherwise than the program does."""
        own = [self.program.find_answer(row) for row in rows]
        others: set[tuple[str | None, ...]] = set()
        for rival in self._rivals_within(SURVIVOR_MARGIN):
            # Where one of the two refuses they do not contradict each other.
            answers = [rival.find_answer(row) or mine for row, mine in zip(rows, own, strict=True)]
            if any(mine is not None and a != mine for a, mine in zip(answers, own, strict=True)):
                others.add(tuple(answers))
        return len(others)

    def _rivals_within(self, margin: float) -> list[StringProgram]:
        return [rival for rival in self.rivals if rival.cost <= self.program.cost + margin]


class ByExample:
    """Searches the cheapest string program that fits the examples.

    Args:
        clock: seconds, for the budget.
        max_refused_share: share (0..1) of the unlabelled inputs that a program may refuse before
            its author asks for a label instead of handing it in.
    """

    name = NAME

    def __init__(self, clock: Clock, *, max_refused_share: float = 0.2) -> None:
        self._clock = clock
        self._max_refused_share = max_refused_share

    def write(self, brief: Brief, budget: Budget) -> Candidate | Refusal:
        """Write a string program, or say why not and which label would help."""
        return self._write(brief, (), budget)

    def rewrite(
        self, brief: Brief, failing: tuple[Case, ...], budget: Budget
    ) -> Candidate | Refusal:
        """Learn again with the failing visible cases among those learnt from."""
        return self._write(brief, failing, budget)

    def _write(
        self, brief: Brief, failing: tuple[Case, ...], budget: Budget
    ) -> Candidate | Refusal:
        found = self.learn(brief, failing, budget)
        return found if isinstance(found, Refusal) else _write_up(brief, found)

    def learn(self, brief: Brief, failing: tuple[Case, ...], budget: Budget) -> Learnt | Refusal:
        """Learn the program of a brief without writing it up.

        Args:
            brief: what is asked for.
            failing: visible cases to learn from in any case.
            budget: its `wall_ms` bounds the search, at most `MAX_WALL_MS`.
        """
        examples = read_examples(brief)
        if isinstance(examples, Refusal):
            return examples
        names = tuple(examples[0].row)
        wanted = [dict(case.inputs) for case in failing]
        deadline = build_deadline(self._clock, min(budget.wall_ms, MAX_WALL_MS))
        try:
            learnt = _learn_from_fewest(examples, wanted, names, deadline)
        except OutOfTimeError:
            return _refuse(
                "the wall-clock budget ran out before a program was found",
                "allow more time, shorter examples, or have a model write it",
            )
        if isinstance(learnt, Refusal):
            return learnt
        unlabelled = _read_unlabelled(brief, names)
        return self._find_doubt(learnt, examples, unlabelled) or learnt

    def _find_doubt(
        self, learnt: Learnt, examples: Sequence[StringExample], unlabelled: Sequence[Row]
    ) -> Refusal | None:
        """Return the reason not to hand a program in, if there is one."""
        program = learnt.program
        if program.cost > MAX_COST:
            return _refuse(
                "the only programs that fit join so many small parts that they memorise",
                "this may need knowledge that is not in the input; have a model write it",
            )
        for branch in program.branches:
            if sum(program.branch(example.row) is branch for example in examples) < MIN_SHOWN:
                return _refuse(
                    f"a branch of the program is shown by fewer than {MIN_SHOWN} examples",
                    "label more inputs of the rarer kind",
                )
        disputed = learnt.find_disputed(unlabelled, RIVAL_MARGIN)
        if disputed:
            return _refuse(
                "several programs fit every example and differ on other inputs",
                "label the input that is asked for",
                [_show(row) for row in sorted(disputed, key=_length)[:MAX_ASKED]],
            )
        refused = [row for row in unlabelled if program.find_answer(row) is None]
        if len(refused) > self._max_refused_share * len(unlabelled):
            return _refuse(
                f"it would refuse {len(refused)} of {len(unlabelled)} unlabelled inputs",
                "label one of the inputs that are asked for",
                [_show(row) for row in sorted(refused, key=_length)[:MAX_ASKED]],
            )
        return None


def _refuse(reason: str, hint: str = "", ask: Sequence[str] = ()) -> Refusal:
    return Refusal(author=f"agent:{NAME}", reason=reason, hint=hint, ask=tuple(ask))


def _show(row: Row) -> str:
    """Return a row as the text that a person is asked about."""
    return " | ".join(row.values())


def _length(row: Row) -> int:
    return sum(map(len, row.values()))


def read_examples(brief: Brief) -> list[StringExample] | Refusal:
    """Read a brief's cases, without repeats, or refuse what this author is not made for."""
    if brief.kind is not ArtefactKind.CODE:
        return _refuse(f"it writes code skills, not {brief.kind.value!r}")
    labelled: dict[tuple[tuple[str, str], ...], str] = {}
    names = brief.parameters or (tuple(brief.cases[0].inputs) if brief.cases else ())
    for case in brief.cases:
        row = {name: text for name, text in case.inputs.items() if isinstance(text, str)}
        if set(row) != set(names) or len(row) != len(case.inputs):
            return _refuse("it reads texts, the same ones in every case; a case has others")
        if not isinstance(case.expected, str):
            return _refuse("it answers with one text; a case expects something else")
        key = tuple((name, row[name]) for name in names)
        if labelled.setdefault(key, case.expected) != case.expected:
            return _refuse(f"two labels contradict each other for {_show(row)[:80]!r}")
    unusable = [name for name in names if not is_parameter_name(name) or name in RESERVED]
    if unusable:
        return _refuse(f"{unusable[0]!r} cannot name a parameter of the skill")
    examples = [StringExample(dict(key), output) for key, output in labelled.items()]
    return _find_objection(brief, examples) or examples


def _find_objection(brief: Brief, examples: Sequence[StringExample]) -> Refusal | None:
    needed = MIN_LEARNED + MIN_HELD_OUT
    if len(examples) < needed:
        known = [example.row for example in examples]
        names = tuple(known[0]) if known else brief.parameters
        fresh = [row for row in _read_unlabelled(brief, names) if row not in known]
        return _refuse(
            f"{len(examples)} different examples; it needs {MIN_LEARNED} to learn from and "
            f"{MIN_HELD_OUT} to test on",
            f"label {needed - len(examples)} more inputs",
            [_show(row) for row in sorted(fresh, key=_length)[: needed - len(examples)]],
        )
    if len({example.output for example in examples}) == 1:
        return _refuse("every example has the same answer, which shows no transformation")
    if all(example.output in example.row.values() for example in examples) and all(
        len(example.row) == 1 for example in examples
    ):
        return _refuse("every answer is its input unchanged, which needs no skill")
    return None


def _read_unlabelled(brief: Brief, names: Sequence[str]) -> list[Row]:
    rows: list[Row] = []
    for inputs in brief.unlabelled[:MAX_LOOKED_AT]:
        row = {name: text for name in names if isinstance(text := inputs.get(name), str)}
        if len(row) == len(names):
            rows.append(row)
    return rows


def _learn_from_fewest(
    examples: Sequence[StringExample],
    wanted: Sequence[object],
    names: Sequence[str],
    deadline: Deadline,
) -> Learnt | Refusal:
    """Learn from three examples, then from each further one that the best program gets wrong."""
    usable = [e for e in examples if _length(e.row) + len(e.output) <= MAX_LEARNED_TEXT]
    first = [example for example in usable if example.row in wanted]
    others = [example for example in usable if example not in first]
    chosen = (first + others)[: max(MIN_LEARNED, len(first))]
    while True:
        programs = [
            _require_text(program, examples) for program in learn_programs(chosen, names, deadline)
        ]
        if not programs:
            return _refuse(
                "no program of its language makes the expected answers out of the inputs",
                "the answer may need knowledge that is not in the input; have a model write it",
            )
        best = programs[0]
        wrong = [e for e in examples if best.find_answer(e.row) != e.output]
        fresh = next((example for example in wrong if example not in chosen), None)
        held_out = [example for example in examples if example not in chosen]
        if not wrong and len(held_out) >= MIN_HELD_OUT:
            fits = [p for p in programs[1:] if _fits(p, examples)]
            return Learnt(best, tuple(fits), tuple(chosen), tuple(held_out))
        if fresh is None or len(held_out) <= MIN_HELD_OUT:
            return _refuse(
                f"{len(chosen)} of {len(examples)} examples did not settle a program that also "
                "gets the others right",
                "label more inputs, or have a model write it",
            )
        chosen = [*chosen, fresh]


def _require_text(program: StringProgram, examples: Sequence[StringExample]) -> StringProgram:
    """Have a program refuse blanks where no example shows what to do with them."""
    names = examples[0].row
    required = [name for name in names if all(example.row[name].strip() for example in examples)]
    return replace(program, required=tuple(required))


def _fits(program: StringProgram, examples: Sequence[StringExample]) -> bool:
    return all(program.find_answer(example.row) == example.output for example in examples)


def _write_up(brief: Brief, learnt: Learnt) -> Candidate:
    program = learnt.program
    examples = [*learnt.learned, *learnt.held_out]
    names = tuple(examples[0].row)
    unlabelled = _read_unlabelled(brief, names)
    plan = TestPlan(
        skill_name=brief.name,
        parameters=names,
        answer_type="str",
        ordinary=choose_ordinary(
            [OrdinaryTest(tuple(e.row.values()), e.output) for e in learnt.held_out]
        ),
        probes=tuple(build_probes(program, [example.row for example in examples])),
    )
    header = Header(build_title(brief), tuple(_plain_examples(learnt.learned)))
    has_condition = program.guard is not None
    return build_candidate(
        brief,
        WriteUp(
            author=NAME,
            skill_py=render_string_skill(program, names, header),
            test_py=render_tests(plan),
            answer="one text",
            limits=(
                "It raises `ValueError` where a part that the answer is made of is missing.",
                "It looks nothing up: the answer is made of the input's own text and constants.",
                "It treats two kinds of input differently, as the examples do."
                if has_condition
                else "It treats every input in the same way.",
            ),
            explanation=_explain(learnt, unlabelled),
            learned_from=len(learnt.learned),
            held_out=len(learnt.held_out),
            surviving_programs=learnt.count_survivors(unlabelled),
        ),
    )


def _plain_examples(examples: Sequence[StringExample]) -> list[str]:
    """Return short examples whose text can stand in a docstring as it is."""
    shown = [f"{_show(example.row)!r} -> {example.output!r}" for example in examples]
    return [line for line in shown if len(line) <= 80 and "\\" not in line and '"""' not in line][
        :2
    ]


def _explain(learnt: Learnt, unlabelled: Sequence[Row]) -> str:
    shown = "; ".join(
        f"{make_inert(_show(e.row), 60)!r} gives {make_inert(e.output, 60)!r}"
        for e in learnt.learned[:3]
    )
    if unlabelled:
        doubt = (
            f"{len(learnt.rivals)} further programs fit every example too; none that is about as "
            f"simple answers one of {len(unlabelled)} unlabelled inputs otherwise."
        )
    else:
        doubt = (
            f"{len(learnt.rivals)} further programs fit every example too, and there was no "
            "unlabelled input to compare them on."
        )
    return " ".join(
        [
            f"Learnt from {len(learnt.learned)} examples ({shown}); the other "
            f"{len(learnt.held_out)} were not learnt from and are answered as expected.",
            doubt,
            "It refuses, with ValueError, a blank input and one that lacks a part it needs.",
        ]
    )
