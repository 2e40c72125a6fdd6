"""A need keeps its sealed cases to itself: nothing of them is in what an author gets."""

import pytest
from pydantic import ValidationError

from skillkiln.records.needs import Brief, Case, Need


def case(mark: str) -> Case:
    return Case(inputs={"text": f"in-{mark}"}, expected=f"out-{mark}", origin=f"origin-{mark}")


NEED = Need(
    id="n1",
    gap_id="g1",
    name="parse-log",
    kind_reason="secret-reason",
    purpose="Parse a line.",
    triggers=("a log is at hand",),
    parameters=("text",),
    visible=(case("visible-1"), case("visible-2")),
    sealed=(case("sealed"),),
    held_back=(case("heldback"),),
    unlabelled=({"text": "unlabelled"},),
    estimated_tokens=1_200,
)


def test_a_brief_shows_the_visible_cases_in_order() -> None:
    brief = NEED.brief()
    assert brief.cases == NEED.visible
    assert (brief.need_id, brief.name, brief.purpose) == ("n1", "parse-log", "Parse a line.")
    assert brief.triggers == NEED.triggers
    assert brief.parameters == NEED.parameters
    assert brief.unlabelled == NEED.unlabelled


def test_a_brief_holds_no_trace_of_a_sealed_or_held_back_case() -> None:
    shown = NEED.brief().model_dump_json() + repr(NEED.brief())
    assert "visible-1" in shown
    for hidden in ("sealed", "heldback", "secret-reason"):
        assert hidden in NEED.model_dump_json()
        assert hidden not in shown


def test_a_brief_has_no_field_for_what_is_sealed() -> None:
    assert not {"sealed", "held_back"} & set(Brief.model_fields)
    with pytest.raises(ValidationError, match="sealed"):
        Brief.model_validate(NEED.brief().model_dump() | {"sealed": ()})


def test_a_need_survives_json() -> None:
    assert Need.model_validate_json(NEED.model_dump_json()) == NEED


@pytest.mark.parametrize("name", ["", "Parse", "a_b", "a" * 65, "a\n"])
def test_a_need_has_a_skills_name(name: str) -> None:
    with pytest.raises(ValidationError, match="name"):
        Need.model_validate(NEED.model_dump() | {"name": name})
