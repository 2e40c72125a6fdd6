"""The agents' door by a real MCP client in this process, in both eras of the protocol."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from mcp import Client
from mcp.types import CallToolResult

from skillkiln import errors
from skillkiln.errors import SandboxUnavailableError, SkillkilnError, UnknownNameError
from skillkiln.mcp_server.answers import build_problem
from skillkiln.mcp_server.server import build_server

if TYPE_CHECKING:
    from tests.faces.agents_door.conftest import Workspace

    from skillkiln.app import Skillkiln

pytestmark = pytest.mark.anyio
TOOLS = ["find_skills", "describe_skill", "invoke_skill", "report_gap"]
TOKEN = "ghp_" + "a1B2" * 10


@pytest.fixture(params=["auto", "legacy"])
def client(request: pytest.FixtureRequest, kiln: Skillkiln) -> Client:
    """A client that is not connected yet; entering it connects."""
    return Client(build_server(kiln, version="0.0.0"), mode=request.param)


async def call(client: Client, tool: str, **arguments: Any) -> CallToolResult:
    result = await client.call_tool(tool, arguments)
    assert isinstance(result, CallToolResult)
    return result


def check_problem(result: CallToolResult, code: str, *parts: str) -> None:
    assert result.is_error
    assert result.structured_content["code"] == code
    (block,) = result.content
    text = getattr(block, "text", "")
    assert text.startswith(f"{code}: ")
    for part in parts:
        assert part in text


async def test_the_tools_are_the_four_each_with_schemas_and_a_description(client: Client) -> None:
    async with client:
        tools = (await client.list_tools()).tools
        assert client.server_info is not None
        assert client.server_info.name == "skillkiln"
        assert "find_skills" in str(client.instructions)
    assert [tool.name for tool in tools] == TOOLS
    for tool in tools:
        assert tool.description
        assert tool.output_schema
        for field in tool.input_schema["properties"].values():
            assert field["description"]


async def test_finding_gives_interfaces_best_first_and_never_code(client: Client) -> None:
    async with client:
        result = await call(client, "find_skills", query="count the words of a text", k=3)
    skills = result.structured_content["skills"]
    assert skills[0]["name"] == "count-words"
    assert skills[0]["input_schema"]["properties"]["text"]
    assert len(skills) <= 3
    assert "def run" not in json.dumps(result.structured_content)


async def test_nothing_fitting_is_said_and_leads_on(client: Client) -> None:
    async with client:
        result = await call(client, "find_skills", query="zymurgy")
    assert not result.is_error
    assert result.structured_content["skills"] == []
    assert "report_gap" in result.structured_content["note"]


@pytest.mark.parametrize(
    "query",
    ['"', "NEAR(a b", "name:*", "' OR 1=1; --", "(((", "\x00", "a AND NOT", "\U0001f525" * 900],
)
async def test_a_hostile_query_is_only_words(client: Client, query: str) -> None:
    async with client:
        assert not (await call(client, "find_skills", query=query)).is_error


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"query": "x" * 1_001}, "query"),
        ({"query": "x", "k": 21}, "k"),
        ({"query": "x", "k": 0}, "k"),
        ({"query": 5}, "query"),
        ({}, "query"),
    ],
)
async def test_arguments_outside_the_limits_are_named(
    client: Client, arguments: dict[str, Any], field: str
) -> None:
    async with client:
        check_problem(await call(client, "find_skills", **arguments), "invalid_input", field)


async def test_a_description_has_contract_text_status_and_evidence(client: Client) -> None:
    async with client:
        result = await call(client, "describe_skill", name="count-words")
    described = result.structured_content
    assert described["contract"]["input_schema"]["required"] == ["text"]
    assert described["skill_md"].startswith("---\n")
    assert (described["version"], described["status"]) == ("1.0.0", "live")
    assert described["evidence"]["score"] == 9.8
    assert "def run" not in json.dumps(described)


async def test_a_call_answers_in_structure_and_the_same_in_text(client: Client) -> None:
    async with client:
        result = await call(client, "invoke_skill", name="count-words", inputs={"text": "a b a"})
    answer = result.structured_content
    assert not result.is_error
    assert answer["output"] == {"a": 2, "b": 1}
    assert (answer["version"], answer["is_replayed"]) == ("1.0.0", False)
    assert answer["latency_ms"] > 0
    assert json.loads(getattr(result.content[0], "text", "")) == answer


async def test_inputs_given_as_json_text_are_understood(client: Client) -> None:
    async with client:
        result = await call(client, "invoke_skill", name="count-words", inputs='{"text": "a"}')
    assert result.structured_content["output"] == {"a": 1}


@pytest.mark.parametrize(
    ("name", "inputs", "code", "part"),
    [
        ("count-words", {}, "contract_violation", "inputs.text: expected a value, got none"),
        ("count-words", {"text": 7}, "contract_violation", "inputs.text: expected string, got 7"),
        ("refuse-text", {"text": "me"}, "runtime_error", "ValueError"),
        ("break-promise", {"text": "me"}, "contract_violation", "output: expected integer"),
        ("reach-network", {"text": "me"}, "permission_denied", "network"),
        ("count-word", {"text": "a"}, "unknown_name", "hint: did you mean `count-words`?"),
        ("hidden-trial", {"text": "a"}, "unknown_name", "hidden-trial"),
        ("../../etc/passwd", {"text": "a"}, "unknown_name", "passwd"),
    ],
)
async def test_a_call_that_fails_says_why_and_what_to_do(
    client: Client, name: str, inputs: dict[str, Any], code: str, part: str
) -> None:
    async with client:
        result = await call(client, "invoke_skill", name=name, inputs=inputs)
    check_problem(result, code, part)
    assert "\x1b" not in str(result)
    assert result.structured_content["hint"] or name in {"hidden-trial", "../../etc/passwd"}


async def test_a_shadow_release_is_nowhere_to_be_seen(client: Client) -> None:
    async with client:
        found = await call(client, "find_skills", query="hidden trial")
        described = await call(client, "describe_skill", name="hidden-trial")
        called = await call(
            client, "invoke_skill", name="hidden-trial", inputs={"text": "a"}, version="1.0.0"
        )
    assert found.structured_content["skills"] == []
    check_problem(described, "unknown_name")
    check_problem(called, "unknown_name")


async def test_a_key_gives_the_first_answer_again_and_no_other_inputs(client: Client) -> None:
    key = f"key-{id(client)}"
    same: dict[str, Any] = {"name": "count-words", "inputs": {"text": "a"}, "idempotency_key": key}
    async with client:
        first = await call(client, "invoke_skill", **same)
        again = await call(client, "invoke_skill", **same)
        other = await call(client, "invoke_skill", **{**same, "inputs": {"text": "b"}})
    assert not first.structured_content["is_replayed"]
    assert again.structured_content["is_replayed"]
    assert first.structured_content["output"] == again.structured_content["output"]
    check_problem(other, "contract_violation", "idempotency_key")


async def test_a_large_input_is_refused_with_its_limit(client: Client) -> None:
    async with client:
        result = await call(
            client, "invoke_skill", name="count-words", inputs={"text": "x" * 5_000_000}
        )
    check_problem(result, "contract_violation", "4194304 bytes")
    assert len(str(result)) < 2_000


async def test_a_reported_gap_is_kept_without_its_secrets(client: Client, kiln: Skillkiln) -> None:
    async with client:
        result = await call(
            client,
            "report_gap",
            title="Parse firewall lines",
            description=f"with {TOKEN}\x1b[31m",
            examples=[{"inputs": {"line": "DENY"}, "expected": {"action": "DENY"}}],
        )
    gap = kiln.load_gap(result.structured_content["gap_id"])
    assert gap.title == "Parse firewall lines"
    assert gap.signals[0].detail["examples"] == [
        {"inputs": {"line": "DENY"}, "expected": {"action": "DENY"}}
    ]
    assert TOKEN not in gap.model_dump_json()
    assert "\\u001b" not in gap.model_dump_json()


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"title": "", "description": ""}, "title"),
        ({"title": "!!", "description": ""}, "title"),
        ({"title": "x", "description": "y" * 4_001}, "description"),
        ({"title": "x", "description": "", "examples": [{"inputs": {"n": 1}}] * 51}, "examples"),
        ({"title": "x", "description": "", "examples": [{"input": 1}]}, "examples"),
    ],
)
async def test_a_report_outside_the_limits_is_refused(
    client: Client, arguments: dict[str, Any], field: str
) -> None:
    async with client:
        check_problem(await call(client, "report_gap", **arguments), "invalid_input", field)


async def test_an_unknown_tool_is_a_tool_error(client: Client) -> None:
    async with client:
        check_problem(await call(client, "run_shell", command="id"), "unknown_name", "run_shell")


async def test_calls_at_once_overlap(client: Client, workspace: Workspace) -> None:
    traces: list[str] = []

    async def nap() -> None:
        result = await call(client, "invoke_skill", name="take-nap", inputs={"seconds": 0.7})
        traces.append(result.structured_content["trace_id"])

    async with client, anyio.create_task_group() as group:
        group.start_soon(nap)
        group.start_soon(nap)
    naps = [nap for nap in workspace.calls("take-nap") if nap.trace_id in traces]
    first, second = sorted(naps, key=lambda nap: nap.began_at)
    assert (second.began_at - first.began_at).total_seconds() * 1000 < first.latency_ms


async def test_the_list_of_tools_stays_the_same_when_a_skill_goes_live(
    client: Client, workspace: Workspace
) -> None:
    name = f"new-skill-{id(client)}"
    async with client:
        before = await client.list_tools()
        workspace.release(name, "def run(text: str) -> str:\n    return text\n")
        assert (await client.list_tools()).tools == before.tools
        result = await call(client, "invoke_skill", name=name, inputs={"text": "at once"})
    assert result.structured_content["output"] == "at once"


class Failing:
    """A kiln whose every service fails in one way."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def find_skills(self, query: str, k: int) -> Any:
        raise self._error

    def describe_skill(self, name: str) -> Any:
        raise self._error

    def invoke(self, name: str, inputs: Any, **more: Any) -> Any:
        raise self._error

    def report_gap(self, report: Any) -> Any:
        raise self._error


ARGUMENTS: dict[str, dict[str, Any]] = {
    "find_skills": {"query": "x"},
    "describe_skill": {"name": "x"},
    "invoke_skill": {"name": "x", "inputs": {}},
    "report_gap": {"title": "x", "description": ""},
}


@pytest.mark.parametrize("tool", TOOLS)
async def test_a_crash_tells_the_agent_nothing_and_the_log_everything(
    tool: str, caplog: pytest.LogCaptureFixture
) -> None:
    server = build_server(Failing(RuntimeError("the password is hunter2")), version="0.0.0")
    async with Client(server) as client:
        result = await call(client, tool, **ARGUMENTS[tool])
    check_problem(result, "internal")
    assert "hunter2" not in str(result)
    assert "hunter2" in caplog.text


@pytest.mark.parametrize("tool", TOOLS)
async def test_an_error_of_ours_keeps_its_code_message_and_hint(tool: str) -> None:
    error = SandboxUnavailableError("no bwrap", hint="`apt-get install bubblewrap`")
    async with Client(build_server(Failing(error), version="0.0.0")) as client:
        result = await call(client, tool, **ARGUMENTS[tool])
    check_problem(result, "sandbox_unavailable", "no bwrap", "hint: `apt-get install bubblewrap`")


EVERY_ERROR = [
    value
    for value in vars(errors).values()
    if isinstance(value, type) and issubclass(value, SkillkilnError)
]


@pytest.mark.parametrize("kind", EVERY_ERROR)
async def test_every_error_is_mapped_by_its_code(kind: type[SkillkilnError]) -> None:
    error = kind.__new__(kind)
    SkillkilnError.__init__(error, "what happened", where="skill.json:3", hint="do this")
    problem = build_problem(error)
    assert (problem.code, problem.message) == (kind.code, "what happened")
    assert (problem.where, problem.hint) == ("skill.json:3", "do this")


async def test_what_is_no_error_of_ours_keeps_its_text_to_itself() -> None:
    assert build_problem(KeyError("hunter2")).code == "internal"
    assert "hunter2" not in build_problem(KeyError("hunter2")).message
    assert build_problem(UnknownNameError("skill", "x")).message == "no skill named 'x'"
