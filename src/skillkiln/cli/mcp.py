"""`skillkiln mcp`: the agents' door on stdin and stdout."""

from importlib.metadata import version

import typer

from skillkiln.cli.options import WorkspaceOption, open_kiln
from skillkiln.mcp_server.server import build_server

command = typer.Typer(add_completion=False)


@command.command()
def mcp(workspace: WorkspaceOption = None) -> None:
    """Serve skills to an agent over MCP on stdin and stdout.

    In Claude Code: `claude mcp add skillkiln -- skillkiln mcp --workspace PATH`.
    """
    with open_kiln(workspace) as kiln:
        build_server(kiln, version=version("skillkiln")).run("stdio")
