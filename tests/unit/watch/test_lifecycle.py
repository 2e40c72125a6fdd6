"""Live, back and out: what each step leaves behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from skillkiln.errors import InvalidInputError, InvalidTransitionError, UnknownNameError
from skillkiln.skill.status import Status
from skillkiln.watch.lifecycle import go_live, retire, roll_back, withdraw

if TYPE_CHECKING:
    from tests.unit.watch.conftest import Bench

SECOND = "def run(text: str) -> str:\n    return text.split(' ')[0]\n"


def status(bench: Bench, digest: str) -> Status:
    return bench.store.releases.load(digest).release.status


def test_going_live_supersedes_and_rolling_back_switches_back(bench: Bench) -> None:
    first = go_live(bench.registry, bench.release().digest, "agreed in shadow")
    second = go_live(bench.registry, bench.release(code=SECOND).digest, "agreed in shadow")
    assert status(bench, first.digest) is Status.SUPERSEDED
    assert bench.registry.resolve("first-word").digest == second.digest

    assert roll_back(bench.registry, "first-word", "it lost lines") == bench.registry.resolve(
        "first-word"
    )
    assert bench.registry.resolve("first-word").digest == first.digest
    assert status(bench, second.digest) is Status.ROLLED_BACK
    reasons = [step.reason for step in bench.registry.history("first-word")]
    assert "it lost lines" in reasons


def test_rolling_back_the_only_version_leaves_nothing_live(bench: Bench) -> None:
    release = bench.go_live()
    assert roll_back(bench.registry, "first-word", "it lost lines") is None
    assert status(bench, release.digest) is Status.ROLLED_BACK
    with pytest.raises(UnknownNameError):
        bench.registry.resolve("first-word")


def test_retiring_keeps_release_history_and_reason(bench: Bench) -> None:
    release = bench.go_live()
    assert retire(bench.registry, "first-word", "nobody calls it").status is Status.RETIRED
    assert [each.digest for each in bench.registry.inventory()] == [release.digest]
    assert bench.registry.history("first-word")[-1].reason == "nobody calls it"
    with pytest.raises(UnknownNameError):
        retire(bench.registry, "first-word", "again")


def test_withdrawing_from_shadow_leaves_what_is_live(bench: Bench) -> None:
    first = bench.go_live()
    second = bench.release(code=SECOND)
    assert withdraw(bench.registry, second.digest, "differs").status is Status.ROLLED_BACK
    assert bench.registry.resolve("first-word").digest == first.digest
    with pytest.raises(InvalidTransitionError):
        go_live(bench.registry, second.digest, "anyway")


@pytest.mark.parametrize("reason", ["", "  \n ", "\x1b[31m", "\x1b[0m \t"])
def test_no_step_without_a_reason(bench: Bench, reason: str) -> None:
    release = bench.go_live()
    with pytest.raises(InvalidInputError, match="reason"):
        retire(bench.registry, "first-word", reason)
    with pytest.raises(InvalidInputError, match="reason"):
        roll_back(bench.registry, "first-word", reason)
    assert status(bench, release.digest) is Status.LIVE


def test_a_reason_is_kept_inert_and_short(bench: Bench) -> None:
    release = bench.go_live()
    retire(bench.registry, "first-word", "\x1b[31mred\x07 \n" + "x" * 9_000)
    kept = bench.registry.history("first-word")[-1].reason
    assert kept.isprintable()
    assert len(kept) <= 500
    assert status(bench, release.digest) is Status.RETIRED
