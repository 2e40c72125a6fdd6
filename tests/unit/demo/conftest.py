"""A clock that stands still, and recordings by seed, made once for all tests of this folder."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from skillkiln.demo.recorder import Recorded, record_sessions

NOW = datetime(2026, 3, 20, 10, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def record(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Recorded]:
    """Record the days of a seed; the same seed again gives the same recordings back."""

    @cache
    def record_once(seed: int) -> Recorded:
        root = tmp_path_factory.mktemp(f"seed-{seed}")
        return record_sessions(root, seed=seed, clock=lambda: NOW)

    return record_once


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path
