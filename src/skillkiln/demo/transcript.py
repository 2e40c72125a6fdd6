"""Writes a session in the format that Claude Code records its projects in.

Rules: one JSON object a line; each record names its parent; the blocks of one assistant message
share its `message.id` and repeat its usage; a tool's answer is a user record with `toolUseResult`
beside it. Tokens are estimated from text lengths, ids come from the random source, and the model's
name says that a script was at work. What is said and done is left to `workday`.

Source: records of Claude Code 2.1, see `recordings/claude-code`.
"""

import json
import re
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from uuid import UUID

from skillkiln.demo.shell import Outcome

FORMAT_VERSION = "2.1.39"
MODEL = "scripted-agent"
CHARACTERS_PER_TOKEN = 4
_ID_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz123456789"

Json = dict[str, object]


def slug_project(folder: Path) -> str:
    """Return the name of the folder that keeps a project's sessions, as Claude Code forms it."""
    return re.sub(r"[^A-Za-z0-9]", "-", str(folder))


def estimate_tokens(text: str) -> int:
    """Estimate how many tokens a text takes."""
    return max(1, len(text) // CHARACTERS_PER_TOKEN)


class Transcript:
    """One session while it happens: say, call, answer; `render` gives the file's text."""

    def __init__(self, folder: Path, moment: datetime, ids: Random) -> None:
        self.session_id = self._draw_uuid(ids)
        self.folder = folder
        self._moment = moment
        self._ids = ids
        self._records: list[Json] = []
        self._parent: str | None = None
        self._context_tokens = 9_000
        self._new_tokens = 0

    def person_says(self, text: str) -> None:
        """Record what the person typed."""
        self._add("user", {"message": {"role": "user", "content": text}, "todos": []}, text)

    def agent_says(self, text: str) -> None:
        """Record a message of the agent without a call."""
        self._add_message([{"type": "text", "text": text}])

    def agent_reads(self, text: str, path: Path) -> None:
        """Record a whole file's reading through the host's `Read` tool."""
        content = path.read_text(encoding="utf-8")
        lines = content.split("\n")
        numbered = "\n".join(f"{number:>6}→{line}" for number, line in enumerate(lines, 1))
        shown = {
            "filePath": str(path),
            "content": content,
            "numLines": len(lines),
            "startLine": 1,
            "totalLines": len(lines),
        }
        call_id = self._add_call(text, "Read", {"file_path": str(path)})
        block: Json = {"tool_use_id": call_id, "type": "tool_result", "content": numbered}
        self._add_answer(block, {"type": "text", "file": shown})

    def agent_runs(self, text: str, command: str, purpose: str, outcome: Outcome) -> None:
        """Record a shell command and its true outcome."""
        call_id = self._add_call(text, "Bash", {"command": command, "description": purpose})
        printed = "\n".join(part for part in (outcome.stdout, outcome.stderr) if part)
        is_error = outcome.exit_code != 0
        content = f"Exit code {outcome.exit_code}\n{printed}" if is_error else printed
        block: Json = {
            "tool_use_id": call_id,
            "type": "tool_result",
            "content": content,
            "is_error": is_error,
        }
        answer: Json = {
            "stdout": outcome.stdout,
            "stderr": outcome.stderr,
            "interrupted": False,
            "isImage": False,
            "noOutputExpected": False,
        }
        self._add_answer(block, f"Error: {content}" if is_error else answer)

    def render(self) -> str:
        """Return the session as JSON lines."""
        return "".join(
            json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n"
            for record in self._records
        )

    def _add_call(self, text: str, tool: str, inputs: Json) -> str:
        call_id = f"toolu_01{self._draw_id()}"
        call: Json = {
            "type": "tool_use",
            "id": call_id,
            "name": tool,
            "input": inputs,
            "caller": {"type": "direct"},
        }
        self._add_message([{"type": "text", "text": text}, call])
        return call_id

    def _add_message(self, blocks: list[Json]) -> None:
        """Add one assistant message: a record for each block, all with the same id and usage."""
        written = json.dumps(blocks, ensure_ascii=False)
        usage = {
            "input_tokens": 3,
            "cache_creation_input_tokens": self._new_tokens,
            "cache_read_input_tokens": self._context_tokens,
            "output_tokens": estimate_tokens(written),
            "service_tier": "standard",
        }
        self._context_tokens += self._new_tokens
        self._new_tokens = 0
        envelope: Json = {
            "model": MODEL,
            "id": f"msg_01{self._draw_id()}",
            "type": "message",
            "role": "assistant",
        }
        request_id = f"req_011{self._draw_id()}"
        for block in blocks:
            message = envelope | {
                "content": [block],
                "stop_reason": None,
                "stop_sequence": None,
                "usage": usage,
            }
            self._add("assistant", {"message": message, "requestId": request_id}, str(block))

    def _add_answer(self, block: Json, answer: object) -> None:
        message = {"role": "user", "content": [block]}
        beside = {"toolUseResult": answer, "sourceToolAssistantUUID": self._parent}
        self._add("user", {"message": message, **beside}, str(block["content"]))

    def _add(self, kind: str, parts: Json, text: str) -> None:
        self._moment += timedelta(milliseconds=self._ids.randint(700, 24_000))
        self._new_tokens += estimate_tokens(text)
        record_id = self._draw_uuid(self._ids)
        self._records.append(
            {
                "parentUuid": self._parent,
                "isSidechain": False,
                "userType": "external",
                "cwd": str(self.folder),
                "sessionId": self.session_id,
                "version": FORMAT_VERSION,
                "gitBranch": "main",
                "type": kind,
                **parts,
                "uuid": record_id,
                "timestamp": self._moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            }
        )
        self._parent = record_id

    def _draw_id(self) -> str:
        return "".join(self._ids.choices(_ID_ALPHABET, k=22))

    @staticmethod
    def _draw_uuid(ids: Random) -> str:
        return str(UUID(int=ids.getrandbits(128), version=4))
