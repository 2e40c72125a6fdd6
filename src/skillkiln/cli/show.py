"""`skillkiln show`: all there is to know about one skill."""

from typing import Annotated

import typer
from rich.syntax import Syntax

from skillkiln.cli.live import MARKS
from skillkiln.cli.options import JsonOption, WorkspaceOption, open_kiln
from skillkiln.cli.outcome import print_score
from skillkiln.cli.screen import console, heading, line, print_json, safe, sheet, table
from skillkiln.sessions.text import make_inert
from skillkiln.workflows.sheet import SkillSheet

command = typer.Typer(add_completion=False)

MAX_SHOWN = 100_000
"""Characters of a file that are shown."""


@command.command()
def show(
    name: Annotated[str, typer.Argument(help="The skill's name, or a release's digest.")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one skill: contract, code, tests, evidence, provenance, versions."""
    with open_kiln(workspace) as kiln:
        found = kiln.show(name)
    if as_json:
        print_json(found)
        return
    _print_release(found)
    _print_evidence(found)
    _print_files(found)
    _print_provenance(found)


def _print_release(found: SkillSheet) -> None:
    release, contract = found.release, found.contract
    sheet(
        [
            ("skill", f"{release.name} {release.version} ({release.status})"),
            ("description", release.description),
            ("sha256", release.digest),
            ("created", f"{release.created_at:%Y-%m-%d %H:%M} UTC by {release.created_by}"),
            ("source", release.source_signal),
            ("path", release.path),
            ("side effects", ", ".join(contract.side_effects) or "none"),
            ("timeout", f"{contract.timeout_ms} ms"),
            ("dependencies", ", ".join(contract.dependencies) or "none"),
        ]
    )
    heading("contract")
    console.print_json(data={"input": contract.input_schema, "output": contract.output_schema})
    heading("versions")
    table(
        ["version", "from", "to", "when", "reason"],
        [
            (c.version, c.before, c.after, f"{c.at:%Y-%m-%d %H:%M:%S}", c.reason)
            for c in found.history
        ],
    )


def _print_evidence(found: SkillSheet) -> None:
    if found.attempt is None or found.attempt.evidence is None:
        return
    heading("evidence")
    for finding in found.attempt.evidence.findings:
        line(
            f"{MARKS[finding.outcome]} {finding.stage:<10} {finding.gate:<16} "
            f"{safe(finding.summary)}"
        )
    if found.attempt.verdict is not None:
        heading(f"score {found.attempt.verdict.score:.2f} of 10")
        print_score(found.attempt.verdict)


def _print_files(found: SkillSheet) -> None:
    for path in ("skill.py", "test_skill.py"):
        if path in found.files:
            heading(path)
            console.print(
                Syntax(
                    make_inert(found.files[path], MAX_SHOWN),
                    "python",
                    background_color="default",
                    word_wrap=True,
                )
            )


def _print_provenance(found: SkillSheet) -> None:
    heading("provenance")
    if found.statement is None:
        line(f"[bold red]{safe(found.problem)}[/]")
    else:
        console.print_json(data=found.statement.model_dump(mode="json"))
