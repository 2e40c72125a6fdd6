"""From a contract to a policy: what a skill's cells may use.

Nothing here grants: whatever side effects a contract petitions for, its cells get the defaults, and
only the wall clock follows the contract. CPU time follows the wall clock, rounded up.
"""

from skillkiln.sandbox.interface import Policy
from skillkiln.skill.contract import Contract


def build_policy(contract: Contract) -> Policy:
    """Build the policy for calls under this contract."""
    return Policy(wall_ms=contract.timeout_ms, cpu_s=contract.timeout_ms // 1000 + 1)
