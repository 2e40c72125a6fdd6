"""The author of line parsers: learns to take named fields out of a line, without a model.

Made for briefs with one text parameter whose expected result is a set of named texts that all
stand in the line, for example access logs and key=value logs. It learns from as few labelled lines
as suffice: three to begin with, then each visible line that the parser gets wrong. The others are
held out and become the candidate's tests. Below three to learn from and two held out it refuses,
and says which lines it would like to have labelled.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from skillkiln.author.deadline import Clock, Deadline, OutOfTimeError, build_deadline
from skillkiln.author.held_out_tests import (
    OrdinaryTest,
    TestPlan,
    choose_ordinary,
    render_tests,
)
from skillkiln.author.lines.parser import LabelledLine, LineParser, learn_parser
from skillkiln.author.lines.probes import build_probes
from skillkiln.author.lines.source import render_line_skill
from skillkiln.author.python_text import is_parameter_name
from skillkiln.author.write_up import WriteUp, build_candidate, build_title
from skillkiln.records.budget import Budget
from skillkiln.records.candidates import Candidate, Refusal
from skillkiln.records.needs import Brief, Case
from skillkiln.skill.kinds import ArtefactKind

NAME = "record-fields"
MIN_LEARNED = 3
MIN_HELD_OUT = 2
MAX_ASKED = 5
MAX_LEARNED_LINE = 8_000
"""Characters; longer lines are checked against the parser but not learnt from."""


@dataclass(frozen=True, slots=True)
class Learnt:
    """A parser with the lines that it was and was not learnt from."""

    parser: LineParser
    learned: tuple[LabelledLine, ...]
    held_out: tuple[LabelledLine, ...]


class RecordFields:
    """Learns an ordered list of full-match patterns with named fields.

    Args:
        clock: seconds, for the budget.
        max_refused_share: share (0..1) of the unlabelled lines that a parser may refuse before its
            author asks for a label instead of handing it in.
    """

    name = NAME

    def __init__(self, clock: Clock, *, max_refused_share: float = 0.2) -> None:
        self._clock = clock
        self._max_refused_share = max_refused_share

    def write(self, brief: Brief, budget: Budget) -> Candidate | Refusal:
        """Write a line parser, or say why not and which labels would help."""
        return self._write(brief, (), budget)

    def rewrite(
        self, brief: Brief, failing: tuple[Case, ...], budget: Budget
    ) -> Candidate | Refusal:
        """Learn again with the failing visible lines among those learnt from."""
        return self._write(brief, failing, budget)

    def _write(
        self, brief: Brief, failing: tuple[Case, ...], budget: Budget
    ) -> Candidate | Refusal:
        found = self.learn(brief, failing, budget)
        return found if isinstance(found, Refusal) else _write_up(brief, found)

    def learn(self, brief: Brief, failing: tuple[Case, ...], budget: Budget) -> Learnt | Refusal:
        """Learn the parser of a brief without writing it up.

        Args:
            brief: what is asked for.
            failing: visible cases to learn from in any case.
            budget: its `wall_ms` bounds the learning.
        """
        labelled = read_lines(brief)
        if isinstance(labelled, Refusal):
            return labelled
        parameter = next(iter(brief.cases[0].inputs))
        unlabelled = _texts(brief.unlabelled, parameter)
        wanted = set(_texts([case.inputs for case in failing], parameter))
        deadline = build_deadline(self._clock, budget.wall_ms)
        try:
            learnt = learn_from_fewest(labelled, wanted, unlabelled, deadline)
        except OutOfTimeError:
            return _refuse("the wall-clock budget ran out", "allow more time or fewer cases")
        if isinstance(learnt, Refusal):
            return learnt
        refused = [line for line in unlabelled if learnt.parser.find_fields(line) is None]
        if len(refused) > self._max_refused_share * len(unlabelled):
            return _refuse(
                f"it would refuse {len(refused)} of {len(unlabelled)} unlabelled lines",
                "label a line of each shape that is asked for",
                _cheapest(refused),
            )
        return learnt


def _texts(rows: Sequence[Mapping[str, JsonValue]], parameter: str) -> list[str]:
    return [text for row in rows if isinstance(text := row.get(parameter), str)]


def _refuse(reason: str, hint: str = "", ask: Sequence[str] = ()) -> Refusal:
    return Refusal(author=f"agent:{NAME}", reason=reason, hint=hint, ask=tuple(ask))


def read_lines(brief: Brief) -> list[LabelledLine] | Refusal:
    """Read a brief's cases, without repeats, or refuse what this author is not made for."""
    if brief.kind is not ArtefactKind.CODE:
        return _refuse(f"it writes code skills, not {brief.kind.value!r}")
    labelled: dict[str, Mapping[str, str]] = {}
    names: tuple[str, ...] | None = None
    for case in brief.cases:
        values = list(case.inputs.values())
        if len(values) != 1 or not isinstance(values[0], str):
            return _refuse("it reads one text at a time; a case has other inputs")
        fields = _read_fields(case)
        if fields is None:
            return _refuse("it answers with named texts; a case expects something else")
        names = names or tuple(fields)
        if set(names) != set(fields):
            return _refuse(f"the cases differ in their fields: {sorted(set(names) ^ set(fields))}")
        ordered = {name: fields[name] for name in names}
        if labelled.setdefault(values[0], ordered) != ordered:
            return _refuse(f"two labels contradict each other for {values[0][:80]!r}")
    if brief.cases and not is_parameter_name(next(iter(brief.cases[0].inputs))):
        return _refuse("the input's name cannot name a parameter in Python")
    lines = [LabelledLine(line, fields) for line, fields in labelled.items()]
    if len(lines) < MIN_LEARNED + MIN_HELD_OUT:
        return _refuse_too_few(brief, lines)
    return lines


def _read_fields(case: Case) -> dict[str, str] | None:
    if not isinstance(case.expected, dict) or not case.expected:
        return None
    texts = {name: text for name, text in case.expected.items() if isinstance(text, str)}
    return texts if len(texts) == len(case.expected) else None


def _refuse_too_few(brief: Brief, lines: Sequence[LabelledLine]) -> Refusal:
    known = {labelled.line for labelled in lines}
    parameter = (brief.parameters or ("line",))[0]
    rows = [row.get(parameter) for row in brief.unlabelled]
    fresh = [
        row for row in dict.fromkeys(r for r in rows if isinstance(r, str)) if row not in known
    ]
    needed = MIN_LEARNED + MIN_HELD_OUT
    return _refuse(
        f"{len(lines)} different labelled lines; it needs {MIN_LEARNED} to learn from and "
        f"{MIN_HELD_OUT} to test on",
        f"label {needed - len(lines)} more lines",
        _most_different(fresh, needed - len(lines)),
    )


def _most_different(lines: Sequence[str], count: int) -> list[str]:
    """Return lines whose punctuation differs first: they are likely to show other shapes."""
    seen: dict[str, str] = {}
    for line in lines:
        seen.setdefault("".join(c for c in line[:200] if not c.isalnum()), line)
    return [*seen.values(), *(line for line in lines if line not in seen.values())][:count]


def _cheapest(lines: Sequence[str]) -> list[str]:
    """Return a few lines to ask about: of other shapes first, the shorter the cheaper."""
    return sorted(_most_different(lines, MAX_ASKED), key=len)


def learn_from_fewest(
    lines: Sequence[LabelledLine],
    wanted: set[str],
    unlabelled: Sequence[str],
    deadline: Deadline,
) -> Learnt | Refusal:
    """Learn from three lines, then from each further line that the parser gets wrong.

    Args:
        lines: the labelled lines, all different.
        wanted: lines to learn from in any case.
        unlabelled: lines that patterns may be loosened by.
        deadline: when to stop.

    Raises:
        OutOfTimeError: the deadline passed.
    """
    usable = [labelled for labelled in lines if len(labelled.line) <= MAX_LEARNED_LINE]
    first = [labelled for labelled in usable if labelled.line in wanted]
    chosen = first + [labelled for labelled in usable if labelled not in first]
    chosen = chosen[: max(MIN_LEARNED, len(first))]
    pool = [*unlabelled, *(labelled.line for labelled in lines)]
    while True:
        deadline.check()
        learnt = learn_parser(chosen, pool, deadline)
        if isinstance(learnt, str):
            return _refuse(learnt, "check the labels, or have a model write it")
        held_out = [labelled for labelled in lines if labelled not in chosen]
        if len(held_out) < MIN_HELD_OUT:
            return _refuse(
                f"it had to learn from {len(chosen)} of {len(lines)} labelled lines, which leaves "
                f"fewer than {MIN_HELD_OUT} to test on",
                "label more lines of the rarer shapes",
                _cheapest([line for line in unlabelled if learnt.find_fields(line) is None]),
            )
        wrong = [h for h in held_out if learnt.find_fields(h.line) != h.fields]
        if not wrong:
            used = learnt.keep_used([h.line for h in (*chosen, *held_out)])
            return Learnt(used, tuple(chosen), tuple(held_out))
        chosen = [*chosen, wrong[0]]


def _write_up(brief: Brief, learnt: Learnt) -> Candidate:
    parser = learnt.parser
    parameter = next(iter(brief.cases[0].inputs))
    unlabelled = _texts(brief.unlabelled, parameter)
    labelled = [*learnt.learned, *learnt.held_out]
    samples = [_find_sample(parser, index, labelled) for index in range(len(parser.patterns))]
    count = len(parser.patterns)
    shapes = "1 shape" if count == 1 else f"{count} shapes"
    fields = ", ".join(f"`{field}`" for field in parser.fields)
    plan = TestPlan(
        skill_name=brief.name,
        parameters=(parameter,),
        answer_type="dict[str, str]",
        ordinary=choose_ordinary(
            [OrdinaryTest((h.line,), dict(h.fields)) for h in learnt.held_out]
        ),
        probes=tuple(build_probes(parser, labelled)),
    )
    return build_candidate(
        brief,
        WriteUp(
            author=NAME,
            skill_py=render_line_skill(
                parser, samples, parameter=parameter, title=build_title(brief)
            ),
            test_py=render_tests(plan),
            answer=f"an object with the text fields {fields}",
            limits=(
                f"It knows {shapes} of line and raises `ValueError` for every other.",
                "Fields are given as they stand in the line: no number or date is converted.",
                "It reads one line at a time; a record over several lines is refused.",
            ),
            explanation=_explain(learnt, samples, unlabelled),
            learned_from=len(learnt.learned),
            held_out=len(learnt.held_out),
        ),
    )


def _find_sample(parser: LineParser, index: int, labelled: Sequence[LabelledLine]) -> str:
    """Return a labelled line of the pattern at an index; each was fitted to at least one."""
    wanted = parser.patterns[index]
    return next(item.line for item in labelled if parser.find_pattern(item.line) is wanted)


def _explain(learnt: Learnt, samples: Sequence[str], unlabelled: Sequence[str]) -> str:
    refused = [line for line in unlabelled if learnt.parser.find_fields(line) is None]
    shown = "; ".join(repr(sample[:100]) for sample in samples)
    parts = [
        f"Learnt from {len(learnt.learned)} labelled lines; the other {len(learnt.held_out)} were "
        "not learnt from and are read exactly.",
        f"Shapes it knows, by example: {shown}.",
        "Any other line is refused with ValueError.",
    ]
    if unlabelled:
        parts.append(
            f"Of {len(unlabelled)} unlabelled lines it refuses {len(refused)}"
            + (f", the first being {refused[0][:100]!r}." if refused else ".")
        )
    return " ".join(parts)
