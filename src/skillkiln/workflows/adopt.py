"""Adopting: a skill that a person wrote becomes a candidate, and its examples become its need.

The examples are split as for any need. Without examples there is nothing to seal, and the launch
gates will say so.
"""

from collections.abc import Mapping, Sequence

from skillkiln.author.adopted import build_adopted
from skillkiln.errors import InvalidInputError
from skillkiln.notice.requests import settle_cases
from skillkiln.notice.split import MIN_CASES, Split, split_cases
from skillkiln.notice.tables import Table
from skillkiln.records.candidates import Candidate
from skillkiln.records.needs import Case, Need
from skillkiln.skill.digest import folder_digest
from skillkiln.skill.folder import SKILL_MD
from skillkiln.skill.skill_md import parse_skill_md

REASON = "a person wrote code for it"
NOTHING = Split((), (), ())


def build_adoption(
    files: Mapping[str, bytes], table: Table | None, author: str, *, seed: int
) -> tuple[Candidate, Need]:
    """Build the candidate and the need of an adopted skill.

    Args:
        files: content by path, as it was read from the folder.
        table: examples; each column but the wanted ones is named like a parameter of `run`.
        author: who wrote it.
        seed: of the split.

    Raises:
        InvalidSkillError: the folder is no skill.
        InvalidInputError: the examples' columns do not fit the skill's parameters.
    """
    need_id = f"adopted-{folder_digest(files)[:12]}"
    candidate = build_adopted(files, author=author, need_id=need_id)
    cases = [] if table is None else settle_cases(_build_cases(table, candidate), table.source)
    split = split_cases(cases, seed) if len(cases) >= MIN_CASES else NOTHING
    about = parse_skill_md(files[SKILL_MD])
    need = Need(
        id=need_id,
        gap_id=None,
        name=candidate.contract.name,
        kind_reason=REASON,
        purpose=about.description,
        parameters=_list_parameters(candidate),
        visible=split.visible,
        sealed=split.sealed,
        held_back=split.held_back,
    )
    # All visible cases are held out: the program was written before any of them was shown here.
    return candidate.model_copy(update={"held_out": len(split.visible)}), need


def _list_parameters(candidate: Candidate) -> tuple[str, ...]:
    properties = candidate.contract.input_schema.get("properties")
    return tuple(properties) if isinstance(properties, dict) else ()


def _build_cases(table: Table, candidate: Candidate) -> Sequence[Case]:
    parameters = _list_parameters(candidate)
    given = [name for name in table.columns if name in parameters]
    wanted = [name for name in table.columns if name not in parameters]
    if not given or not wanted:
        raise InvalidInputError(
            f"{table.source!r}: columns are {list(table.columns)}, the skill takes "
            f"{list(parameters)}",
            hint="one column for each parameter, and the wanted result in the others",
        )
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    return [
        Case(
            inputs={name: row[name] for name in given},
            expected=row[wanted[0]] if len(wanted) == 1 else {name: row[name] for name in wanted},
            origin=f"{table.source} row {number}",
        )
        for number, row in enumerate(rows, start=2)
    ]
