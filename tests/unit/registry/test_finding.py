"""Resolving and searching: interfaces only, live before canary, near names as a hint."""

from typing import TYPE_CHECKING

import pytest

from skillkiln.errors import UnknownNameError
from skillkiln.registry.cards import MAX_CARDS
from skillkiln.skill.status import Status

if TYPE_CHECKING:
    from tests.unit.registry.conftest import Bench


def test_a_card_is_an_interface_and_no_code(bench: "Bench") -> None:
    release = bench.go_live()
    (card,) = bench.registry.search("shout")
    assert (card.name, card.version, card.digest) == ("shout", "1.0.0", release.digest)
    assert card.input_schema["type"] == "object"
    assert "upper" not in card.model_dump_json()


def test_a_release_in_shadow_is_never_found(bench: "Bench") -> None:
    bench.publish()
    assert bench.registry.search("shout") == ()
    assert len(bench.registry.search("shout", statuses=[Status.SHADOW])) == 1


def test_one_card_for_each_name_and_the_live_one_first(bench: "Bench") -> None:
    live = bench.go_live()
    canary = bench.publish(version="1.1.0")
    bench.registry.change_status(canary.digest, Status.CANARY, "a share")
    (card,) = bench.registry.search("shout")
    assert card.digest == live.digest
    bench.registry.retire(live.digest, "gone")
    (card,) = bench.registry.search("shout")
    assert card.digest == canary.digest


def test_at_most_so_many_cards(bench: "Bench") -> None:
    for number in range(MAX_CARDS + 3):
        bench.go_live(f"shout-{number}")
    assert len(bench.registry.search("shout", k=3)) == 3
    assert len(bench.registry.search("shout", k=10_000)) == MAX_CARDS
    assert bench.registry.search("shout", k=0) == bench.registry.search("shout", k=-1) == ()


def test_nothing_fits_is_an_answer(bench: "Bench") -> None:
    bench.go_live()
    assert bench.registry.search("translate to french") == ()
    assert bench.registry.search("what is the skill for") == ()


def test_near_names_are_a_hint(bench: "Bench") -> None:
    bench.go_live("parse-access-log")
    bench.publish("parse-access-logs")
    with pytest.raises(UnknownNameError) as refusal:
        bench.registry.resolve("parse-acess-log")
    assert refusal.value.hint == "did you mean `parse-access-log`?"
    with pytest.raises(UnknownNameError) as refusal:
        bench.registry.resolve("zebra")
    assert refusal.value.hint is None


def test_a_version_is_resolved_whatever_its_status(bench: "Bench") -> None:
    release = bench.publish()
    assert bench.registry.resolve("shout", "1.0.0") == release
    with pytest.raises(UnknownNameError, match=r"shout 1\.0"):
        bench.registry.resolve("shout", "1.0")


def test_the_latest_version_is_the_highest_and_not_the_last(bench: "Bench") -> None:
    for version in ["1.9.0", "1.10.0", "1.2.0"]:
        bench.publish(version=version)
    latest = bench.registry.find_latest("shout")
    assert latest is not None
    assert latest.release.version == "1.10.0"
    assert bench.registry.find_latest("whisper") is None
