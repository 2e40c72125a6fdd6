"""skill.json: the contract, the sha256 of every other file, provenance and audit fields.

`skill.json` cannot list itself; the release's signed statement does that. Every other file in the
folder is listed or the folder is refused (see `skill.folder`). What two readers could read
differently is refused: a key that is there twice, NaN and infinities, half characters.
"""

import json
from typing import Annotated

from pydantic import AwareDatetime, Field, JsonValue, ValidationError

from skillkiln.errors import InvalidContractError
from skillkiln.skill.contract import Contract, describe_problems
from skillkiln.skill.value import Value

MANIFEST_FILE = "skill.json"
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Source(Value):
    """Where the need came from."""

    task_id: str
    """The need that it was written for."""
    trace_id: str
    """The run that wrote and proved it."""
    dossier: str
    """Where the need and its evidence are kept, for example `gap:3f9a0c`."""


class TestResults(Value):
    """What the candidate's own tests said when it was written up."""

    passed: Annotated[int, Field(ge=0)]
    """Tests that passed."""
    failed: Annotated[int, Field(ge=0)]
    """Tests that failed."""
    learned_from: Annotated[int, Field(ge=0)] = 0
    """Visible cases that the program was fitted to."""
    held_out: Annotated[int, Field(ge=0)] = 0
    """Visible cases kept out of learning."""


class Manifest(Contract):
    """The whole of skill.json."""

    created_at: AwareDatetime
    """When it was written, in UTC."""
    created_by: Annotated[str, Field(pattern=r"^(agent|human):[\w.@+-]+$")]
    """Who wrote it: `agent:<id>` or `human:<id>`."""
    source: Source
    """Where the need came from."""
    test_results: TestResults
    """What its own tests said."""
    sha256: dict[str, Sha256]
    """Digest by path of every other file; one that is not listed is refused."""

    def contract(self) -> Contract:
        """Return the contract alone."""
        return Contract.model_validate({k: getattr(self, k) for k in Contract.model_fields})


def parse_manifest(content: bytes, *, where: str = MANIFEST_FILE) -> Manifest:
    """Parse skill.json.

    Raises:
        InvalidContractError: it is not JSON, or a field is missing, unknown or wrong.
    """
    try:
        fields: JsonValue = json.loads(content.decode(), object_pairs_hook=_build_object)
        json.dumps(fields, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError) as error:
        raise InvalidContractError(f"not JSON: {error}", where=where) from error
    try:
        return Manifest.model_validate(fields)
    except ValidationError as error:
        raise InvalidContractError(describe_problems(error), where=where) from error


def _build_object(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    built = dict(pairs)
    if len(built) != len(pairs):
        raise ValueError("a key is there twice")
    return built


def render_manifest(manifest: Manifest) -> bytes:
    """Render skill.json with sorted keys, so that equal values have equal bytes."""
    fields = manifest.model_dump(mode="json")
    return (json.dumps(fields, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()
