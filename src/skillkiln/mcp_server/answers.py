"""What the tools answer: typed values, and the one mapper from failures to MCP tool errors.

A tool error is a result that the agent can read and act on, never a broken connection:

    content             "<code>: <message>" and, where there is one, a line "hint: ..."
    structured_content  {"code", "message", "hint", "where", "trace_id"}

`code` is the slug of a `SkillkilnError` (see `errors`), or, for a call that was made and failed,
its failure reason. What is no error of ours becomes `internal`, and its text stays in the log.
"""

from mcp.types import CallToolResult, TextContent
from pydantic import JsonValue, ValidationError

from skillkiln.errors import InvalidInputError, SkillkilnError
from skillkiln.records.invocations import Invocation
from skillkiln.registry.cards import SkillCard
from skillkiln.skill.contract import describe_problems
from skillkiln.skill.reasons import FailureReason
from skillkiln.skill.value import Value

INTERNAL = "internal"

HINTS: dict[FailureReason, str] = {
    FailureReason.CONTRACT_VIOLATION: "`describe_skill` shows what goes in and what comes out",
    FailureReason.TIMEOUT: "give it less at once, or do without the skill",
    FailureReason.MEMORY_EXCEEDED: "give it less at once, or do without the skill",
    FailureReason.OUTPUT_EXCEEDED: "give it less at once, or do without the skill",
    FailureReason.PERMISSION_DENIED: "a person has to grant what the skill petitions for",
    FailureReason.SIDE_EFFECT_DETECTED: "do without the skill; `skillkiln rollback` takes it back",
    FailureReason.RUNTIME_ERROR: "this input may lie outside what it was proved on; `report_gap`",
}


class FoundSkills(Value):
    """The answer of `find_skills`."""

    skills: tuple[SkillCard, ...]
    """Interfaces, best match first. Read the description: the best match may still not fit."""
    note: str


class InvokedSkill(Value):
    """The answer of `invoke_skill`."""

    output: JsonValue
    trace_id: str
    version: str
    latency_ms: float
    is_replayed: bool
    """Whether this is the kept answer of an earlier call with the same key."""


class ReportedGap(Value):
    """The answer of `report_gap`."""

    gap_id: str
    note: str


class Problem(Value):
    """What a tool error says."""

    code: str
    message: str
    hint: str | None = None
    where: str | None = None
    trace_id: str | None = None


def build_invoked(invocation: Invocation) -> InvokedSkill:
    """Build the answer for a call that came out well."""
    return InvokedSkill(
        output=invocation.output,
        trace_id=invocation.trace_id,
        version=invocation.version,
        latency_ms=round(invocation.latency_ms, 3),
        is_replayed=invocation.is_replayed,
    )


def build_call_problem(invocation: Invocation) -> Problem:
    """Build the problem of a call that was made and failed."""
    return Problem(
        code=invocation.reason or INTERNAL,
        message=invocation.message,
        hint=HINTS.get(invocation.reason) if invocation.reason else None,
        trace_id=invocation.trace_id,
    )


def build_problem(error: BaseException) -> Problem:
    """Map whatever went wrong to what the agent is told."""
    if isinstance(error, SkillkilnError):
        return Problem(code=error.code, message=error.message, hint=error.hint, where=error.where)
    if isinstance(error, ValidationError):
        return Problem(code=InvalidInputError.code, message=describe_problems(error))
    return Problem(code=INTERNAL, message="the server failed; its log says more")


def render_problem(problem: Problem) -> CallToolResult:
    """Render a problem as an MCP tool error."""
    lines = [f"{problem.code}: {problem.message}"]
    if problem.where:
        lines.append(f"  --> {problem.where}")
    if problem.hint:
        lines.append(f"hint: {problem.hint}")
    return CallToolResult(
        content=[TextContent(type="text", text="\n".join(lines))],
        structured_content=problem.model_dump(mode="json"),
        is_error=True,
    )


def render_answer(answer: Value) -> CallToolResult:
    """Render an answer: structured for programs, and the same as text for those that read text."""
    return CallToolResult(
        content=[TextContent(type="text", text=answer.model_dump_json())],
        structured_content=answer.model_dump(mode="json"),
    )
