"""`skillkiln invoke`: call a live skill."""

import json
import sys
from typing import Annotated

import typer
from pydantic import JsonValue

from skillkiln.cli.options import NO, JsonOption, WorkspaceOption, open_kiln
from skillkiln.cli.screen import line, print_json, safe
from skillkiln.errors import InvalidInputError
from skillkiln.records.invocations import CallOutcome, Invocation
from skillkiln.skill.contract import JsonSchema

command = typer.Typer(add_completion=False)


@command.command()
def invoke(
    name: Annotated[str, typer.Argument(help="The skill's name.")],
    inputs: Annotated[
        list[str] | None,
        typer.Argument(help="Inputs as NAME=VALUE, or one JSON object; `-` reads it from stdin."),
    ] = None,
    version: Annotated[str | None, typer.Option(help="A version; the live one by default.")] = None,
    idempotency_key: Annotated[
        str | None, typer.Option(help="Calls with the same key give the first answer again.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Call a live skill in the sandbox and print its answer as JSON.

    Exits 1 when the call failed; the reason goes to stderr.
    """
    words = [sys.stdin.read()] if inputs == ["-"] else inputs or []
    with open_kiln(workspace) as kiln:
        given = parse_inputs(words, kiln.describe_skill(name).contract.input_schema)
        call = kiln.invoke(
            name, given, version=version, idempotency_key=idempotency_key, caller="cli"
        )
    if as_json:
        print_json(call)
    elif call.outcome is CallOutcome.OK:
        print_json(call.output)
    else:
        show_failure(call)
    if call.outcome is not CallOutcome.OK:
        raise typer.Exit(NO)


def parse_inputs(words: list[str], schema: JsonSchema) -> dict[str, JsonValue]:
    """Read inputs from the command line.

    Where the schema wants text, a value is taken as it was typed; elsewhere `limit=3` is a number.

    Args:
        words: NAME=VALUE words, or one JSON object.
        schema: the skill's input schema.

    Raises:
        InvalidInputError: neither an object nor NAME=VALUE words.
    """
    if len(words) == 1 and words[0].lstrip().startswith("{"):
        return _parse_object(words[0])
    given: dict[str, JsonValue] = {}
    for word in words:
        name, separator, value = word.partition("=")
        if not separator or not name.isidentifier():
            raise InvalidInputError(
                f"expected NAME=VALUE or a JSON object, got {word!r:.80}",
                hint="for example `skillkiln invoke NAME line='10.0.0.1 GET /'`",
            )
        given[name] = value if _wants_text(schema, name) else _parse_value(value)
    return given


def _wants_text(schema: JsonSchema, name: str) -> bool:
    properties = schema.get("properties")
    wanted = properties.get(name) if isinstance(properties, dict) else None
    return isinstance(wanted, dict) and wanted.get("type") == "string"


def _parse_object(text: str) -> dict[str, JsonValue]:
    try:
        value: JsonValue = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidInputError(f"the input is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise InvalidInputError(f"expected a JSON object, got {type(value).__name__}")
    return value


def _parse_value(text: str) -> JsonValue:
    try:
        value: JsonValue = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return text if isinstance(value, str) else value


def show_failure(call: Invocation) -> None:
    """Say on stderr why a call failed."""
    typer.echo(f"{call.reason}: {call.message}", err=True)
    line(f"[dim]trace {safe(call.trace_id)}, {call.latency_ms:.0f} ms[/]")
