"""Going live, rolling back, retiring, quarantining: by the table, in the ledger, by pointer."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from skillkiln.errors import (
    InvalidTransitionError,
    QuarantinedError,
    StoreFullError,
    TrustError,
    UnknownNameError,
)
from skillkiln.skill.status import TRANSITIONS, Status

if TYPE_CHECKING:
    from tests.unit.registry.conftest import Bench


def _status(bench: "Bench", digest: str) -> Status:
    return bench.store.releases.load(digest).release.status


def test_going_live_switches_the_pointer_and_supersedes(bench: "Bench") -> None:
    first = bench.go_live()
    second = bench.go_live(version="1.1.0")
    assert bench.registry.resolve("shout") == second
    assert _status(bench, first.digest) is Status.SUPERSEDED
    assert second.status is Status.LIVE
    moves = [entry.payload["digest"] for entry in bench.store.ledger.load(kind="pointer_switched")]
    assert moves == [first.digest, second.digest]


def test_rolling_back_switches_it_back(bench: "Bench") -> None:
    first, second = bench.go_live(), bench.go_live(version="1.1.0")
    back = bench.registry.roll_back("shout", "wrong answers")
    assert back is not None
    assert (back.digest, back.status) == (first.digest, Status.LIVE)
    assert bench.registry.resolve("shout") == back
    assert _status(bench, second.digest) is Status.ROLLED_BACK
    assert bench.registry.history("shout")[-2].reason == "wrong answers"


def test_rolling_back_twice_goes_to_the_one_before(bench: "Bench") -> None:
    versions = ["1.0.0", "1.1.0", "1.2.0"]
    digests = [bench.go_live(version=version).digest for version in versions]
    for expected in (digests[1], digests[0]):
        back = bench.registry.roll_back("shout", "bad")
        assert back is not None
        assert back.digest == expected
    assert bench.registry.roll_back("shout", "bad") is None
    with pytest.raises(UnknownNameError):
        bench.registry.resolve("shout")
    with pytest.raises(UnknownNameError):
        bench.registry.roll_back("shout", "bad")


def test_rolling_back_passes_over_what_does_not_hold(bench: "Bench") -> None:
    good, damaged = bench.go_live(), bench.go_live(version="1.1.0", code=b"# damaged later\n")
    bench.go_live(version="1.2.0")
    with bench.store.database.writing() as connection:
        connection.execute(
            text("UPDATE blobs SET content = x'00' WHERE content = CAST(:c AS BLOB)"),
            {"c": b"# damaged later\n"},
        )
    back = bench.registry.roll_back("shout", "bad")
    assert back is not None
    assert back.digest == good.digest
    assert _status(bench, damaged.digest) is Status.QUARANTINED


def test_a_damaged_release_does_not_go_live(bench: "Bench") -> None:
    first = bench.go_live()
    second = bench.publish(version="1.1.0", code=b"# damaged later\n")
    with bench.store.database.writing() as connection:
        connection.execute(
            text("UPDATE blobs SET content = x'00' WHERE content = CAST(:c AS BLOB)"),
            {"c": b"# damaged later\n"},
        )
    with pytest.raises(TrustError):
        bench.registry.make_live(second.digest)
    assert bench.registry.resolve("shout").digest == first.digest
    assert _status(bench, second.digest) is Status.QUARANTINED


def test_retiring_takes_it_out_of_service(bench: "Bench") -> None:
    release = bench.go_live()
    retired = bench.registry.retire(release.digest, "unused for 90 days")
    assert retired.status is Status.RETIRED
    assert bench.registry.search("shout") == ()
    with pytest.raises(UnknownNameError):
        bench.registry.resolve("shout")
    assert bench.registry.resolve("shout", "1.0.0") == retired
    assert bench.registry.history("shout")[-1].reason == "unused for 90 days"


def test_a_retired_release_goes_live_again_through_shadow_alone(bench: "Bench") -> None:
    digest = bench.go_live().digest
    bench.registry.retire(digest, "unused")
    with pytest.raises(InvalidTransitionError):
        bench.registry.make_live(digest)
    bench.registry.change_status(digest, Status.SHADOW, "proved again")
    assert bench.registry.make_live(digest).status is Status.LIVE


def test_quarantine_cascades_to_dependents(bench: "Bench") -> None:
    lowest = bench.go_live("lowest")
    middle = bench.go_live("middle", dependencies=["skill:lowest@1.0.0"])
    top = bench.publish("top", dependencies=["skill:middle@1.0.0"])
    beside = bench.go_live("beside")
    set_aside = bench.registry.quarantine(lowest.digest, "leaks")
    assert {release.digest for release in set_aside} == {
        lowest.digest,
        middle.digest,
        top.digest,
    }
    assert _status(bench, beside.digest) is Status.LIVE
    assert bench.registry.history("top")[-1].reason == "it depends on lowest 1.0.0: leaks"
    for name in ("lowest", "middle"):
        assert bench.store.releases.find_live(name) is None
        with pytest.raises(UnknownNameError):
            bench.registry.load(name)
    with pytest.raises(QuarantinedError, match="leaks"):
        bench.registry.load(top.digest)


def test_no_host_finds_the_folder_of_a_quarantined_release(bench: "Bench") -> None:
    lowest = bench.go_live("lowest")
    middle = bench.go_live("middle", dependencies=["skill:lowest@1.0.0"])
    beside = bench.go_live("beside")
    bench.registry.quarantine(lowest.digest, "leaks")
    assert [path.parent.name for path in bench.skills.rglob("SKILL.md")] == ["beside"]
    with pytest.raises(QuarantinedError):
        bench.registry.export(middle.digest)
    assert bench.registry.export(beside.digest).is_dir()


def test_a_bent_row_removes_no_other_folder(bench: "Bench", tmp_path: Path) -> None:
    digest = bench.go_live().digest
    mine = tmp_path / "mine" / "mine" / "mine"
    mine.mkdir(parents=True)
    with bench.store.database.writing() as connection:
        connection.execute(
            text("UPDATE releases SET version = :v, path = :v"), {"v": "../../mine/mine"}
        )
    with pytest.raises(TrustError):
        bench.registry.load(digest)
    assert mine.is_dir()
    assert not list(bench.skills.rglob("SKILL.md"))


def test_a_damaged_release_takes_its_dependents_along(bench: "Bench") -> None:
    lowest = bench.go_live("lowest", code=b"# damaged later\n")
    middle = bench.go_live("middle", dependencies=["skill:lowest@1.0.0"])
    with bench.store.database.writing() as connection:
        connection.execute(
            text("UPDATE blobs SET content = x'00' WHERE content = CAST(:c AS BLOB)"),
            {"c": b"# damaged later\n"},
        )
    with pytest.raises(TrustError):
        bench.registry.load(lowest.digest)
    assert _status(bench, middle.digest) is Status.QUARANTINED


def test_quarantining_again_moves_nothing(bench: "Bench") -> None:
    digest = bench.go_live().digest
    assert len(bench.registry.quarantine(digest, "bad")) == 1
    entries = len(bench.store.ledger.load())
    assert bench.registry.quarantine(digest, "worse") == ()
    assert len(bench.store.ledger.load()) == entries
    assert bench.registry.change_status(digest, Status.QUARANTINED, "again").digest == digest


@pytest.mark.parametrize("before", [Status.SHADOW, Status.CANARY, Status.LIVE, Status.RETIRED])
@pytest.mark.parametrize("after", list(Status))
def test_every_change_follows_the_table(bench: "Bench", before: Status, after: Status) -> None:
    digest = bench.publish().digest
    if before is not Status.SHADOW:
        bench.registry.change_status(digest, before, "so far")
    entries = len(bench.store.ledger.load())
    if after in TRANSITIONS[before]:
        assert bench.registry.change_status(digest, after, "why").status is after
        last = bench.store.ledger.load(kind="status_changed", subject=digest)[-1]
        assert last.payload == {
            "name": "shout",
            "version": "1.0.0",
            "before": str(before),
            "after": str(after),
            "reason": "why",
        }
    else:
        with pytest.raises(InvalidTransitionError):
            bench.registry.change_status(digest, after, "why")
        assert _status(bench, digest) is before
        assert len(bench.store.ledger.load()) == entries
    is_live = _status(bench, digest) is Status.LIVE
    assert (bench.store.releases.find_live("shout") == digest) == is_live


@pytest.mark.parametrize("verb", ["make_live", "retire", "quarantine"])
def test_an_unknown_release_is_named(bench: "Bench", verb: str) -> None:
    with pytest.raises(UnknownNameError):
        getattr(bench.registry, verb)("0" * 64, "why")


def test_a_failure_half_way_switches_nothing(
    bench: "Bench", monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = bench.go_live(), bench.publish(version="1.1.0")

    def fail(*_: object) -> None:
        raise StoreFullError("no room")

    with monkeypatch.context() as patched:
        patched.setattr(bench.store.releases, "point_live", fail)
        with pytest.raises(StoreFullError):
            bench.registry.make_live(second.digest)
    assert bench.registry.resolve("shout").digest == first.digest
    assert _status(bench, second.digest) is Status.SHADOW
    bench.store.ledger.check()
