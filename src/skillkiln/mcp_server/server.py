"""The agents' door: four stable tools over MCP, on standard input and output.

    find_skills      interfaces of skills that may fit, never code
    describe_skill   the whole promise of one skill, and its evidence in figures
    invoke_skill     a call in the sandbox, recorded
    report_gap       what is missing becomes a request

The tools are few and never change, because clients cache their list: a skill that goes live is
found at the next `find_skills`. Rules: nothing but protocol is written to standard output; work
that blocks runs in threads, so that calls proceed side by side; on the end of input, SIGTERM or
SIGINT the door closes, and calls under way are finished and recorded first (a contract's timeout
bounds that); a second signal ends the process at once.

Example:
    build_server(kiln, version="0.1.0").run("stdio")
"""

import logging
import signal
from collections.abc import AsyncIterator
from typing import Any, cast

import anyio
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError, UnexpectedToolError
from mcp.server.stdio import stdio_server
from mcp.types import CallToolResult, InputRequiredResult, ToolAnnotations

from skillkiln.errors import SkillkilnError, UnknownNameError
from skillkiln.mcp_server.answers import build_problem, render_problem
from skillkiln.mcp_server.interface import Kiln
from skillkiln.mcp_server.tools import Tools
from skillkiln.mcp_server.wire import LineTooLongError, divert_stdin, read_lines

SERVER_NAME = "skillkiln"
INSTRUCTIONS = (
    "Skills that were proved and signed. Before writing a script for a recurring task, ask "
    "`find_skills`; read the interface; call with `invoke_skill`. When nothing fits and the task "
    "will come again, `report_gap`."
)
READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
CALLS = ToolAnnotations(read_only_hint=False, destructive_hint=False, open_world_hint=False)

log = logging.getLogger(__name__)


def build_server(kiln: Kiln, *, version: str) -> "SkillServer":
    """Build the agents' door.

    Args:
        kiln: the services behind it.
        version: what the server says its version is.
    """
    # Before the SDK does it in a way that breaks lines at 80 columns. Goes to standard error.
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s: %(message)s")
    server = SkillServer(
        SERVER_NAME,
        title="Skillkiln",
        instructions=INSTRUCTIONS,
        version=version,
        log_level="WARNING",
    )
    tools = Tools(kiln)
    server.add_tool(tools.find_skills, annotations=READS)
    server.add_tool(tools.describe_skill, annotations=READS)
    server.add_tool(tools.invoke_skill, annotations=CALLS)
    server.add_tool(tools.report_gap, annotations=CALLS)
    return server


class SkillServer(MCPServer[Any]):
    """An MCP server that words every failure alike and ends when it is told to."""

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[Any, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        """Call a tool; whatever goes wrong becomes a tool error with a code, by one mapper."""
        if name not in {tool.name for tool in await self.list_tools()}:
            return render_problem(build_problem(UnknownNameError("tool", name)))
        try:
            return await super().call_tool(name, arguments, context)
        except ToolError as error:
            cause = error.__cause__ or error
            if isinstance(error, UnexpectedToolError) and not isinstance(cause, SkillkilnError):
                log.error("tool %r crashed", name, exc_info=cause)
            return render_problem(build_problem(cause))

    async def run_stdio_async(self) -> None:
        """Serve standard input and output until the input ends or a signal says stop."""
        with (
            divert_stdin() as wire,
            anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals,
        ):
            try:
                async with anyio.create_task_group() as group:
                    group.start_soon(_cancel_on_signal, signals, group.cancel_scope)
                    await self._serve(wire)
                    group.cancel_scope.cancel()
            except* (BrokenPipeError, LineTooLongError) as ends:
                # The client is gone, or is to be hung up on: an end like any other.
                log.warning("the connection ended: %s", _find_first(ends))

    async def _serve(self, wire: int) -> None:
        lines = cast("anyio.AsyncFile[str]", read_lines(wire))
        async with stdio_server(stdin=lines) as (incoming, outgoing):
            options = self._lowlevel_server.create_initialization_options()
            await self._lowlevel_server.run(incoming, outgoing, options)


def _find_first(error: BaseException) -> BaseException:
    if isinstance(error, BaseExceptionGroup):
        group = cast("BaseExceptionGroup[BaseException]", error)
        return _find_first(group.exceptions[0])
    return error


async def _cancel_on_signal(
    signals: AsyncIterator[signal.Signals], scope: anyio.CancelScope
) -> None:
    async for _ in signals:
        # From here on a further signal has its usual effect.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        scope.cancel()
        return
