"""What agents find and may read: live skills, interfaces first, never code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from skillkiln.errors import UnknownNameError
from skillkiln.invoke.finding import describe_skill, find_skills
from skillkiln.skill.status import Status

if TYPE_CHECKING:
    from tests.unit.invoke.conftest import Bench

SECRET_IN_CODE = "ONLY_IN_THE_CODE"
CODE = f'def run(text: str) -> int:\n    """{SECRET_IN_CODE}."""\n    return len(text)\n'


def test_a_live_skill_is_found_by_what_it_does_with_its_interface(bench: Bench) -> None:
    release = bench.go_live()
    (card,) = find_skills(bench.registry, "please count the words", 5)
    assert (card.name, card.version, card.digest) == ("count-words", "1.0.0", release.digest)
    assert card.input_schema["properties"]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "   ",
        "nothing like it",
        '"',
        "*",
        "NEAR(",
        "count OR",
        "name:count",
        "a" * 100_000,
        "' OR 1=1 --",
        "\x00",
        "\ud800",
        "(((((",
        "-",
        "{digest}: ^",
    ],
)
def test_no_query_is_an_operator_or_an_error(bench: Bench, query: str) -> None:
    bench.go_live("parse-log", CODE)
    assert find_skills(bench.registry, query, 5) == ()


def test_no_more_are_found_than_asked_for(bench: Bench) -> None:
    for number in range(4):
        bench.go_live(f"count-words-{number}x")
    assert len(find_skills(bench.registry, "count words", 2)) == 2
    assert find_skills(bench.registry, "count words", 0) == ()


def test_a_skill_is_found_in_shadow_and_after_retirement_by_nobody(bench: Bench) -> None:
    release = bench.release()
    assert find_skills(bench.registry, "count words", 5) == ()
    with pytest.raises(UnknownNameError):
        describe_skill(bench.registry, bench.store, "count-words")
    bench.registry.make_live(release.digest, "for a test")
    assert find_skills(bench.registry, "count words", 5)
    bench.registry.change_status(release.digest, Status.RETIRED, "for a test")
    assert find_skills(bench.registry, "count words", 5) == ()
    with pytest.raises(UnknownNameError):
        describe_skill(bench.registry, bench.store, "count-words")


def test_neither_a_card_nor_a_description_shows_code(bench: Bench) -> None:
    bench.go_live("measure-text", CODE)
    (card,) = find_skills(bench.registry, "measure text", 5)
    description = describe_skill(bench.registry, bench.store, "measure-text")
    for shown in (card.model_dump_json(), description.model_dump_json()):
        assert SECRET_IN_CODE not in shown
        assert "def run" not in shown


def test_a_description_has_contract_text_and_evidence(bench: Bench) -> None:
    release = bench.go_live(timeout_ms=900)
    bench.invoker().invoke("count-words", {"text": "a"}, caller="t")
    got = describe_skill(bench.registry, bench.store, "count-words")
    assert got.contract.timeout_ms == 900
    assert got.skill_md.startswith("---\nname: ")
    assert (got.version, got.status, got.digest) == ("1.0.0", Status.LIVE, release.digest)
    assert (got.evidence.score, got.evidence.tests_passed) == (9.8, 5)
    assert [gate.gate for gate in got.evidence.gates] == ["own_tests"]
    assert (got.evidence.calls, got.evidence.shadow_calls) == (1, 0)
    assert got.created_by == "agent:test"
