"""Live progress of a forge run: names the stage and the gate as they happen, on stderr.

In a terminal the running gates are shown on one moving line; in a pipe only finished ones are
printed, one line each. With `--json` nothing is shown.
"""

import time
from contextlib import AbstractContextManager
from threading import Lock
from typing import Self

from rich.status import Status

from skillkiln.cli.screen import errors, safe
from skillkiln.records.attempts import Attempt
from skillkiln.records.evidence import Outcome, Stage

MARKS = {
    Outcome.PASSED: "[green]✓[/]",
    Outcome.FAILED: "[bold red]✗[/]",
    Outcome.NOT_NEEDED: "[dim]·[/]",
}


class LiveTeller(AbstractContextManager["LiveTeller"]):
    """Tells a person what a forge run is doing."""

    def __init__(self, *, is_quiet: bool = False) -> None:
        self._is_quiet = is_quiet
        self._lock = Lock()
        self._began_at: dict[str, float] = {}
        self._spinner: Status | None = None

    def __enter__(self) -> Self:
        if not self._is_quiet and errors.is_terminal:
            self._spinner = errors.status("")
            self._spinner.start()
        return self

    def __exit__(self, *exc: object) -> None:
        if self._spinner is not None:
            self._spinner.stop()
            self._spinner = None

    def stage(self, stage: Stage, note: str) -> None:
        """Show that a stage begins."""
        self._print(f"[bold cyan]{stage:<10}[/] {safe(note)}")

    def gate(self, stage: Stage, gate: str, outcome: Outcome | None) -> None:
        """Show a gate that runs, or what it came to."""
        with self._lock:
            if outcome is None:
                self._began_at[gate] = time.monotonic()
                self._show_running()
                return
            began_at = self._began_at.pop(gate, None)
        took = f"{time.monotonic() - began_at:5.1f} s" if began_at is not None else "       "
        self._print(f"[dim]{stage:<10}[/] {MARKS[outcome]} {gate:<16} [dim]{took}[/]")
        with self._lock:
            self._show_running()

    def attempt(self, attempt: Attempt) -> None:
        """Show what an attempt came to."""
        if attempt.is_accepted and attempt.verdict is not None:
            self._print(f"[bold green]accepted[/]   score {attempt.verdict.score:.2f} of 10")
        elif attempt.refusal is not None:
            self._print(f"[yellow]refused[/]    {safe(attempt.why_not)}")
        else:
            self._print(f"[bold red]rejected[/]   {safe(attempt.why_not)}")

    def _show_running(self) -> None:
        if self._spinner is not None:
            self._spinner.update(f"[dim]{', '.join(self._began_at) or 'working'}[/]")

    def _print(self, text: str) -> None:
        if not self._is_quiet:
            errors.print(text, soft_wrap=True)
