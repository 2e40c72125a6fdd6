"""A contract sets the clock and grants nothing."""

from skillkiln.sandbox.interface import Policy
from skillkiln.sandbox.policies import build_policy
from skillkiln.skill.contract import Contract, Idempotency, Permissions, SideEffect


def build_contract(timeout_ms: int = 5_000, **petitions: object) -> Contract:
    fields: dict[str, object] = {
        "name": "count-lines",
        "version": "1.0.0",
        "input_schema": {"type": "object"},
        "output_schema": {},
        "timeout_ms": timeout_ms,
        **petitions,
    }
    return Contract.model_validate(fields)


def test_the_wall_clock_follows_the_contract() -> None:
    assert build_policy(build_contract(timeout_ms=1)) == Policy(wall_ms=1, cpu_s=1)
    assert build_policy(build_contract(timeout_ms=2_500)) == Policy(wall_ms=2_500, cpu_s=3)


def test_a_petition_grants_nothing() -> None:
    greedy = build_contract(
        side_effects=tuple(SideEffect),
        permissions=Permissions(
            write_files=("**",), network=("example.org:443",), execute=("rm -rf /",)
        ),
        idempotency=Idempotency.KEYED,
        dependencies=("everything",),
    )
    assert build_policy(greedy) == build_policy(build_contract())
