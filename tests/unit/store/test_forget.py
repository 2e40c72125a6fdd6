"""Forgetting a session: nothing of it is left, anywhere, and nothing else is lost."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import LargeBinary, Text, select

from skillkiln.store.interface import Store
from skillkiln.store.rows import Forgotten, ScannedSession
from skillkiln.store.sql import SqlStore, open_store
from skillkiln.store.tables import metadata

if TYPE_CHECKING:
    from tests.unit.store.conftest import Make

SECRET = "XSECRETX"
KEPT = "YKEPTY"


def _session(session_id: str) -> ScannedSession:
    return ScannedSession(session_id=session_id, path=f"{session_id}.jsonl", sha256="1" * 64)


def _fill(store: Store, make: "Make") -> None:
    """Fill a store from two sessions: `bad` said the secret, `good` did not."""
    store.sessions.save([_session("bad"), _session("good")])
    secret = make.signal("1", "bad", summary=SECRET)
    kept = make.signal("2", "good", summary=KEPT)
    store.gaps.save(
        [
            make.gap("g-both", secret, kept, tokens=100, title=SECRET),
            make.gap("g-bad", secret, title=SECRET),
            make.gap("g-good", kept, title=KEPT),
        ]
    )
    store.needs.save(
        make.need(
            "n-both",
            visible=(make.case(SECRET, "bad"), make.case(KEPT, "good")),
            sealed=(make.case(SECRET, "bad"),),
            held_back=(make.case(SECRET, "bad"),),
            gap_id="g-both",
        ).model_copy(update={"unlabelled": ({"line": SECRET},)})
    )
    store.needs.save(make.need("n-bad", sealed=(make.case(SECRET, "bad"),)))
    store.needs.save(make.need("n-good", visible=(make.case(KEPT, "good"), make.case(KEPT))))
    for need_id, text in [("n-both", SECRET), ("n-bad", SECRET), ("n-good", KEPT)]:
        store.attempts.save(make.attempt(need_id, text=text))
    for number, need_id in enumerate(["n-both", "n-good"]):
        digest = f"{number}" * 64
        store.releases.save(make.release(digest, version=f"1.0.{number}", need_id=need_id))
        mirrored = SECRET if need_id == "n-both" else KEPT
        store.invocations.save(
            make.invocation(f"t{number}", digest=digest, is_shadow=True, output=mirrored)
        )
        store.invocations.save(make.invocation(f"u{number}", digest=digest, output=KEPT))


def test_it_says_what_it_removed(store: Store, make: "Make") -> None:
    _fill(store, make)
    assert store.forget_session("bad") == Forgotten(
        session_id="bad",
        signals=2,
        gaps=1,
        needs=1,
        cases=4,
        attempts=2,
        releases_affected=("0" * 64,),
    )


def test_nothing_of_it_is_left_in_any_column(store: SqlStore, make: "Make") -> None:
    _fill(store, make)
    assert _holds(store, SECRET)
    store.forget_session("bad")
    assert not _holds(store, SECRET)
    assert _holds(store, KEPT)


def _holds(store: SqlStore, wanted: str) -> bool:
    with store.database.reading() as connection:
        return any(
            wanted in str(value)
            for table in metadata.sorted_tables
            for column in table.columns
            if isinstance(column.type, Text | LargeBinary)
            for value in connection.execute(select(column)).scalars()
        )


def test_nothing_of_it_is_left_in_the_files(
    tmp_path: Path, make: "Make", clock: Callable[[], datetime]
) -> None:
    store = open_store(tmp_path / "s.db", clock=clock)
    _fill(store, make)
    _fill_again(store, make)
    assert SECRET.encode() in _read_files(tmp_path)
    store.forget_session("bad")
    assert SECRET.encode() not in _read_files(tmp_path)
    assert KEPT.encode() in _read_files(tmp_path)
    store.close()


def _fill_again(store: Store, make: "Make") -> None:
    """Replace rows that hold the secret, so that old versions of them lie about in free pages."""
    for number in range(20):
        secret = make.signal("1", "bad", summary=f"{SECRET * 200} {number}")
        store.gaps.save([make.gap("g-bad", secret, title=SECRET)])
    store.gaps.save([make.gap("g-bad", make.signal("1", "bad"), title=SECRET)])


def _read_files(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


def test_what_others_said_stays(store: Store, make: "Make") -> None:
    _fill(store, make)
    before = store.gaps.find("g-good"), store.needs.load("n-good"), store.attempts.load("n-good")
    store.forget_session("bad")
    after = store.gaps.find("g-good"), store.needs.load("n-good"), store.attempts.load("n-good")
    assert after == before
    assert [session.session_id for session in store.sessions.load_all()] == ["good"]
    assert {call.trace_id for call in store.invocations.load()} == {"t0", "t1", "u0", "u1"}


def test_a_shared_gap_shrinks(store: Store, make: "Make") -> None:
    _fill(store, make)
    store.forget_session("bad")
    gap = store.gaps.find("g-both")
    assert gap is not None
    assert [signal.id for signal in gap.signals] == ["2"]
    assert (gap.title, gap.sessions, gap.days, gap.worth.tokens) == (KEPT, 1, 1, 50)
    assert store.gaps.find("g-bad") is None


def test_a_shared_need_keeps_the_other_cases_alone(store: Store, make: "Make") -> None:
    _fill(store, make)
    store.forget_session("bad")
    need = store.needs.load("n-both")
    assert need.visible == (make.case(KEPT, "good"),)
    assert (need.sealed, need.held_back, need.unlabelled) == ((), (), ())
    assert store.needs.find("n-bad") is None


def test_attempts_keep_their_figures_and_lose_their_texts(store: Store, make: "Make") -> None:
    _fill(store, make)
    store.forget_session("bad")
    (kept,) = store.attempts.load("n-bad")
    assert kept.is_redacted
    assert kept.attempt.is_accepted
    assert kept.attempt.evidence is not None
    assert kept.attempt.evidence.candidate_digest == "c" * 64
    assert kept.attempt.evidence.findings[0].gate == "types"
    assert kept.attempt.candidate is not None
    assert kept.attempt.candidate.files == {"skill.py": ""}


def test_the_ledger_names_the_session_and_no_more(store: Store, make: "Make") -> None:
    _fill(store, make)
    store.forget_session("bad")
    entry = store.ledger.load()[-1]
    assert (entry.kind, entry.subject, entry.payload) == ("session_forgotten", "bad", {})
    assert store.ledger.check() == len(store.ledger.load())


def test_forgetting_again_removes_nothing_more(store: Store, make: "Make") -> None:
    _fill(store, make)
    store.forget_session("bad")
    again = store.forget_session("bad")
    assert (again.signals, again.gaps, again.needs, again.cases) == (0, 0, 0, 0)
    assert len(store.ledger.load(kind="session_forgotten")) == 1


def test_it_may_be_done_inside_a_transaction(store: SqlStore, make: "Make") -> None:
    _fill(store, make)
    with store.transaction():
        store.forget_session("bad")
    assert not _holds(store, SECRET)


def test_an_unknown_session_is_forgotten_too(store: Store) -> None:
    removed = store.forget_session("never seen")
    assert (removed.signals, removed.attempts, removed.releases_affected) == (0, 0, ())
    assert store.sessions.load_forgotten() == {"never seen"}


def test_a_later_scan_does_not_bring_it_back(store: SqlStore, make: "Make") -> None:
    _fill(store, make)
    store.forget_session("bad")
    store.sessions.save([_session("bad")])
    store.gaps.save(
        [
            make.gap("g-new", make.signal("1", "bad", summary=SECRET), title=SECRET),
            make.gap(
                "g-both",
                make.signal("1", "bad", summary=SECRET),
                make.signal("2", "good", summary=KEPT),
                title=SECRET,
            ),
        ]
    )
    store.needs.save(
        make.need("n-both", visible=(make.case(SECRET, "bad"), make.case(KEPT, "good")))
    )
    assert not _holds(store, SECRET)
    assert store.gaps.find("g-new") is None
    assert store.needs.load("n-both").visible == (make.case(KEPT, "good"),)


def test_a_failure_forgets_nothing(
    store: SqlStore, make: "Make", monkeypatch: pytest.MonkeyPatch
) -> None:
    _fill(store, make)

    def fail(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(store.ledger, "append", fail)
    with pytest.raises(KeyboardInterrupt):
        store.forget_session("bad")
    assert store.gaps.find("g-bad") is not None
    assert store.needs.find("n-bad") is not None
    assert _holds(store, SECRET)
