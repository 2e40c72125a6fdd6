"""The eight steps of a call, their order, and that none can be passed over."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest

from skillkiln.errors import (
    InvalidInputError,
    SandboxFailedError,
    SandboxUnavailableError,
    SkillkilnError,
    TrustError,
    UnknownNameError,
)
from skillkiln.records.invocations import CallOutcome, Invocation
from skillkiln.sandbox.interface import Cell, Policy, Probe, Program, Sandbox
from skillkiln.skill.contract import Idempotency, Permissions, SideEffect
from skillkiln.skill.reasons import FailureReason
from skillkiln.skill.status import Status

if TYPE_CHECKING:
    from tests.unit.invoke.conftest import Bench

WANTS_NETWORK: dict[str, Any] = {
    "side_effects": (SideEffect.NETWORK,),
    "permissions": Permissions(network=("example.org:443",)),
    "idempotency": Idempotency.KEYED,
}
RANDOM_NUMBER = """
import random

def run(text: str) -> float:
    return random.SystemRandom().random()
"""


class Counting:
    """The real sandbox, counting its cells; the first few break before they come up."""

    tier = "counting"

    def __init__(
        self, sandbox: Sandbox, error: SkillkilnError | None = None, times: int = 0
    ) -> None:
        self._sandbox = sandbox
        self._error = error
        self._times = times
        self.opened = 0
        self.policies: list[Policy] = []

    def probe(self) -> Probe:
        return self._sandbox.probe()

    def open_cell(self, program: Program, policy: Policy) -> Cell:
        self.opened += 1
        self.policies.append(policy)
        if self._error is not None and self.opened <= self._times:
            raise self._error
        return self._sandbox.open_cell(program, policy)


def call(
    bench: Bench, inputs: dict[str, Any], name: str = "count-words", **more: Any
) -> Invocation:
    return bench.invoker().invoke(name, inputs, caller="test", **more)


def check_failed(got: Invocation, reason: FailureReason, *parts: str) -> None:
    assert got.outcome is CallOutcome.FAILED
    assert got.reason is reason
    assert got.output is None
    for part in parts:
        assert part in got.message


# What goes well


def test_a_good_call_answers_and_is_recorded_as_it_was_returned(bench: Bench) -> None:
    release = bench.go_live()
    got = call(bench, {"text": "a b a", "limit": 2}, trace_id="trace-7")
    assert got.output == {"a": 1, "b": 1}
    assert (got.outcome, got.reason, got.message) == (CallOutcome.OK, None, "")
    assert (got.name, got.version, got.digest) == ("count-words", "1.0.0", release.digest)
    assert got.latency_ms > 0
    assert not got.is_shadow
    assert bench.store.invocations.find("trace-7") == got


def test_each_call_gets_a_cell_and_a_trace_id_of_its_own(bench: Bench) -> None:
    bench.go_live()
    sandbox = Counting(bench.sandbox)
    invoker = bench.invoker(sandbox)
    traces = {invoker.invoke("count-words", {"text": "a"}, caller="t").trace_id for _ in range(3)}
    assert len(traces) == sandbox.opened == 3


def test_calls_proceed_side_by_side(bench: Bench) -> None:
    bench.go_live()
    invoker = bench.invoker()

    def ask(word: str) -> Any:
        return invoker.invoke("count-words", {"text": word}, caller="t").output

    words = [f"w{number}" for number in range(6)]
    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(ask, words)) == [{word: 1} for word in words]
    assert len(bench.store.invocations.load()) == 6


# 1 load


def test_an_unknown_name_is_an_error_with_the_nearest_names(bench: Bench) -> None:
    bench.go_live()
    with pytest.raises(UnknownNameError, match="count-wrods") as caught:
        call(bench, {}, name="count-wrods")
    assert "`count-words`" in str(caught.value.hint)
    assert bench.store.invocations.load() == ()


@pytest.mark.parametrize("name", ["", "../count-words", "count-words'; --", "\x00", "a" * 100_000])
def test_a_hostile_name_is_just_unknown(bench: Bench, name: str) -> None:
    bench.go_live()
    with pytest.raises(UnknownNameError):
        call(bench, {}, name=name)


def test_a_shadow_release_is_never_called_not_even_by_its_version(bench: Bench) -> None:
    release = bench.release()
    for version in (None, release.version):
        with pytest.raises(UnknownNameError):
            call(bench, {"text": "a"}, version=version)
    assert bench.store.invocations.count(release.digest) == 0


@pytest.mark.parametrize("status", [Status.RETIRED, Status.ROLLED_BACK, Status.QUARANTINED])
def test_a_release_out_of_service_is_not_called(bench: Bench, status: Status) -> None:
    release = bench.go_live()
    bench.registry.change_status(release.digest, status, "for a test")
    for version in (None, release.version):
        with pytest.raises(UnknownNameError):
            call(bench, {"text": "a"}, version=version)


def test_a_version_that_is_not_the_live_one_is_refused(bench: Bench) -> None:
    first = bench.go_live()
    second = bench.go_live(code="def run(text: str) -> int:\n    return len(text)\n")
    assert call(bench, {"text": "ab"}).output == 2
    assert call(bench, {"text": "ab"}, version=second.version).output == 2
    with pytest.raises(UnknownNameError, match=first.version):
        call(bench, {"text": "ab"}, version=first.version)


def test_a_release_that_is_not_what_was_signed_is_quarantined_and_not_run(bench: Bench) -> None:
    release = bench.go_live()
    bench.store.keys.save(bench.store.keys.load().model_copy(update={"keys": ()}))
    sandbox = Counting(bench.sandbox)
    with pytest.raises(TrustError):
        bench.invoker(sandbox).invoke("count-words", {"text": "a"}, caller="t")
    assert sandbox.opened == 0
    assert bench.store.releases.load(release.digest).release.status is Status.QUARANTINED


# 2 input, 3 permission, 4 timeout


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({}, "inputs.text: expected a value, got none"),
        ({"text": 5}, "inputs.text: expected string, got 5"),
        ({"text": "a", "limits": 1}, "inputs.limits: expected one of ['limit', 'text']"),
        ({"text": "\ud800"}, "inputs: expected JSON"),
        ({"text": "x" * 5_000_000}, "inputs: expected at most 4194304 bytes"),
    ],
)
def test_bad_inputs_fail_without_a_cell(bench: Bench, inputs: dict[str, Any], message: str) -> None:
    bench.go_live()
    sandbox = Counting(bench.sandbox)
    got = bench.invoker(sandbox).invoke("count-words", inputs, caller="t")
    check_failed(got, FailureReason.CONTRACT_VIOLATION, message)
    assert sandbox.opened == 0
    assert bench.store.invocations.find(got.trace_id) == got


def test_a_petition_is_no_grant(bench: Bench) -> None:
    bench.go_live(**WANTS_NETWORK)
    sandbox = Counting(bench.sandbox)
    got = bench.invoker(sandbox).invoke("count-words", {"text": "a"}, caller="t")
    check_failed(got, FailureReason.PERMISSION_DENIED, "network")
    assert sandbox.opened == 0


def test_the_input_is_checked_before_the_permission(bench: Bench) -> None:
    bench.go_live(**WANTS_NETWORK)
    check_failed(call(bench, {}), FailureReason.CONTRACT_VIOLATION, "inputs.text")


def test_the_contracts_timeout_ends_the_call(bench: Bench) -> None:
    code = "def run(text: str) -> str:\n    while True:\n        pass\n"
    bench.go_live(code=code, timeout_ms=700)
    sandbox = Counting(bench.sandbox)
    got = bench.invoker(sandbox).invoke("count-words", {"text": "a"}, caller="t")
    check_failed(got, FailureReason.TIMEOUT, "700 ms")
    assert sandbox.opened == 1


# 5 idempotency key


def test_the_first_answer_is_given_again_for_the_same_key_and_inputs(bench: Bench) -> None:
    bench.go_live(code=RANDOM_NUMBER)
    first = call(bench, {"text": "a"}, idempotency_key="k")
    again = call(bench, {"text": "a"}, idempotency_key="k")
    other = call(bench, {"text": "a"}, idempotency_key="l")
    assert again.output == first.output != other.output
    assert (first.is_replayed, again.is_replayed) == (False, True)
    assert again.trace_id != first.trace_id
    assert bench.store.invocations.find(again.trace_id) == again


def test_a_key_with_other_inputs_is_refused(bench: Bench) -> None:
    bench.go_live()
    call(bench, {"text": "a"}, idempotency_key="k")
    got = call(bench, {"text": "b"}, idempotency_key="k")
    check_failed(got, FailureReason.CONTRACT_VIOLATION, "idempotency_key 'k'")


def test_the_order_of_named_inputs_is_no_difference(bench: Bench) -> None:
    bench.go_live()
    call(bench, {"text": "a", "limit": 1}, idempotency_key="k")
    assert call(bench, {"limit": 1, "text": "a"}, idempotency_key="k").is_replayed


def test_a_failed_call_keeps_no_answer(bench: Bench) -> None:
    bench.go_live()
    check_failed(call(bench, {"text": 1}, idempotency_key="k"), FailureReason.CONTRACT_VIOLATION)
    got = call(bench, {"text": "a"}, idempotency_key="k")
    assert (got.output, got.is_replayed) == ({"a": 1}, False)


def test_a_key_belongs_to_one_release(bench: Bench) -> None:
    bench.go_live()
    call(bench, {"text": "a"}, idempotency_key="k")
    bench.go_live(code="def run(text: str) -> int:\n    return len(text)\n")
    assert call(bench, {"text": "abc"}, idempotency_key="k").output == 3


@pytest.mark.parametrize("key", ["", "a\nb", "x" * 201, "\x1b[31m"])
def test_what_is_no_key_is_refused_and_not_kept(bench: Bench, key: str) -> None:
    bench.go_live()
    got = call(bench, {"text": "a"}, idempotency_key=key)
    check_failed(got, FailureReason.CONTRACT_VIOLATION, "idempotency_key")
    assert got.idempotency_key is None


def test_of_calls_at_once_with_one_key_the_first_answer_stands(bench: Bench) -> None:
    bench.go_live(code=RANDOM_NUMBER)
    invoker, barrier = bench.invoker(), Barrier(4)

    def ask(_: int) -> Any:
        barrier.wait()
        return invoker.invoke("count-words", {"text": "a"}, idempotency_key="k", caller="t").output

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(ask, range(4)))
    assert len(set(answers)) == 1


# 6 sandbox


def test_an_exception_of_the_skill_fails_the_call_with_its_words_made_inert(bench: Bench) -> None:
    bench.go_live(
        code="def run(text: str) -> str:\n    raise ValueError('\\x1b[31m' + text * 5000)\n"
    )
    got = call(bench, {"text": "no "})
    check_failed(got, FailureReason.RUNTIME_ERROR, "ValueError", "no no")
    assert got.message.isprintable()
    assert len(got.message) <= 500


@pytest.mark.parametrize(
    ("attempt", "named"),
    [
        ("socket.create_connection(('127.0.0.1', 9), timeout=1)", "socket"),
        ("os.fork()", "fork"),
        ("open('/etc/skillkiln', 'w')", "/etc/skillkiln"),
    ],
)
def test_a_side_effect_that_is_tried_fails_the_call_even_when_the_skill_hides_it(
    bench: Bench, attempt: str, named: str
) -> None:
    bench.go_live(
        code="import os\nimport socket\n\ndef run(text: str) -> str:\n    try:\n"
        f"        {attempt}\n    except BaseException:\n        pass\n    return text\n"
    )
    check_failed(call(bench, {"text": "a"}), FailureReason.SIDE_EFFECT_DETECTED, named)


def test_a_broken_sandbox_is_tried_again_as_often_as_the_contract_says(bench: Bench) -> None:
    bench.go_live(max_retries=2)
    sandbox = Counting(bench.sandbox, SandboxFailedError("it broke"), times=2)
    got = bench.invoker(sandbox).invoke("count-words", {"text": "a"}, caller="t")
    assert got.output == {"a": 1}
    assert sandbox.opened == 3


def test_a_sandbox_that_stays_broken_is_an_error_and_a_record_that_blames_nobody(
    bench: Bench,
) -> None:
    bench.go_live(max_retries=1)
    sandbox = Counting(bench.sandbox, SandboxFailedError("it broke"), times=9)
    with pytest.raises(SandboxFailedError):
        bench.invoker(sandbox).invoke("count-words", {"text": "a"}, caller="t", trace_id="t1")
    assert sandbox.opened == 2
    kept = bench.store.invocations.find("t1")
    assert kept is not None
    assert (kept.outcome, kept.reason, kept.message) == (CallOutcome.FAILED, None, "it broke")


def test_a_machine_that_cannot_confine_runs_nothing_and_is_not_asked_again(bench: Bench) -> None:
    bench.go_live(max_retries=5)
    sandbox = Counting(bench.sandbox, SandboxUnavailableError("no bwrap"), times=9)
    with pytest.raises(SandboxUnavailableError):
        bench.invoker(sandbox).invoke("count-words", {"text": "a"}, caller="t")
    assert sandbox.opened == 1


def test_a_failure_of_the_skill_is_not_tried_again(bench: Bench) -> None:
    bench.go_live(code="def run(text: str) -> str:\n    raise ValueError\n", max_retries=5)
    sandbox = Counting(bench.sandbox)
    got = bench.invoker(sandbox).invoke("count-words", {"text": "a"}, caller="t")
    check_failed(got, FailureReason.RUNTIME_ERROR)
    assert sandbox.opened == 1


# 7 output


@pytest.mark.parametrize(
    ("returned", "message"),
    [("None", "output: expected integer, got None"), ("'7'", "output: expected integer, got '7'")],
)
def test_an_output_that_breaks_the_contract_is_not_handed_out(
    bench: Bench, returned: str, message: str
) -> None:
    bench.go_live(code=f"def run(text: str) -> int:\n    return {returned}  # type: ignore\n")
    got = call(bench, {"text": "a"}, idempotency_key="k")
    check_failed(got, FailureReason.CONTRACT_VIOLATION, message)
    assert bench.store.invocations.find_answer(got.digest, "k") is None


@pytest.mark.parametrize("returned", ["float('nan')", "chr(0xd800)", "10 ** 5000", "b'x'"])
def test_an_output_that_is_not_json_for_every_reader_is_not_handed_out(
    bench: Bench, returned: str
) -> None:
    bench.go_live(code=f"def run(text: str) -> object:\n    return {returned}\n")
    got = call(bench, {"text": "a"})
    assert got.outcome is CallOutcome.FAILED
    assert got.reason in {FailureReason.CONTRACT_VIOLATION, FailureReason.RUNTIME_ERROR}
    assert got.output is None


# What cannot be called


def test_instructions_are_read_not_called(bench: Bench) -> None:
    bench.go_live(kind="instructions")
    with pytest.raises(InvalidInputError, match="instructions"):
        call(bench, {"text": "a"})
