"""Gate `contract`: the promise fits the code, the folder and the need.

The schemas must be those derived from the signature of `run`; SKILL.md must be valid and name the
same skill; the need's visible inputs must be ones that the contract lets in.
"""

import jsonschema_rs

from skillkiln.errors import InvalidContractError, InvalidSkillError
from skillkiln.prove.findings import build_failed, build_passed
from skillkiln.prove.interface import Subject
from skillkiln.records.evidence import Finding, Stage
from skillkiln.skill.folder import SKILL_MD
from skillkiln.skill.kinds import ArtefactKind
from skillkiln.skill.reasons import FailureReason
from skillkiln.skill.signature import derive_schemas
from skillkiln.skill.skill_md import parse_skill_md


class ContractGate:
    """Refuses a contract that says something else than the code or SKILL.md."""

    name = "contract"
    stage = Stage.WRITE

    def check(self, subject: Subject) -> Finding:
        """Compare contract, code, SKILL.md and need."""
        for find_problem in (_find_wrong_need, _find_drift, _find_bad_skill_md, _find_bad_inputs):
            if problem := find_problem(subject):
                return build_failed(self, FailureReason.CONTRACT_VIOLATION, problem)
        parameters = subject.contract.input_schema.get("properties")
        count = len(parameters) if isinstance(parameters, dict) else 0
        return build_passed(
            self,
            f"{subject.contract.name} {subject.contract.version}: schemas fit `run`",
            figures={"parameters": count},
        )


def _find_wrong_need(subject: Subject) -> str | None:
    candidate, need = subject.candidate, subject.need
    if candidate.need_id != need.id:
        return f"need_id: expected {need.id!r}, got {candidate.need_id!r}"
    if subject.contract.kind is not ArtefactKind.CODE:
        return f"kind: these gates prove 'code', got {str(subject.contract.kind)!r}"
    return None


def _find_drift(subject: Subject) -> str | None:
    try:
        derived = derive_schemas(subject.source)
    except InvalidContractError as error:
        return f"{error.where or 'skill.py'}: {error.message}"
    for field in ("input_schema", "output_schema"):
        expected, got = getattr(derived, field), getattr(subject.contract, field)
        if expected != got:
            return f"{field}: `run` says {expected!r:.100}, the contract says {got!r:.100}"
    return None


def _find_bad_skill_md(subject: Subject) -> str | None:
    try:
        skill_md = parse_skill_md(subject.files[SKILL_MD])
    except InvalidSkillError as error:
        return f"{error.where or SKILL_MD}: {error.message}"
    if skill_md.name != subject.contract.name:
        return f"{SKILL_MD} name: expected {subject.contract.name!r}, got {skill_md.name!r}"
    return None


def _find_bad_inputs(subject: Subject) -> str | None:
    # Safe to compile: the schema was just found equal to the one that we derived.
    validator = jsonschema_rs.validator_for(subject.contract.input_schema, offline=True)
    for case in subject.need.visible:
        if not validator.is_valid(case.inputs):
            return f"the need's visible inputs {sorted(case.inputs)} do not fit the input schema"
    return None
