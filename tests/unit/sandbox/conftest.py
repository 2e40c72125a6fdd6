"""One sandbox for all, and a shorthand for calling a skill in it."""

from collections.abc import Callable, Iterator

import pytest
from pydantic import JsonValue

from skillkiln.sandbox.bubblewrap import BubblewrapSandbox
from skillkiln.sandbox.calls import call_skill
from skillkiln.sandbox.interface import CallResult, Policy

QUICK = Policy(wall_ms=3_000)

Call = Callable[..., CallResult]


@pytest.fixture(scope="session")
def sandbox() -> Iterator[BubblewrapSandbox]:
    with BubblewrapSandbox() as made:
        probe = made.probe()
        if not probe.is_usable:
            pytest.skip(probe.hint)
        yield made


@pytest.fixture
def call(sandbox: BubblewrapSandbox) -> Call:
    """Call `skill.py` with this source once: `call(source, text="a")`."""

    def call_source(
        source: str, policy: Policy = QUICK, frozen_at: float | None = None, **inputs: JsonValue
    ) -> CallResult:
        files = {"skill.py": source.encode()}
        return call_skill(sandbox, files, inputs, policy, frozen_at=frozen_at)

    return call_source
