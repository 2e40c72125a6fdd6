"""The four tools, each as an agent sees it: names, limits and descriptions of every argument.

Each tool checks nothing that the service behind it checks; it hands the work to a thread and words
the answer. The docstrings are what agents read.
"""

from collections.abc import Callable
from functools import partial
from typing import Annotated, TypeVar

import anyio
import anyio.to_thread
from mcp.types import CallToolResult
from pydantic import Field, JsonValue

from skillkiln.invoke.descriptions import SkillDescription
from skillkiln.invoke.gap_reports import (
    MAX_DESCRIPTION,
    MAX_EXAMPLES,
    MAX_TITLE,
    Example,
    GapReport,
)
from skillkiln.mcp_server.answers import (
    FoundSkills,
    InvokedSkill,
    ReportedGap,
    build_call_problem,
    build_invoked,
    render_answer,
    render_problem,
)
from skillkiln.mcp_server.interface import Kiln
from skillkiln.records.invocations import CallOutcome
from skillkiln.skill.name import MAX_NAME_LENGTH

CALLER = "mcp"
MAX_QUERY = 1_000
MAX_FOUND = 20
MAX_KEY = 200
MAX_VERSION = 64
MAX_CALLS_AT_ONCE = 16
"""Threads for work that blocks; more calls than these wait their turn."""

NOTHING_FITS = "No live skill matches. If this task will come again, say so with `report_gap`."
SOME_FOUND = (
    "Best match first. It may still not fit: compare description and schema before calling."
)
THANKS = "Kept. The same title reported again counts as the same gap."

T = TypeVar("T")
SkillName = Annotated[str, Field(max_length=MAX_NAME_LENGTH, description="The skill's name.")]


class Tools:
    """The tools of one door, over the services behind it."""

    def __init__(self, kiln: Kiln) -> None:
        self._kiln = kiln
        self._threads = anyio.CapacityLimiter(MAX_CALLS_AT_ONCE)

    async def find_skills(
        self,
        query: Annotated[
            str, Field(max_length=MAX_QUERY, description="What you need done, in plain words.")
        ],
        k: Annotated[int, Field(ge=1, le=MAX_FOUND, description="At most this many.")] = 5,
    ) -> Annotated[CallToolResult, FoundSkills]:
        """Find proven skills for a task: names and interfaces, best match first, or none."""
        found = await self._run(partial(self._kiln.find_skills, query, k))
        note = SOME_FOUND if found else NOTHING_FITS
        return render_answer(FoundSkills(skills=found[:MAX_FOUND], note=note))

    async def describe_skill(self, name: SkillName) -> Annotated[CallToolResult, SkillDescription]:
        """Read a skill's contract, its SKILL.md, and how well it was proved."""
        return render_answer(await self._run(partial(self._kiln.describe_skill, name)))

    async def invoke_skill(
        self,
        name: SkillName,
        inputs: Annotated[
            dict[str, JsonValue], Field(description="Named inputs, as the input schema says.")
        ],
        version: Annotated[
            str | None,
            Field(max_length=MAX_VERSION, description="Refuse any other version than this."),
        ] = None,
        idempotency_key: Annotated[
            str | None,
            Field(
                max_length=MAX_KEY,
                description="A repeated call with this key and the same inputs gets the first "
                "answer again.",
            ),
        ] = None,
    ) -> Annotated[CallToolResult, InvokedSkill]:
        """Call a skill in isolation: its output, or an error with reason and hint."""
        call = partial(
            self._kiln.invoke,
            name,
            inputs,
            version=version,
            idempotency_key=idempotency_key,
            caller=CALLER,
        )
        invocation = await self._run(call)
        if invocation.outcome is CallOutcome.FAILED:
            return render_problem(build_call_problem(invocation))
        return render_answer(build_invoked(invocation))

    async def report_gap(
        self,
        title: Annotated[
            str,
            Field(min_length=1, max_length=MAX_TITLE, description="What is missing, in one line."),
        ],
        description: Annotated[
            str,
            Field(max_length=MAX_DESCRIPTION, description="When it is needed and what it must do."),
        ],
        examples: Annotated[
            tuple[Example, ...],
            Field(
                max_length=MAX_EXAMPLES,
                description="Three to six calls: named inputs and the expected result.",
            ),
        ] = (),
    ) -> Annotated[CallToolResult, ReportedGap]:
        """Say that a skill is missing, so that it can be made."""
        report = GapReport(title=title, description=description, examples=examples)
        gap_id = await self._run(partial(self._kiln.report_gap, report))
        return render_answer(ReportedGap(gap_id=gap_id, note=THANKS))

    async def _run(self, work: Callable[[], T]) -> T:
        # A call under way is not abandoned: it would go on unrecorded.
        return await anyio.to_thread.run_sync(work, limiter=self._threads)
