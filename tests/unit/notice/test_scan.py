"""From recordings to gaps: what recurs, what does not, and with which evidence."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from skillkiln.errors import InvalidInputError
from skillkiln.notice.scan import ScanProgress, ScanReport, scan
from skillkiln.records.signals import Gap, RootCause, SignalKind

Record = Callable[..., Any]
Report = Callable[[], ScanReport]

SCRIPT = """import json
for {0} in open("{1}"):
    {2} = {0}.split()
    print(json.dumps({{"host": {2}[0], "code": {2}[1]}}))"""
FIRST = SCRIPT.format("line", "a.log", "parts")
SECOND = SCRIPT.format("row", "b.log", "cells")
OUTPUT = '{"host": "h1", "code": "200"}\n{"host": "h2", "code": "404"}'


def heredoc(code: str) -> str:
    return f"python3 - <<'EOF'\n{code}\nEOF"


def test_code_written_again_in_another_session_is_a_gap(record: Record, only_gap: Any) -> None:
    record("s-1", 1).bash("ls", "a.log").bash(heredoc(FIRST), OUTPUT)
    record("s-2", 3).bash(heredoc(SECOND), OUTPUT)
    gap: Gap = only_gap()
    assert gap.kind is SignalKind.REWORK
    assert gap.opens_skill
    assert (gap.sessions, gap.days) == (2, 2)
    places = [(signal.pointer.session_id, signal.pointer.line) for signal in gap.signals]
    assert places == [("s-1", 3), ("s-2", 1)]
    assert gap.signals[0].detail["code"] == FIRST + "\n"
    assert gap.signals[0].detail["output"] == OUTPUT


@pytest.mark.parametrize(
    "again",
    [
        f"python -c '{SECOND}'",
        f"cat > parse.py <<'EOF'\n{SECOND}\nEOF\npython3 parse.py",
        f"cd sub && uv run python <<EOF\n{SECOND}\nEOF",
        f"timeout 5 python3.11 -u - x.log <<'PY'\n{SECOND}\nPY",
    ],
)
def test_code_is_found_however_it_was_run(record: Record, only_gap: Any, again: str) -> None:
    record("s-1").bash(heredoc(FIRST), OUTPUT)
    record("s-2").bash(again, OUTPUT)
    assert len(only_gap().signals) == 2


def test_a_script_that_is_written_edited_and_run_counts_as_it_was_run(
    record: Record, only_gap: Any
) -> None:
    record("s-1").bash(heredoc(FIRST), OUTPUT)
    session = record("s-2").write("/project/x.py", SECOND.replace("cells[1]", "cells[9]"))
    session.edit("/project/x.py", "cells[9]", "cells[1]").bash("python3 x.py", OUTPUT)
    assert only_gap().signals[1].detail["code"] == SECOND


def test_scripts_that_stay_are_no_throwaway(record: Record, report: Report) -> None:
    for name in ("s-1", "s-2"):
        kept = record(name).write("/project/tool.py", FIRST)
        kept.bash("git add tool.py && git commit -m x").bash("python3 tool.py", OUTPUT)
    for name in ("s-3", "s-4"):
        record(name).read("/project/other.py", FIRST).bash("python3 other.py", OUTPUT)
    assert report().runs == 0


def test_one_session_alone_is_a_cost_and_no_gap(record: Record, report: Report) -> None:
    record("s-1").bash(heredoc(FIRST), OUTPUT).bash(heredoc(SECOND), OUTPUT)
    found = report()
    assert found.gaps == ()
    assert found.tokens_rewritten > 0


def test_a_subagent_belongs_to_the_session_that_started_it(record: Record, report: Report) -> None:
    record("s-1").bash(heredoc(FIRST), OUTPUT)
    record("s-1", agent="a7").bash(heredoc(SECOND), OUTPUT)
    found = report()
    assert (found.gaps, found.sessions, found.files) == ((), 1, 2)


def test_a_subagents_evidence_is_forgotten_with_its_parent(record: Record, only_gap: Any) -> None:
    record("s-1").bash(heredoc(FIRST), OUTPUT)
    record("s-2", agent="a7").bash(heredoc(SECOND), OUTPUT)
    assert {signal.pointer.session_id for signal in only_gap().signals} == {"s-1", "s-2"}


def test_a_resumed_session_that_repeats_another_is_counted_once(
    record: Record, report: Report, sessions: Path
) -> None:
    record("s-1").bash(heredoc(FIRST), OUTPUT)
    original = (sessions / "s-1.jsonl").read_text()
    (sessions / "s-2.jsonl").write_text(original.replace('"s-1"', '"s-2"'))
    found = report()
    assert (found.runs, found.sessions, found.gaps) == (1, 2, ())


def test_a_failed_try_and_its_fix_are_one_gap_that_explains_the_failure(
    record: Record, only_gap: Any
) -> None:
    tried = (
        "rows = []\nfor line in open('/project/a.txt'):\n    first, last = line.split()\n"
        "    rows.append(last + ' ' + first)\nprint('\\n'.join(rows))"
    )
    fixed = (
        "for line in open('/project/a.txt'):\n    parts = line.strip().split(' ')\n"
        "    if len(parts) < 2:\n        continue\n    print(parts[-1], parts[0])"
    )
    for name in ("s-1", "s-2"):
        session = record(name).bash(heredoc(tried), "ValueError: not enough values", error=True)
        session.bash(heredoc(fixed), "B a\nC b")
    gap: Gap = only_gap()
    assert [signal.detail["has_failed"] for signal in gap.signals].count(True) == 2
    assert "2 failed attempts" in gap.worth.arithmetic


def test_scripts_that_print_the_same_fields_are_one_gap(record: Record, only_gap: Any) -> None:
    def output(number: int) -> str:
        return "\n".join(
            f'{{"at": "{n}", "level": "x{number}", "code": "{n}{number}"}}' for n in range(4)
        )

    by_regex = (
        "import re, json\nrx = re.compile(r'(?P<at>\\d+) (?P<level>\\w+) (?P<code>\\d+)')\n"
        "for line in open('b.log'):\n    print(json.dumps(rx.match(line).groupdict()))"
    )
    record("s-1").bash(heredoc(FIRST), output(1))
    record("s-2").bash(heredoc(by_regex), output(2))
    assert only_gap().sessions == 2


def test_different_work_is_not_put_together(record: Record, report: Report) -> None:
    other = (
        "import hashlib, sys\ndigest = hashlib.sha256()\nwith open('x.bin', 'rb') as f:\n"
        "    while chunk := f.read(4096):\n        digest.update(chunk)\nprint(digest.hexdigest())"
    )
    record("s-1").bash(heredoc(FIRST), OUTPUT)
    record("s-2").bash(heredoc(other), "abc")
    assert report().gaps == ()


def test_pipelines_are_rework_too(record: Record, only_gap: Any) -> None:
    for name in ("s-1", "s-2"):
        record(name).bash(f"cut -d' ' -f1 {name}.log | sort | uniq -c | sort -rn | head", "3 h1")
    assert only_gap().signals[0].detail["language"] == "shell"


def test_an_error_that_recurs_over_sessions_is_an_incident(record: Record, only_gap: Any) -> None:
    for name, branch in (("s-1", "fix-login"), ("s-2", "add-search-2")):
        error = (
            f"Exit code 128\nfatal: The current branch {branch} has no upstream branch.\nTo push"
        )
        record(name).bash("git push", error, error=True)
    gap: Gap = only_gap()
    assert (gap.kind, gap.root_cause) == (SignalKind.INCIDENT, RootCause.WRONG_COMMAND)
    assert not gap.opens_skill
    assert "git push" in gap.title


def test_an_error_of_one_session_is_loose(record: Record, report: Report) -> None:
    record("s-1").bash("git push", "fatal: no", error=True).bash(
        "git push", "fatal: no", error=True
    )
    found = report()
    assert found.gaps == ()
    assert len(found.loose) == 2


def test_calls_that_never_ran_are_no_failures(record: Record, report: Report) -> None:
    skipped = "<tool_use_error>Sibling tool call errored</tool_use_error>"
    for name in ("s-1", "s-2"):
        record(name).bash("ls", skipped, error=True)
    assert report().failures == 0


def test_corrections_about_the_same_are_one_gap(record: Record, only_gap: Any) -> None:
    record("s-1").answer("done").say("no, don't commit to the main branch")
    record("s-2").answer("done").say("Don't commit on main branch!")
    record("s-3").answer("done").say("thanks, now the docs").answer("ok")
    for session in ("s-1", "s-2"):
        record(session).say("start").bash("ls").say("no, never commit to the main branch")
    gap: Gap = only_gap()
    assert gap.root_cause is RootCause.MISUNDERSTOOD_PERSON
    assert gap.sessions == 2


def test_a_person_stopping_the_same_work_twice_is_one_gap(record: Record, only_gap: Any) -> None:
    refusal = "The user doesn't want to proceed with this tool use."
    for name in ("s-1", "s-2"):
        session = record(name).bash("npm publish", refusal, error=True)
        session.say("[Request interrupted by user for tool use]")
    gap: Gap = only_gap()
    assert len(gap.signals) == 2
    assert "npm publish" in gap.title


def test_tokens_are_shown_by_kind_of_work(record: Record, report: Report) -> None:
    record("s-1").bash("git status", "x" * 400).bash("git status", "").answer("y" * 40, tokens=70)
    found = report()
    kinds = {line.kind: line for line in found.cost}
    assert (kinds["Bash: git status"].calls, kinds["Bash: git status"].tokens_read) == (2, 100)
    assert kinds["Bash: git status"].tokens_written == 100
    assert kinds["talk and thought"].tokens == 70
    assert found.output_tokens == 170


def test_the_worth_adds_up(record: Record, only_gap: Any) -> None:
    for number in range(1, 8):
        record(f"s-{number}").bash(heredoc(FIRST), OUTPUT)
    worth = only_gap().worth
    assert worth.tokens == max(0, sum(term.value for term in worth.terms))
    assert f"= {worth.tokens:.0f}" in worth.arithmetic


def test_scanning_again_finds_the_same_ids_with_more_in_them(
    record: Record, report: Report
) -> None:
    record("s-1", 1).bash(heredoc(FIRST), OUTPUT).bash("git push", "fatal: no way", error=True)
    record("s-2", 2).bash(heredoc(SECOND), OUTPUT).bash("git push", "fatal: no way", error=True)
    before = report()
    record("s-3", 3).bash(heredoc(SECOND), OUTPUT)
    after = report()
    assert [gap.id for gap in before.gaps] == [gap.id for gap in after.gaps]
    assert report() == after
    grown, kept = after.gaps[0], before.gaps[0]
    assert {signal.id for signal in kept.signals} < {signal.id for signal in grown.signals}


def test_gaps_that_a_skill_can_close_come_first(record: Record, report: Report) -> None:
    for name in ("s-1", "s-2"):
        session = record(name).bash("make all", "x " * 9_000 + "\nerror: all broke", error=True)
        session.bash(heredoc(FIRST), OUTPUT)
    ranked = report().gaps
    assert [gap.opens_skill for gap in ranked] == [True, False]
    assert ranked[1].worth.tokens > ranked[0].worth.tokens


def test_forgotten_sessions_are_passed_over_with_their_subagents(
    record: Record, sessions: Path
) -> None:
    record("s-1").bash(heredoc(FIRST), OUTPUT)
    record("s-2").bash(heredoc(SECOND), OUTPUT)
    record("s-2", agent="a7").bash(heredoc(SECOND), OUTPUT)
    found = scan([sessions], forgotten=frozenset({"s-2"}))
    assert (found.sessions, found.runs) == (1, 1)
    assert [recording.session_id for recording in found.recordings] == ["s-1"]


def test_files_in_other_formats_are_skipped_and_progress_is_told(
    record: Record, sessions: Path
) -> None:
    record("s-1").bash("ls")
    (sessions / "other.json").write_text('{"steps": []}')
    told: list[ScanProgress] = []
    found = scan([sessions], on_progress=told.append)
    assert (found.files, found.skipped, found.damaged) == (1, 1, 0)
    assert [(each.files_done, each.files) for each in told] == [(1, 2), (2, 2)]
    assert told[-1].bytes_done == found.size_bytes > 0


def test_a_recording_above_the_limit_is_passed_over_and_told(
    record: Record, sessions: Path
) -> None:
    record("s-1").bash("ls", "x" * 5_000)
    record("s-2").bash("ls")
    found = scan([sessions], max_file_bytes=4_000)
    assert (found.files, found.damaged) == (1, 1)
    assert "at most 4000" in found.damage[0].why


def test_scanning_nothing_is_an_error_and_an_empty_folder_is_not(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError):
        scan([tmp_path / "none"])
    found = scan([tmp_path])
    assert (found.sessions, found.gaps) == (0, ())
    assert "0 sessions" in found.summary
