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
    trace_id: str
    dossier: str
    """Where the need and its evidence are kept, for example `gap:3f9a0c`."""


class TestResults(Value):
    """What the candidate's own tests said when it was written up."""

    passed: Annotated[int, Field(ge=0)]
    failed: Annotated[int, Field(ge=0)]
    learned_from: Annotated[int, Field(ge=0)] = 0
    held_out: Annotated[int, Field(ge=0)] = 0


class Manifest(Contract):
    """The whole of skill.json."""

    created_at: AwareDatetime
    created_by: Annotated[str, Field(pattern=r"^(agent|human):[\w.@+-]+$")]
    source: Source
    test_results: TestResults
    sha256: dict[str, Sha256]

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
