"""What holds for every test: how hypothesis searches, and that nothing is skipped unseen.

Where `CI` is set in the environment, a skipped test fails unless its reason is one of
`SKIPS_ALLOWED`, and hypothesis draws the same examples each time, so that a red run can be
repeated.
"""

import os
from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, settings

IS_CI = bool(os.environ.get("CI"))  # noqa: TID251 - the one fact that tests take from outside

SKIPS_ALLOWED = {
    "only root makes a mount namespace": "an ordinary user's cells need none",
    "no control group can be made here": "not every container delegates one; the probe says so",
    "the system's Python is another version": "the test is about that Python, not about ours",
}
"""Reasons for which a test may be skipped even in CI, and why that hides nothing."""

# A loaded machine is not a wrong result: no example has a deadline.
settings.register_profile(
    "skillkiln",
    deadline=None,
    derandomize=IS_CI,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("skillkiln")


def _fail_if_skipped(report: pytest.TestReport | pytest.CollectReport) -> None:
    is_expected_failure = hasattr(report, "wasxfail")
    if not (IS_CI and report.skipped) or is_expected_failure:
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    if not reason.removeprefix("Skipped: ").startswith(tuple(SKIPS_ALLOWED)):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI, where every test runs: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let a skipped test fail in CI."""
    report = yield
    _fail_if_skipped(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Let a skipped test file fail in CI."""
    report = yield
    _fail_if_skipped(report)
    return report
