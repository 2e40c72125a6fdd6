"""`skillkiln find`: search the skills that may be called."""

from typing import Annotated

import typer

from skillkiln.cli.options import NO, JsonOption, WorkspaceOption, open_kiln
from skillkiln.cli.screen import line, print_json, table
from skillkiln.skill.contract import JsonSchema

command = typer.Typer(add_completion=False)


@command.command()
def find(
    query: Annotated[str, typer.Argument(help="What it should do, in words.")],
    k: Annotated[int, typer.Option("-k", min=1, max=20, help="At most so many.")] = 5,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find skills by what they do. Gives interfaces, never code."""
    with open_kiln(workspace) as kiln:
        cards = kiln.find_skills(query, k)
    if as_json:
        print_json(cards)
    elif cards:
        table(
            ["skill", "version", "takes", "description"],
            [
                (c.name, c.version, ", ".join(_parameters(c.input_schema)), c.description)
                for c in cards
            ],
        )
    else:
        line("nothing fits; [bold]skillkiln gaps[/] lists what is known to be missing")
    if not cards:
        raise typer.Exit(NO)


def _parameters(schema: JsonSchema) -> list[str]:
    properties = schema.get("properties")
    return [str(name) for name in properties] if isinstance(properties, dict) else []
