"""Call a live skill the way an agent does: an MCP client that starts the server and talks to it.

Uses the MCP SDK's own client over stdio, so what is measured is what an agent would wait for.
"""

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import anyio
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from pydantic import JsonValue

START_TIMEOUT_S = 60


@dataclass(frozen=True, slots=True)
class Answer:
    """What one call came back with."""

    output: JsonValue
    is_error: bool
    latency_ms: float


@dataclass(frozen=True, slots=True)
class McpVisit:
    """What one client saw in one connection."""

    tools: tuple[str, ...]
    found: tuple[str, ...]
    """Names that `find_skills` gave for the query."""
    answers: tuple[Answer, ...]


def visit(
    command: Sequence[str],
    environment: Mapping[str, str],
    *,
    query: str,
    skill: str,
    inputs: Sequence[Mapping[str, JsonValue]],
    cwd: Path,
) -> McpVisit:
    """Start a server, look around, find a skill and call it once for each input.

    Args:
        command: the server's argument list.
        environment: all that the server gets of environment variables.
        query: what to ask `find_skills` for.
        skill: which skill to call.
        inputs: one object for each call.
        cwd: the folder the server starts in.
    """
    return anyio.run(_visit, command, environment, query, skill, inputs, cwd)


async def _visit(
    command: Sequence[str],
    environment: Mapping[str, str],
    query: str,
    skill: str,
    inputs: Sequence[Mapping[str, JsonValue]],
    cwd: Path,
) -> McpVisit:
    server = StdioServerParameters(
        command=command[0], args=list(command[1:]), env=dict(environment), cwd=cwd
    )
    deadline = anyio.fail_after(START_TIMEOUT_S + 10 * len(inputs))
    with deadline, Path(os.devnull).open("w", encoding="utf-8") as quiet:
        async with Client(stdio_client(server, errlog=quiet)) as client:
            tools = tuple(tool.name for tool in (await client.list_tools()).tools)
            hits = await client.call_tool("find_skills", {"query": query, "k": 3})
            answers = [await _call(client, skill, given) for given in inputs]
    return McpVisit(tools, _names(hits.structured_content), tuple(answers))


async def _call(client: Client, skill: str, given: Mapping[str, JsonValue]) -> Answer:
    began_at = time.perf_counter()
    result = await client.call_tool("invoke_skill", {"name": skill, "inputs": dict(given)})
    latency_ms = (time.perf_counter() - began_at) * 1000
    content = _as_object(result.structured_content)
    return Answer(content.get("output"), bool(result.is_error), latency_ms)


def _names(content: object) -> tuple[str, ...]:
    skills = _as_object(content).get("skills")
    cards = skills if isinstance(skills, list) else []
    return tuple(str(_as_object(card).get("name")) for card in cards)


def _as_object(content: object) -> dict[str, JsonValue]:
    return cast("dict[str, JsonValue]", content) if isinstance(content, dict) else {}
