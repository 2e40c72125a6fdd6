"""What the reader of Claude Code project files makes of records."""

from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from skillkiln.sessions.claude_project import ClaudeProjectReader
from skillkiln.sessions.interface import (
    MAX_KEPT_CHARS,
    MAX_PENDING_CALLS,
    Damage,
    Event,
    SessionHead,
    ToolCall,
    Turn,
    UnknownRecord,
)

Save = Callable[..., Path]
READER = ClaudeProjectReader()


def calls(events: Iterable[Event]) -> list[ToolCall]:
    return [event for event in events if isinstance(event, ToolCall)]


def turns(events: Iterable[Event]) -> list[Turn]:
    return [event for event in events if isinstance(event, Turn)]


def damage(events: Iterable[Event]) -> list[Damage]:
    return [event for event in events if isinstance(event, Damage)]


def test_a_session_is_its_head_its_turns_and_its_calls_in_order(records: Any, save: Save) -> None:
    path = save(
        [
            records.user("count the lines"),
            records.assistant({"type": "text", "text": "I will."}, records.use("t1", command="wc")),
            records.result("t1", "3", beside={"stdout": "3", "stderr": ""}),
            records.assistant({"type": "text", "text": "Three."}, message_id="m-2"),
        ]
    )
    head, asked, said, call, answered = READER.read(path)
    assert isinstance(head, SessionHead)
    assert (head.session_id, head.cwd, head.started) == ("s-1", "/project", date(2026, 2, 11))
    assert isinstance(asked, Turn)
    assert asked.is_human
    assert isinstance(said, Turn)
    assert said.text == "I will."
    assert isinstance(call, ToolCall)
    assert (call.command, call.output, call.exit_code) == ("wc", "3", 0)
    assert (call.line, call.output_line) == (2, 3)
    assert isinstance(answered, Turn)


def test_usage_that_every_record_of_a_message_repeats_is_counted_once(
    records: Any, save: Save
) -> None:
    text = {"type": "text", "text": "x" * 40}
    path = save(
        [
            records.assistant(text, output_tokens=2),
            records.assistant(records.use("t1", command="a" * 40), output_tokens=2),
            records.result("t1", "done"),
            records.assistant(records.use("t2", command="b" * 40), output_tokens=900),
            records.result("t2", "done"),
            records.assistant(text, message_id="m-2", output_tokens=10),
            records.assistant(text, message_id="m-1", output_tokens=900),
        ]
    )
    events = list(READER.read(path))
    counted = [turn.usage.output_tokens for turn in turns(events) if turn.usage]
    assert counted == [900, 10, 10]  # the late record of m-1 counts for its own text alone
    written = [call.tokens_written for call in calls(events)]
    assert written[0] == written[1] > 300
    assert sum(written) < 900


def test_tokens_recorded_before_the_message_was_finished_give_way_to_the_estimate(
    records: Any, save: Save
) -> None:
    path = save([records.assistant({"type": "text", "text": "x" * 4_000}, output_tokens=1)])
    (turn,) = turns(READER.read(path))
    assert turn.usage is not None
    assert turn.usage.output_tokens == 1_000


def test_a_subagents_file_is_a_session_whose_parent_is_the_recorded_one(
    records: Any, save: Save
) -> None:
    path = save([records.user("explore", isSidechain=True, agentId="a7")], "agent-a7.jsonl")
    head, turn = READER.read(path)
    assert isinstance(head, SessionHead)
    assert (head.session_id, head.is_subagent, head.parent_id) == ("agent-a7", True, "s-1")
    assert isinstance(turn, Turn)
    assert not turn.is_human


@pytest.mark.parametrize(
    ("content", "fields"),
    [
        ("<system-reminder>\nrun the formatter\n</system-reminder>", {}),
        ("<task-notification>done</task-notification>\nRead the output file to retrieve", {}),
        ("<command-name>/model</command-name><command-args></command-args>", {}),
        ("Do as the skill says.", {"isMeta": True}),
        ("This session is being continued from a previous conversation that ran out", {}),
        ("A summary.", {"isCompactSummary": True}),
        ("[Request interrupted by user for tool use]", {}),
        ("<system-reminder>never closed, no!", {}),
    ],
)
def test_what_the_host_says_in_the_persons_role_is_no_persons_word(
    records: Any, save: Save, content: str, fields: dict[str, object]
) -> None:
    if content.startswith("<task"):
        content += " the result: x"
    path = save([records.user(content, **fields)])
    assert not any(turn.is_human for turn in turns(READER.read(path)))


def test_the_persons_words_around_a_reminder_are_kept(records: Any, save: Save) -> None:
    text = "no, <system-reminder>be brief</system-reminder>use the other file"
    (turn,) = turns(READER.read(save([records.user(text)])))
    assert (turn.is_human, turn.text) == (True, "no, use the other file")


def test_results_are_read_from_strings_and_from_blocks(records: Any, save: Save) -> None:
    blocks = [{"type": "text", "text": "one"}, {"type": "image"}, {"type": "text", "text": "two"}]
    path = save(
        [
            records.assistant(records.use("t1", "Task"), records.use("t2", "Task")),
            records.result("t1", blocks),
            records.result("t2", "plain"),
        ]
    )
    assert [call.output for call in calls(READER.read(path))] == ["one\n[image]\ntwo", "plain"]


def test_a_failed_command_says_its_exit_code(records: Any, save: Save) -> None:
    path = save(
        [
            records.assistant(records.use("t1", command="git push")),
            records.result("t1", "Exit code 128\nfatal: no upstream", is_error=True),
        ]
    )
    (call,) = calls(READER.read(path))
    assert (call.is_error, call.exit_code) == (True, 128)


def test_a_call_in_the_background_has_no_exit_code_yet(records: Any, save: Save) -> None:
    path = save(
        [
            records.assistant(records.use("t1", command="sleep 99")),
            records.result("t1", "started", beside={"stdout": "", "backgroundTaskId": "b1"}),
        ]
    )
    assert calls(READER.read(path))[0].exit_code is None


def test_a_refusal_is_the_persons_and_carries_the_words(records: Any, save: Save) -> None:
    refusal = (
        "The user doesn't want to proceed with this tool use. To tell you how to proceed, "
        "the user said:\nuse staging instead"
    )
    path = save(
        [
            records.assistant(records.use("t1", command="rm x"), records.use("t2", "Glob")),
            records.result("t1", refusal, is_error=True),
            records.result(
                "t2",
                "<tool_use_error>Sibling tool call errored</tool_use_error>",
                is_error=True,
            ),
        ]
    )
    refused, skipped = calls(READER.read(path))
    assert (refused.is_refused, refused.refusal) == (True, "use staging instead")
    assert (skipped.is_refused, skipped.is_skipped) == (False, True)


def test_a_read_shows_the_file_whole_only_when_it_says_so(records: Any, save: Save) -> None:
    def read(call_id: str, lines: int, total: int) -> list[Any]:
        recorded = {"content": "a\nb", "startLine": 1, "numLines": lines, "totalLines": total}
        return [
            records.assistant(records.use(call_id, "Read", file_path="/f"), message_id=call_id),
            records.result(call_id, "     1→a\n     2→b", beside={"file": recorded}),
        ]

    whole, part = calls(READER.read(save([*read("t1", 2, 2), *read("t2", 2, 9)])))
    assert whole.shown_file is not None
    assert (whole.shown_file.content, whole.shown_file.is_whole) == ("a\nb", True)
    assert part.shown_file is not None
    assert not part.shown_file.is_whole


def test_a_read_recorded_as_numbered_text_gives_the_file_without_the_numbers(
    records: Any, save: Save
) -> None:
    path = save(
        [
            records.assistant(
                records.use("t1", "Read", file_path="/f"),
                records.use("t2", "Read", file_path="/f", offset=2, limit=1),
            ),
            records.result("t1", "     1→a\n     2→  b\n\n<system-reminder>x</system-reminder>"),
            records.result("t2", "     2→  b"),
        ]
    )
    whole, part = calls(READER.read(path))
    assert whole.shown_file is not None
    assert (whole.shown_file.content, whole.shown_file.is_whole) == ("a\n  b", True)
    assert part.shown_file is None


def test_a_written_file_is_shown_unless_writing_failed(records: Any, save: Save) -> None:
    path = save(
        [
            records.assistant(
                records.use("t1", "Write", file_path="/a.py", content="print(1)"),
                records.use("t2", "Write", file_path="/b.py", content="print(2)"),
            ),
            records.result("t1", "ok"),
            records.result("t2", "denied", is_error=True),
        ]
    )
    written, denied = calls(READER.read(path))
    assert written.shown_file is not None
    assert written.shown_file.is_written
    assert denied.shown_file is None


@pytest.mark.parametrize(
    "output", ["a\n... [120 lines truncated] ...\nz", "<persisted-output>see /x</persisted-output>"]
)
def test_an_output_that_the_host_cut_is_not_whole(records: Any, save: Save, output: str) -> None:
    path = save([records.assistant(records.use("t1", command="ls")), records.result("t1", output)])
    assert not calls(READER.read(path))[0].is_output_whole


def test_a_long_output_is_cut_and_says_so(records: Any, save: Save) -> None:
    output = "word " * (MAX_KEPT_CHARS // 4)
    path = save([records.assistant(records.use("t1", command="ls")), records.result("t1", output)])
    (call,) = calls(READER.read(path))
    assert len(call.output) <= MAX_KEPT_CHARS
    assert not call.is_output_whole


def test_broken_lines_are_damage_with_their_line_and_the_rest_is_read(
    records: Any, save: Save
) -> None:
    path = save([records.user("hello"), "{not json", "[1, 2]", "", records.user("again")])
    events = list(READER.read(path))
    assert [(each.line, each.why) for each in damage(events)] == [
        (2, "not a JSON object"),
        (3, "not a JSON object"),
    ]
    assert [turn.text for turn in turns(events)] == ["hello", "again"]


def test_an_unknown_type_is_counted_and_its_name_made_harmless(records: Any, save: Save) -> None:
    path = save([records.user("hi"), records.base("tele\x1b[2Jport")])
    assert [e for e in READER.read(path) if isinstance(e, UnknownRecord)] == [
        UnknownRecord(2, "teleport")
    ]


def test_calls_without_results_and_results_without_calls_are_told(records: Any, save: Save) -> None:
    path = save(
        [records.assistant(records.use("t1", command="sleep 9")), records.result("t9", "orphan")]
    )
    events = list(READER.read(path))
    assert [call.output_line for call in calls(events)] == [None]
    assert [(each.line, each.why) for each in damage(events)] == [
        (2, "a tool result without its call")
    ]


def test_no_more_calls_wait_than_the_limit(records: Any, save: Save) -> None:
    count = MAX_PENDING_CALLS * 3
    lines = [
        records.assistant(records.use(f"t{n}", command="x"), message_id=f"m{n}")
        for n in range(count)
    ]
    events = list(READER.read(save([*lines, records.result("t0", "too late")])))
    assert len(calls(events)) == count
    assert len(damage(events)) == 1


def test_one_message_with_very_many_calls_keeps_them_all(records: Any, save: Save) -> None:
    count = MAX_PENDING_CALLS * 2
    uses = [records.use(f"t{n}", command="x") for n in range(count)]
    assert len(calls(READER.read(save([records.assistant(*uses)])))) == count


@pytest.mark.parametrize(
    "head",
    [
        b'{"type":"summary","sessionId":"s"}\n',
        b'{"type":"file-history-snapshot"}\n{"type":"user","sessionId":"s"}\n',
        b'{"parentUuid":null,"sessionId":"s","message":"' + b"x" * 100,
    ],
)
def test_project_files_are_accepted(head: bytes) -> None:
    assert READER.accepts(Path("s.jsonl"), head)


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"no json",
        b'{"type":"user","session_id":"s"}\n',
        b'{"type":"toast","sessionId":"s"}\n',
        b"\xff\xfe\x00",
    ],
)
def test_other_files_are_not_accepted(head: bytes) -> None:
    assert not READER.accepts(Path("s.jsonl"), head)
