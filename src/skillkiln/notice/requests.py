"""A need straight from a person's request: rows of a table, or labelled log lines."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from skillkiln.errors import InvalidInputError
from skillkiln.notice.interface import NoNeed
from skillkiln.notice.split import split_cases
from skillkiln.notice.tables import Table
from skillkiln.records.needs import Case, Need
from skillkiln.skill.digest import sha256_hex
from skillkiln.skill.name import normalise_name

REASON = "a repeated procedure with one right answer is a code skill"
LINE = "line"
MIN_ROWS = 11
"""Three to learn from, two to test with, three to seal, three to hold back."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a person asked for beyond the examples."""

    name: str | None = None
    purpose: str | None = None
    outputs: tuple[str, ...] = ()
    """Wanted columns; the last one of the table when there are none."""


def build_need_from_table(table: Table, request: Request, *, seed: int) -> Need | NoNeed:
    """Build a need from rows.

    One wanted column makes a skill that returns text; several make one that returns a record. All
    other columns are its parameters.

    Raises:
        InvalidInputError: a wanted column is not there, or no column is left as a parameter.
    """
    outputs = request.outputs or (table.columns[-1],)
    missing = [name for name in outputs if name not in table.columns]
    given = [name for name in table.columns if name not in outputs]
    if missing or not given:
        raise InvalidInputError(
            f"{table.source!r}: columns are {list(table.columns)}, wanted {list(outputs)}",
            hint="name existing columns with --output, and leave at least one as input",
        )
    parameters = name_parameters(given)
    cases = [
        _build_row_case(table, number, row, dict(zip(given, parameters, strict=True)), outputs)
        for number, row in enumerate(table.rows, start=2)
    ]
    wanted = " and ".join(outputs)
    purpose = request.purpose or f"Turn {' and '.join(given)} into {wanted}."
    name = request.name or f"{'-'.join(given)}-to-{'-'.join(outputs)}"
    return _build_need(cases, parameters, name, purpose, table.source, seed)


def build_need_from_labels(
    labelled: Sequence[tuple[str, dict[str, str]]],
    lines: Sequence[str],
    source: str,
    request: Request,
    *,
    seed: int,
) -> Need | NoNeed:
    """Build a need from log lines whose fields somebody named.

    Args:
        labelled: lines with their fields; every value stands in its line.
        lines: the whole log; lines without a label are shown to the author as they are.
        source: the log's name.
        request: a name and purpose, where given.
        seed: of the split.
    """
    cases = [
        Case(inputs={LINE: line}, expected={**fields}, origin=f"{source}, labelled")
        for line, fields in labelled
    ]
    if not cases:
        return NoNeed("no line is labelled", "label a dozen lines")
    names = list(labelled[0][1])
    purpose = request.purpose or f"Parse one line of {source} into {', '.join(names)}."
    name = request.name or f"parse-{source.rsplit('.', 1)[0]}"
    built = _build_need(cases, (LINE,), name, purpose, source, seed)
    if isinstance(built, NoNeed):
        return built
    known = {line for line, _ in labelled}
    unlabelled = tuple({LINE: line} for line in dict.fromkeys(lines) if line not in known)
    return built.model_copy(update={"unlabelled": unlabelled[:500]})


def name_parameters(columns: Sequence[str]) -> tuple[str, ...]:
    """Turn column names into parameter names that are identifiers and differ."""
    names: list[str] = []
    for column in columns:
        name = re.sub(r"\W+", "_", column.strip().lower(), flags=re.ASCII).strip("_")
        name = name if name.isidentifier() else f"column_{name}".rstrip("_")
        names.append(name if name not in names else f"{name}_{len(names) + 1}")
    return tuple(names)


def _build_row_case(
    table: Table,
    number: int,
    row: tuple[str, ...],
    parameters: dict[str, str],
    outputs: tuple[str, ...],
) -> Case:
    cells = dict(zip(table.columns, row, strict=True))
    return Case(
        inputs={parameters[column]: cells[column] for column in parameters},
        expected=cells[outputs[0]]
        if len(outputs) == 1
        else {column: cells[column] for column in outputs},
        origin=f"{table.source} row {number}",
    )


def _build_need(
    cases: Sequence[Case],
    parameters: Sequence[str],
    name: str,
    purpose: str,
    source: str,
    seed: int,
) -> Need | NoNeed:
    settled = settle_cases(cases, source)
    if len(settled) < MIN_ROWS:
        return NoNeed(
            f"{len(settled)} different examples in {source!r}, at least {MIN_ROWS} are needed",
            "some are learnt from, some test, some are sealed, some are held back",
        )
    split = split_cases(settled, seed=seed)
    identity = sha256_hex("\n".join(case.model_dump_json() for case in settled).encode())[:8]
    return Need(
        id=f"{normalise_name(source)}-{identity}",
        gap_id=None,
        name=normalise_name(name),
        kind_reason=REASON,
        purpose=purpose,
        triggers=(f"there is data like {source}",),
        parameters=tuple(parameters),
        visible=split.visible,
        sealed=split.sealed,
        held_back=split.held_back,
    )


def settle_cases(cases: Sequence[Case], source: str) -> list[Case]:
    """Return the cases with different inputs.

    Raises:
        InvalidInputError: two cases want different results for the same input.
    """
    by_input: dict[str, Case] = {}
    for case in cases:
        known = by_input.setdefault(json.dumps(case.inputs, sort_keys=True), case)
        if known.expected != case.expected:
            raise InvalidInputError(
                f"the same input with two results: {known.expected!r:.60} and "
                f"{case.expected!r:.60}",
                where=f"{known.origin} and {case.origin}"
                if known.origin != case.origin
                else source,
                hint="no program can give both; mend the example that is wrong",
            )
    return list(by_input.values())
