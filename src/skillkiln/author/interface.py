"""The author as the workflow sees it: a brief in, a candidate or an honest refusal out."""

from typing import Protocol

from skillkiln.records.budget import Budget
from skillkiln.records.candidates import Candidate, Refusal
from skillkiln.records.needs import Brief, Case


class Author(Protocol):
    """Writes candidates. Never sees a sealed case: a `Brief` has none."""

    @property
    def name(self) -> str:
        """A short id, for example `by-example`; `created_by` becomes `agent:<name>`."""
        ...

    def write(self, brief: Brief, budget: Budget) -> Candidate | Refusal:
        """Write a candidate for the brief, or say why not and what would help."""
        ...

    def rewrite(
        self, brief: Brief, failing: tuple[Case, ...], budget: Budget
    ) -> Candidate | Refusal:
        """Write again, now also fitting visible cases that the last candidate got wrong."""
        ...
