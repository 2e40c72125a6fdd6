"""Running a checker over a candidate's files, in the sandbox.

A checker reads hostile text, so it is confined as the skill is. One that outgrows its limits was
made to by the candidate, which fails; one that ends in any other way without an answer is a fault
of the machine. Neither is ever a pass.
"""

from collections.abc import Mapping, Sequence

from skillkiln.errors import SandboxFailedError
from skillkiln.prove.findings import build_failed
from skillkiln.prove.interface import Gate, Subject
from skillkiln.records.evidence import Finding
from skillkiln.sandbox.tools import Tool, ToolRun, run_tool

ANSWERS = (0, 1)
"""Exit codes with which each of the checkers says that it found nothing, or something."""


def run_checker(
    subject: Subject,
    tool: Tool,
    arguments: Sequence[str],
    *,
    paths: Sequence[str],
    type_cache: Mapping[str, bytes] | None = None,
) -> ToolRun:
    """Run one checker.

    Args:
        subject: the candidate.
        tool: the checker's name.
        arguments: its command line, without the files.
        paths: the files to hand in and to check.
        type_cache: what mypy may start from.

    Raises:
        SandboxFailedError: it gave no answer, and not because of a limit.
    """
    files = {path: subject.files[path] for path in paths}
    run = run_tool(
        subject.sandbox,
        tool,
        [*arguments, *paths],
        files,
        subject.policy,
        type_cache=type_cache,
    )
    if run.failure is None and run.exit_code not in ANSWERS:
        raise build_broken_error(tool, run)
    return run


def build_broken_error(tool: Tool, run: ToolRun) -> SandboxFailedError:
    """Build the error of a checker that ended without an answer."""
    return SandboxFailedError(
        f"{tool} ended with exit code {run.exit_code} and no answer: "
        f"{(run.stderr or run.stdout or 'it said nothing')[-400:]}",
        hint=f"run `skillkiln doctor`; a broken {tool} proves nothing either way",
    )


def find_overload(gate: Gate, tool: Tool, run: ToolRun) -> Finding | None:
    """Return the failed finding of a checker that outgrew a limit; None when it did not."""
    if run.failure is None:
        return None
    return build_failed(
        gate, run.failure, f"the candidate makes {tool} outgrow its limits: {run.message}"
    )
