"""`skillkiln scan`: read recorded sessions and rank the gaps in them."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from skillkiln.app import Skillkiln
from skillkiln.cli.options import JsonOption, WorkspaceOption, open_kiln
from skillkiln.cli.screen import errors, heading, line, print_json, safe, table
from skillkiln.errors import InvalidInputError
from skillkiln.notice.scan import ScanProgress, ScanReport
from skillkiln.records.signals import Gap

command = typer.Typer(add_completion=False)

SHOWN_GAPS = 15


@command.command()
def scan(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Recordings or folders of them; the host's own ones by default."),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Read the host's sessions without asking.")
    ] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read recorded sessions and rank the gaps in them.

    Reads only; nothing in a recording is ever executed or obeyed. Secrets are redacted before
    anything is stored.
    """
    chosen = list(paths or []) or choose_host_folders(is_agreed=yes)
    with open_kiln(workspace, is_created=True) as kiln:
        report = scan_with_progress(kiln, chosen, is_quiet=as_json)
    if as_json:
        print_json(report)
        return
    print_report(report)


def choose_host_folders(*, is_agreed: bool) -> list[Path]:
    """Return the folders where this host keeps sessions, after asking.

    Raises:
        InvalidInputError: there are none, or nobody can be asked.
    """
    folders = Skillkiln.host_session_folders()
    if not folders:
        raise InvalidInputError(
            "found no recorded sessions on this machine", hint="name a file: `skillkiln scan PATH`"
        )
    if is_agreed:
        return list(folders)
    if not sys.stdin.isatty():
        raise InvalidInputError(
            f"found sessions in {', '.join(str(folder) for folder in folders)}, but cannot ask",
            hint="pass `--yes` to read them, or name a path",
        )
    return [folder for folder in folders if typer.confirm(f"read the sessions in {folder}?")]


def scan_with_progress(kiln: Skillkiln, paths: list[Path], *, is_quiet: bool) -> ScanReport:
    """Scan, telling on stderr how far it is."""
    if is_quiet or not errors.is_terminal:
        return kiln.scan(paths)
    with errors.status("looking for recordings") as status:

        def show(progress: ScanProgress) -> None:
            status.update(
                f"{progress.files_done}/{progress.files} recordings, "
                f"{progress.bytes_done / 1e6:,.0f} MB"
            )

        return kiln.scan(paths, on_progress=show)


def print_report(report: ScanReport) -> None:
    """Print what a scan found for a person."""
    line(f"read {report.summary}")
    if report.cost:
        heading("where the tokens went")
        table(
            ["kind of work", "#calls", "#failed", "#tokens"],
            [(row.kind, row.calls, row.failed, f"{row.tokens:,}") for row in report.cost[:8]],
        )
    heading("gaps, the worthiest first")
    if not report.files:
        line("nothing was read: no file there is in a format that Skillkiln knows")
        return
    if not report.gaps:
        line("none: nothing was done twice in two sessions, and no failure recurred")
        return
    print_gaps(report.gaps[:SHOWN_GAPS])
    if len(report.gaps) > SHOWN_GAPS:
        line(f"[dim]and {len(report.gaps) - SHOWN_GAPS} more: skillkiln gaps[/]")
    first = next((gap for gap in report.gaps if gap.opens_skill), report.gaps[0])
    line(
        f"\nnext: [bold]skillkiln gaps {first.id}[/] shows its evidence, "
        f"[bold]skillkiln forge {first.id}[/] has the skill written"
    )


def print_gaps(gaps: tuple[Gap, ...]) -> None:
    """Print gaps as a table."""
    table(
        ["gap", "kind", "#sessions", "#days", "#worth", "what"],
        [
            (
                gap.id,
                gap.kind,
                gap.sessions,
                gap.days or "?",
                f"{gap.worth.tokens:,.0f}",
                gap.title,
            )
            for gap in gaps
        ],
    )


def print_gap(gap: Gap) -> None:
    """Print one gap with its evidence."""
    line(f"[bold]{safe(gap.title)}[/]")
    line(
        f"{gap.kind}, {gap.root_cause}; seen in {gap.sessions} sessions on "
        f"{gap.days or 'unknown'} days"
    )
    line(f"worth: {safe(gap.worth.arithmetic)} tokens")
    heading("evidence")
    for signal in gap.signals:
        place = f"{signal.pointer.path}:{signal.pointer.line}"
        line(f"[cyan]{safe(place)}[/] {safe(signal.summary)}")
