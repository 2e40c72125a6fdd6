"""The release statement: an in-toto Statement whose predicate says how a release came to be.

The subjects are the files of the release by path, each with its sha256; the release's own digest
follows from them (`skill.digest`). The predicate has the shape of SLSA provenance,
`buildDefinition` and `runDetails`, plus `proof`: what every gate came to, the score, the launch
gates, and the head of the ledger at the time of signing, which ties the statement to everything
decided before it.

    Claim            what we say about a release, as a value
    build_statement  Claim -> payload bytes
    parse_statement  payload bytes -> Statement(subjects, claim)

Fields that this version does not know are passed over, as the in-toto parsing rules ask.

Source: in-toto Statement v1; the shape of SLSA provenance v1.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, cast

from pydantic import Field, JsonValue, ValidationError

from skillkiln.errors import DigestMismatchError, SignatureError
from skillkiln.records.evidence import Evidence, Outcome, Stage
from skillkiln.skill.contract import describe_problems
from skillkiln.skill.digest import sha256_hex
from skillkiln.skill.manifest import Sha256
from skillkiln.skill.value import Value
from skillkiln.trust.canonical_json import render_canonical_json

PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://skillkiln.dev/attestation/release/v1"
BUILD_TYPE = "https://skillkiln.dev/build/forge/v1"


class GateOutcome(Value):
    """What one gate came to."""

    gate: str
    stage: Stage
    outcome: Outcome


class LaunchGate(Value):
    """One thing that had to hold before the release."""

    name: str
    is_held: bool
    because: str = ""


class Claim(Value):
    """What the signer says about a release."""

    name: str
    version: str
    made_by: str
    """`agent:<id>` or `human:<id>`."""
    need_id: str
    dossier: str
    """Where the need and its evidence are kept, for example `gap:3f9a0c`."""
    trace_id: str
    began_at: datetime
    finished_at: datetime
    evidence_sha256: Sha256
    gates: tuple[GateOutcome, ...]
    score: Annotated[float, Field(ge=0, le=10)]
    min_score: Annotated[float, Field(ge=0, le=10)]
    launch_gates: tuple[LaunchGate, ...] = ()
    ledger_head: Sha256
    """Hash of the ledger's last entry when this was signed."""


class Statement(Value):
    """A parsed release statement. Only as good as the envelope that it came in."""

    subjects: dict[str, Sha256]
    """sha256 by path of every file in the release."""
    claim: Claim


def build_statement(claim: Claim, subjects: Mapping[str, str]) -> bytes:
    """Build the payload that is signed.

    Args:
        claim: what is said about the release.
        subjects: sha256 by path of every file in the release.
    """
    fields = claim.model_dump(mode="json")
    metadata = {
        "invocationId": fields["trace_id"],
        "startedOn": fields["began_at"],
        "finishedOn": fields["finished_at"],
    }
    predicate: JsonValue = {
        "buildDefinition": {
            "buildType": BUILD_TYPE,
            "externalParameters": {name: fields[name] for name in _PARAMETERS},
            "resolvedDependencies": [{"uri": claim.dossier}],
        },
        "runDetails": {
            "builder": {"id": claim.made_by},
            "metadata": metadata,
            "byproducts": [_describe_resource("evidence", claim.evidence_sha256)],
        },
        "proof": {name: fields[name] for name in _PROOF},
    }
    return render_canonical_json(
        {
            "_type": STATEMENT_TYPE,
            "subject": [_describe_resource(path, subjects[path]) for path in sorted(subjects)],
            "predicateType": PREDICATE_TYPE,
            "predicate": predicate,
        }
    )


_PARAMETERS = ("name", "version", "need_id")
_PROOF = ("gates", "score", "min_score", "launch_gates", "ledger_head")


def _describe_resource(name: str, sha256: str) -> JsonValue:
    return {"name": name, "digest": {"sha256": sha256}}


def parse_statement(payload: bytes) -> Statement:
    """Parse the payload of a release envelope.

    Raises:
        SignatureError: it is no release statement of this version.
    """
    try:
        fields = cast("dict[str, Any]", json.loads(payload))
        _check_type("_type", fields["_type"], STATEMENT_TYPE)
        _check_type("predicateType", fields["predicateType"], PREDICATE_TYPE)
        return _read_statement(fields)
    except ValidationError as error:
        raise SignatureError(f"not a release statement: {describe_problems(error)}") from error
    except (LookupError, TypeError, ValueError, RecursionError) as error:
        raise SignatureError(f"not a release statement: {error!r}") from error


def _check_type(field: str, got: object, expected: str) -> None:
    if got != expected:
        raise ValueError(f"{field}: expected {expected!r}, got {got!r}")


def _read_statement(fields: dict[str, Any]) -> Statement:
    definition = fields["predicate"]["buildDefinition"]
    details = fields["predicate"]["runDetails"]
    _check_type("buildType", definition["buildType"], BUILD_TYPE)
    subjects = {subject["name"]: subject["digest"]["sha256"] for subject in fields["subject"]}
    if not subjects or len(subjects) != len(fields["subject"]):
        raise ValueError("subject: expected at least one, each listed once")
    claim = {
        **{name: definition["externalParameters"][name] for name in _PARAMETERS},
        **{name: fields["predicate"]["proof"][name] for name in _PROOF},
        "made_by": details["builder"]["id"],
        "dossier": definition["resolvedDependencies"][0]["uri"],
        "trace_id": details["metadata"]["invocationId"],
        "began_at": details["metadata"]["startedOn"],
        "finished_at": details["metadata"]["finishedOn"],
        "evidence_sha256": details["byproducts"][0]["digest"]["sha256"],
    }
    return Statement.model_validate({"subjects": subjects, "claim": claim})


def digest_evidence(evidence: Evidence) -> str:
    """Return the sha256 that a claim names for its evidence: of its canonical JSON."""
    return sha256_hex(render_canonical_json(evidence.model_dump(mode="json")))


def check_subjects(statement: Statement, present: Mapping[str, str]) -> None:
    """Raise unless exactly these files, with exactly these digests, are what was signed.

    Args:
        statement: what was signed.
        present: sha256 by path of the files at hand.

    Raises:
        DigestMismatchError: naming the first file that differs, is missing, or is too many.
    """
    for path in sorted({*statement.subjects, *present}):
        expected, got = statement.subjects.get(path, "none"), present.get(path, "none")
        if expected != got:
            raise DigestMismatchError(f"file {path!r}", expected=expected, got=got)
