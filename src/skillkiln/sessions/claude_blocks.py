"""The content blocks of Claude messages, and what Claude Code adds to a tool's result.

Both Claude formats (project files and `stream-json`) share these. The functions are pure; they
take parsed JSON of any shape and never raise on it.

Source: Anthropic Messages API content blocks (`text`, `tool_use`, `tool_result`); the result
fields `stdout`, `file` and `backgroundTaskId` as Claude Code 2.1 records them.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import cast

from skillkiln.sessions.interface import (
    MAX_KEPT_CHARS,
    FileEdit,
    ShownFile,
    ToolCall,
    Usage,
)
from skillkiln.sessions.jsonl import Record
from skillkiln.sessions.text import count_tokens, cut_text

MAX_ARGUMENTS = 32
MAX_ID_CHARS = 100
READ_MAX_LINES = 2_000
"""Lines, and characters of a line, that the Read tool shows unless it is told otherwise."""

_EXIT_CODE = re.compile(r"(?:Error: )?Exit code (\d{1,3})\b")
_CUT_OUTPUT = re.compile(
    r"\[\d+ (?:lines|characters|chars) truncated\]|<persisted-output>|Output too large"
)
_NUMBERED_LINE = re.compile(r" *(\d+)(?:→|\t)")
_REFUSAL = "The user doesn't want to "
_REFUSAL_WORDS = "the user said:"
_SKIPPED = "Sibling tool call errored"


def as_record(value: object) -> Record:
    """Return a JSON object as it is, and anything else as an empty one."""
    return cast(Record, value) if isinstance(value, dict) else {}


def as_text(value: object) -> str:
    """Return a JSON string as it is, and anything else as an empty one."""
    return value if isinstance(value, str) else ""


def as_count(value: object) -> int:
    """Return a JSON number that can count something, and 0 for anything else."""
    return value if isinstance(value, int) and 0 <= value < 2**40 else 0


def list_blocks(content: object) -> Iterator[Record]:
    """Yield a message's content blocks; a plain string is one text block."""
    if isinstance(content, str):
        yield {"type": "text", "text": content}
    elif isinstance(content, list):
        for block in cast(list[object], content):
            if isinstance(block, dict):
                yield cast(Record, block)
            elif isinstance(block, str):
                yield {"type": "text", "text": block}


def parse_usage(value: object) -> Usage:
    """Return a message's token counts, 0 where it has none."""
    usage = as_record(value)
    return Usage(
        input_tokens=as_count(usage.get("input_tokens")),
        cache_read_tokens=as_count(usage.get("cache_read_input_tokens")),
        cache_write_tokens=as_count(usage.get("cache_creation_input_tokens")),
        output_tokens=as_count(usage.get("output_tokens")),
    )


def build_call(block: Record, line: int) -> ToolCall:
    """Return the call that a `tool_use` block begins."""
    arguments = _render_arguments(as_record(block.get("input")))
    name = as_text(block.get("name"))[:MAX_ID_CHARS] or "unknown"
    path = arguments.get("file_path", "")
    shown = edit = None
    if name == "Write" and path:
        content = arguments.get("content", "")
        shown = ShownFile(path, content, is_whole=len(content) < MAX_KEPT_CHARS, is_written=True)
    elif name in {"Edit", "MultiEdit", "NotebookEdit"} and path:
        edit = FileEdit(path, arguments.get("old_string", ""), arguments.get("new_string", ""))
    return ToolCall(
        call_id=as_text(block.get("id"))[:MAX_ID_CHARS],
        name=name,
        input=arguments,
        line=line,
        command=arguments.get("command", "") if name == "Bash" else "",
        shown_file=shown,
        edit=edit,
    )


def _render_arguments(arguments: Record) -> dict[str, str]:
    kept = list(arguments.items())[:MAX_ARGUMENTS]
    return {
        name[:MAX_ID_CHARS]: cut_text(_as_argument(value), MAX_KEPT_CHARS) for name, value in kept
    }


def _as_argument(value: object) -> str:
    if isinstance(value, str):
        return value
    try:
        return json.dumps(value, ensure_ascii=False)
    except RecursionError:
        return ""


def finish_call(call: ToolCall, block: Record, line: int, beside: object) -> ToolCall:
    """Return a call with the result that a `tool_result` block gives it.

    Args:
        call: the call as it was begun.
        block: the `tool_result` block.
        line: the result's line.
        beside: what Claude Code recorded beside the message (`toolUseResult`), of any shape.
    """
    full = "\n".join(_list_result_texts(block.get("content")))
    output = cut_text(full, MAX_KEPT_CHARS)
    extra = as_record(beside)
    stdout = extra.get("stdout")
    is_error = block.get("is_error") is True
    is_whole = len(output) == len(full) and not _CUT_OUTPUT.search(output)
    done = replace(
        call,
        output=output,
        output_line=line,
        stdout=cut_text(stdout, MAX_KEPT_CHARS) if isinstance(stdout, str) else None,
        is_output_whole=is_whole and extra.get("interrupted") is not True,
        is_error=is_error,
        is_refused=is_error and output.startswith(_REFUSAL),
        refusal=_find_refusal(output) if is_error else "",
        is_skipped=is_error and _SKIPPED in output[:200],
        exit_code=_find_exit_code(call, output, extra, is_error=is_error),
        tokens_read=count_tokens(output),
    )
    if is_error:
        return replace(done, shown_file=None, edit=None)
    if call.name == "Read":
        return replace(done, shown_file=_find_shown_file(done, extra))
    return done


def _find_refusal(output: str) -> str:
    if not output.startswith(_REFUSAL):
        return ""
    return output.partition(_REFUSAL_WORDS)[2].strip()


def _list_result_texts(content: object) -> Iterator[str]:
    for block in list_blocks(content):
        text = block.get("text")
        yield text if isinstance(text, str) else f"[{as_text(block.get('type')) or 'block'}]"


def _find_exit_code(call: ToolCall, output: str, extra: Record, *, is_error: bool) -> int | None:
    if not call.command:
        return None
    if is_error:
        match = _EXIT_CODE.match(output)
        return int(match[1]) if match else None
    return None if extra.get("backgroundTaskId") else 0


def _find_shown_file(call: ToolCall, extra: Record) -> ShownFile | None:
    path = call.input.get("file_path", "")
    recorded = as_record(extra.get("file"))
    content = recorded.get("content")
    if isinstance(content, str):
        is_all = recorded.get("startLine") == 1 and _is_read_to_end(recorded)
        kept = cut_text(content, MAX_KEPT_CHARS)
        return ShownFile(path, kept, is_whole=is_all and len(kept) == len(content))
    return _parse_numbered(path, call)


def _is_read_to_end(recorded: Mapping[str, object]) -> bool:
    return as_count(recorded.get("numLines")) >= as_count(recorded.get("totalLines")) > 0


def _parse_numbered(path: str, call: ToolCall) -> ShownFile | None:
    """Take the line numbers off a Read result that was recorded as text alone."""
    lines: list[str] = []
    for numbered in call.output.split("\n"):
        match = _NUMBERED_LINE.match(numbered)
        if match is None or int(match[1]) != len(lines) + 1:
            break
        lines.append(numbered[match.end() :])
    if not lines:
        return None
    is_limited = "limit" in call.input or "offset" in call.input
    is_cut = len(lines) >= READ_MAX_LINES or any(len(line) >= READ_MAX_LINES for line in lines)
    return ShownFile(
        path, "\n".join(lines), is_whole=call.is_output_whole and not is_limited and not is_cut
    )
