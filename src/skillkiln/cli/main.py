"""The `skillkiln` command: names the commands, loads the one that was typed, maps errors to exits.

Only the typed command's module is imported, because importing all of them costs several times the
start-up budget of 0.3 s (`python -X importtime -m skillkiln --help`); the table below is all that
`--help` needs. Exit codes: 0 done; 1 it ran and the answer is no; 2 and up by who must act
(see `errors.py`); 130 interrupted.
"""

import sys
from importlib import import_module
from typing import Any, cast

import typer
from typer.core import TyperCommand, TyperGroup

from skillkiln.errors import SkillkilnError

COMMANDS: dict[str, str] = {
    "demo": "See the whole loop on real recordings, from a session to a live skill.",
    "init": "Make a workspace here: a store and a signing key.",
    "doctor": "Say what this machine can isolate, and what is missing.",
    "scan": "Read recorded sessions and rank the gaps in them.",
    "gaps": "List the gaps found, or show one with its evidence.",
    "forge": "Have a skill written, proved, signed and taken live.",
    "adopt": "Bring in a skill that a person wrote, through the same gates.",
    "skills": "List the inventory: every skill and where it stands.",
    "show": "Show one skill: contract, code, tests, evidence, provenance, versions.",
    "find": "Find skills by what they do.",
    "invoke": "Call a live skill.",
    "rollback": "Put the previous good version back.",
    "retire": "Take a skill out of service.",
    "audit": "Check the ledger's chain and every release's digest and signature.",
    "forget": "Remove what came from a session.",
    "keys": "List, rotate or revoke the keys that vouch for releases.",
    "mcp": "Serve skills to an agent over MCP on stdin and stdout.",
}


class LazyGroup(TyperGroup):
    """A group that knows its commands by name and imports one when it is called."""

    def list_commands(self, ctx: object) -> list[str]:
        """Return the commands' names in the order of a first session."""
        return list(COMMANDS)

    def get_command(self, ctx: object, cmd_name: str) -> TyperCommand | None:
        """Return a stand-in with name and help: enough for listing and completion."""
        if cmd_name not in COMMANDS:
            return None
        return TyperCommand(cmd_name, help=COMMANDS[cmd_name])

    def resolve_command(
        self,
        ctx: Any,  # noqa: ANN401 - typer keeps its context class private
        args: list[str],
    ) -> tuple[str | None, TyperCommand | None, list[str]]:
        """Import the typed command."""
        name, _, rest = super().resolve_command(ctx, args)
        return name, load_command(name) if name else None, rest


def load_command(name: str) -> TyperCommand:
    """Import one command's module and return its command."""
    module: Any = import_module(f"skillkiln.cli.{name}")
    command = typer.main.get_command(cast("typer.Typer", module.command))
    command.name = name
    return cast("TyperCommand", command)


app = typer.Typer(
    cls=LazyGroup,
    name="skillkiln",
    no_args_is_help=True,
    help="Finds what your AI agents keep re-inventing, and forges the missing skill.",
    epilog="Start with `skillkiln demo`. Every command takes --help; most take --json.",
    context_settings={"help_option_names": ["-h", "--help"]},
    # Rich help costs 0.2 s of start-up; results are still drawn with rich.
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.callback()
def root() -> None:
    """Find what your AI agents keep re-inventing, and forge the missing skill."""


def run() -> None:
    """Run the command line and exit."""
    try:
        app()
    except SkillkilnError as error:
        typer.echo(f"error[{error.code}]: {error}", err=True)
        sys.exit(error.exit_code)
