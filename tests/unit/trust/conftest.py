"""Keys, a keyring and a claim to test with."""

from datetime import UTC, datetime

import pytest

from skillkiln.records.evidence import Outcome, Stage
from skillkiln.trust.keyring import Keyring, rotate_key
from skillkiln.trust.keys import SigningKey, generate_key
from skillkiln.trust.statement import Claim, GateOutcome, LaunchGate

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def noon() -> datetime:
    return NOON


@pytest.fixture(scope="session")
def signer() -> SigningKey:
    return generate_key()


@pytest.fixture(scope="session")
def stranger() -> SigningKey:
    return generate_key()


@pytest.fixture
def keyring(signer: SigningKey) -> Keyring:
    return rotate_key(Keyring(), signer.public, at=NOON)


@pytest.fixture
def claim() -> Claim:
    return Claim(
        name="parse-access-log",
        version="1.2.0",
        made_by="agent:by-example",
        need_id="n1",
        dossier="gap:3f9a0c",
        trace_id="t1",
        began_at=NOON,
        finished_at=NOON,
        evidence_sha256="e" * 64,
        gates=(GateOutcome(gate="types", stage=Stage.TYPECHECK, outcome=Outcome.PASSED),),
        score=9.8,
        min_score=9.6,
        launch_gates=(LaunchGate(name="score", is_held=True, because="9.8 of 9.6"),),
        ledger_head="a" * 64,
    )


@pytest.fixture
def subjects() -> dict[str, str]:
    return {"SKILL.md": "1" * 64, "skill.py": "2" * 64}
