"""What a release needs of other releases.

A contract names another skill as `skill:<name>@<version>`; anything else in `dependencies` is a
package and no concern of the registry. The edge is kept by digest, so that a release depends on
exact bytes, and quarantining these quarantines it (DESIGN, invariant 9).
"""

from skillkiln.errors import InvalidContractError, QuarantinedError
from skillkiln.skill.contract import Contract
from skillkiln.skill.status import Status
from skillkiln.store.interface import Store

PREFIX = "skill:"


def resolve_dependencies(contract: Contract, store: Store) -> tuple[str, ...]:
    """Return the digests of the releases that a contract names.

    Raises:
        InvalidContractError: one is not spelt `skill:<name>@<version>`, or is not released.
        QuarantinedError: one is quarantined.
    """
    needed = [text for text in contract.dependencies if text.startswith(PREFIX)]
    return tuple(sorted({_resolve(text, store) for text in needed}))


def _resolve(text: str, store: Store) -> str:
    name, _, version = text.removeprefix(PREFIX).partition("@")
    for release in store.releases.load_all(name=name):
        if release.version == version:
            if release.status is Status.QUARANTINED:
                raise QuarantinedError(f"dependency {text!r} is quarantined")
            return release.digest
    raise InvalidContractError(
        f"dependency {text!r}: no such release",
        hint="expected `skill:<name>@<version>` of a published skill",
    )
