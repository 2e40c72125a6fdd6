"""Turns a gap into a need: what is missing, with recorded examples to learn from and to prove with.

    need = build_need(gap, files=DiskFiles([project]), seed=7)
    if isinstance(need, NoNeed): print(need.reason, need.hint)

Rules: only rewritten code becomes a code skill, and only when enough of what it printed follows
from single inputs. The examples are recovered by `notice.examples`, split by `notice.split` and
named by `notice.naming`. A refusal says what would help.
"""

from collections.abc import Sequence

from skillkiln.notice.disk import NoFiles
from skillkiln.notice.examples import Recovered, recover_cases
from skillkiln.notice.gaps import build_id
from skillkiln.notice.interface import FileSource, NoNeed
from skillkiln.notice.naming import (
    build_record_name,
    build_record_purpose,
    build_text_name,
    build_text_purpose,
    build_triggers,
    name_subject,
)
from skillkiln.notice.split import MIN_CASES, split_cases
from skillkiln.records.needs import Case, Need
from skillkiln.records.signals import Gap, SignalKind
from skillkiln.skill.kinds import ArtefactKind

ALLOW_FILES = "allow the folder that the sessions worked in with `--files FOLDER`"
GIVE_EXAMPLES = "give examples of your own with `skillkiln forge --from examples.csv`"


def build_need(gap: Gap, *, files: FileSource | None = None, seed: int = 0) -> Need | NoNeed:
    """Build the need of a gap, or say why there is none.

    Args:
        gap: as a scan found it.
        files: the files that a person allows to be read; none by default.
        seed: chooses which examples are visible, sealed and held back.
    """
    if gap.kind is not SignalKind.REWORK:
        return NoNeed(
            f"a {gap.kind} gap of {gap.root_cause} holds no examples that could prove a skill",
            GIVE_EXAMPLES,
        )
    recovered = recover_cases(gap, files or NoFiles())
    refusal = _find_refusal(recovered)
    if refusal is not None:
        return refusal
    fields = _list_fields(recovered.cases)
    subject = name_subject(_list_paths(gap))
    named = subject or (gap.id[:6],)
    split = split_cases(recovered.cases, seed)
    is_record = bool(fields)
    return Need(
        id=build_id("need", gap.id),
        gap_id=gap.id,
        name=build_record_name(named) if is_record else build_text_name(named),
        kind=ArtefactKind.CODE,
        kind_reason=_explain_kind(recovered),
        purpose=build_record_purpose(subject, fields)
        if is_record
        else build_text_purpose(subject, len(recovered.cases)),
        triggers=build_triggers(subject, fields),
        parameters=(recovered.parameter,),
        visible=split.visible,
        sealed=split.sealed,
        held_back=split.held_back,
        unlabelled=tuple({recovered.parameter: line} for line in recovered.unlabelled),
        estimated_tokens=gap.worth.tokens,
    )


def _find_refusal(recovered: Recovered) -> NoNeed | None:
    cases = recovered.cases
    if not cases:
        why = recovered.reasons[0] if recovered.reasons else "no run of it is known"
        is_file_missing = any("no text" in reason for reason in recovered.reasons)
        return NoNeed(
            f"no examples could be recovered from the recorded runs: {why}",
            ALLOW_FILES if is_file_missing else GIVE_EXAMPLES,
        )
    if len(cases) < MIN_CASES:
        doubt = f"; {recovered.disagreements} more disagree" if recovered.disagreements else ""
        return NoNeed(
            f"{len(cases)} different examples are in the recorded runs{doubt}; "
            f"at least {MIN_CASES} are needed to learn from some and to prove with others",
            GIVE_EXAMPLES,
        )
    if len({str(case.expected) for case in cases}) == 1:
        return NoNeed("every recorded input has the same result", GIVE_EXAMPLES)
    if all(case.expected == case.inputs[recovered.parameter] for case in cases):
        return NoNeed("the recorded scripts print their input unchanged", GIVE_EXAMPLES)
    return None


def _explain_kind(recovered: Recovered) -> str:
    sessions = len({case.session_id for case in recovered.cases})
    parts = [
        f"code: {len(recovered.cases)} results recorded in {sessions} sessions follow from one "
        f"{recovered.parameter} each, so a program can be held against them"
    ]
    if recovered.disagreements:
        parts.append(f"{recovered.disagreements} inputs left out because sessions disagree")
    if recovered.left_out:
        parts.append(f"{recovered.left_out} results left out because they have other fields")
    return "; ".join(parts)


def _list_fields(cases: Sequence[Case]) -> tuple[str, ...]:
    expected = cases[0].expected
    return tuple(expected) if isinstance(expected, dict) else ()


def _list_paths(gap: Gap) -> list[str]:
    """Return the path of the first file that each run read."""
    paths: list[str] = []
    for signal in gap.signals:
        inputs = signal.detail.get("inputs")
        for each in inputs if isinstance(inputs, list) else []:
            path = each.get("path") if isinstance(each, dict) else None
            if isinstance(path, str) and "/" in path:
                paths.append(path)
                break
    return paths
