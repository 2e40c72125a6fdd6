"""Gate `output_schema`: every answer is of the form that the contract promises."""

import jsonschema_rs

from skillkiln.prove.findings import build_failed, build_not_needed, build_passed
from skillkiln.prove.interface import Subject
from skillkiln.prove.observe import call_all
from skillkiln.records.evidence import Finding, Stage
from skillkiln.skill.reasons import FailureReason


class OutputSchemaGate:
    """Refuses answers that the output schema does not allow."""

    name = "output_schema"
    stage = Stage.TEST

    def check(self, subject: Subject) -> Finding:
        """Call the skill on all inputs of the need and validate what it returns."""
        need = subject.need
        inputs = [case.inputs for case in (*need.visible, *need.sealed)] + [*need.unlabelled]
        if not inputs:
            return build_not_needed(self, "the need has no input")
        results = call_all(subject, inputs)
        validator = jsonschema_rs.validator_for(subject.contract.output_schema, offline=True)
        outside = sum(
            result.failure is FailureReason.CONTRACT_VIOLATION
            or (result.is_ok and not validator.is_valid(result.output))
            for result in results
        )
        figures = {"outputs_checked": len(results), "outputs_outside": outside}
        if outside:
            return build_failed(
                self,
                FailureReason.CONTRACT_VIOLATION,
                f"{outside} of {len(results)} answers do not fit the output schema",
                figures=figures,
            )
        return build_passed(self, f"{len(results)} answers fit the output schema", figures=figures)
