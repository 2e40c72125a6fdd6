"""The wall time of a run bounds proving too, whatever a contract asks for."""

from pathlib import Path

import pytest

from skillkiln.app import Skillkiln
from skillkiln.notice.requests import Request
from skillkiln.notice.tables import Table
from skillkiln.records.needs import Need
from skillkiln.settings import Settings
from skillkiln.skill.reasons import FailureReason

NAMES = ["Ada Lovelace", "Grace Hopper", "Alan Turing", "Edsger Dijkstra", "Barbara Liskov",
         "Donald Knuth", "Tony Hoare", "John Backus", "Frances Allen", "Niklaus Wirth",
         "Dennis Ritchie", "Ken Thompson"]  # fmt: skip
SLOW_S = 20


@pytest.mark.parametrize("wall_s", [0.001, 3.0])
def test_a_slow_skill_ends_with_the_runs_wall_time(tmp_path: Path, wall_s: float) -> None:
    Skillkiln.create(Settings(workspace=tmp_path))
    rows = tuple((name, name.upper()) for name in NAMES)
    with Skillkiln.open(Settings(workspace=tmp_path)) as kiln:
        need = kiln.build_need_from_table(Table(("name", "loud"), rows, "t.csv"), Request())
        assert isinstance(need, Need)
        good = kiln.forge(need).attempts[-1].candidate
    assert good is not None
    source = (
        good.files["skill.py"]
        .replace("def run(", "import time\n\n\ndef run(", 1)
        .replace("    if not", f"    time.sleep({SLOW_S})\n    if not", 1)
    )
    slow = good.model_copy(
        update={
            "files": {**good.files, "skill.py": source},
            "contract": good.contract.model_copy(update={"timeout_ms": 600_000}),
        }
    )
    hasty = Settings(workspace=tmp_path, forge_wall_s=wall_s)
    with Skillkiln.open(hasty) as kiln:
        attempt = kiln.weigh(slow, need)
    assert not attempt.is_accepted
    assert attempt.evidence is not None
    assert FailureReason.TIMEOUT in {finding.reason for finding in attempt.evidence.failures}
