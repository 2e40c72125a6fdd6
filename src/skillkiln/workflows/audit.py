"""The audit: check again everything that was written down to be checked.

The ledger's chain is walked link by link, with the heads that signed statements name; every release
is loaded as a caller would load it, so its bytes, its signature and its key's standing are checked,
and one that does not hold is quarantined by that.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from skillkiln.errors import SkillkilnError, StoreCorruptError, TrustError
from skillkiln.records.releases import Release
from skillkiln.registry.registry import Registry
from skillkiln.skill.status import Status
from skillkiln.store.interface import Store


@dataclass(frozen=True, slots=True)
class AuditedRelease:
    """One release and what is wrong with it, if anything."""

    name: str
    version: str
    digest: str
    status: Status
    problem: str | None


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What an audit saw."""

    entries: int
    ledger_problem: str | None
    """Names the first broken link."""
    releases: tuple[AuditedRelease, ...]

    @property
    def is_sound(self) -> bool:
        """Whether everything holds."""
        return self.ledger_problem is None and not any(r.problem for r in self.releases)


def audit(store: Store, registry: Registry) -> AuditReport:
    """Check the ledger and every release."""
    entries, ledger_problem = _check_ledger(store, tuple(_load_heads(registry)))
    releases = tuple(_check_release(registry, release) for release in registry.inventory())
    return AuditReport(entries, ledger_problem, releases)


def _load_heads(registry: Registry) -> Iterator[str]:
    """Yield the heads that signed statements name: a ledger that was cut short lacks them."""
    for release in registry.inventory():
        try:
            yield registry.check(release.digest).statement.claim.ledger_head
        except (TrustError, StoreCorruptError):
            continue  # It is reported by itself, and vouches for nothing.


def _check_ledger(store: Store, heads: Sequence[str]) -> tuple[int, str | None]:
    try:
        return store.ledger.check(heads=heads), None
    except (TrustError, StoreCorruptError) as error:
        return 0, error.message


def _check_release(registry: Registry, release: Release) -> AuditedRelease:
    problem = None
    try:
        status = registry.load(release.digest).release.status
    except SkillkilnError as error:
        status, problem = Status.QUARANTINED, error.message
    return AuditedRelease(release.name, release.version, release.digest, status, problem)
