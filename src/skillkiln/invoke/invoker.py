"""One call of a skill, from its name to its record: eight steps in this order, and no way round.

    1  load         a live release of that name, its digests and signature checked
    2  input        the inputs fit the input schema
    3  permission   nothing is petitioned for that nobody granted
    4  timeout      the contract's, as a policy for the cell
    5  key          a repeated idempotency key gets the first answer, and runs nothing
    6  sandbox      the skill runs in a cell of its own
    7  output       what came back fits the output schema
    8  record       whatever came of it is kept

A call that fails is a value: an `Invocation` with outcome `failed`, a failure reason and a message.
An exception means that there was no call to speak of: an unknown name, a release that is not what
was signed, a sandbox that broke. (The last is recorded too, as failed without a failure reason:
the skill is not to blame.)

Example:
    invoker.invoke("parse-access-log", {"line": "GET /"}, caller="cli").output
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from skillkiln.errors import SandboxError
from skillkiln.invoke.finding import load_callable
from skillkiln.invoke.steps import (
    CallStoppedError,
    CompiledSchemas,
    check_inputs,
    check_output,
    check_permission,
    digest_inputs,
    find_kept_answer,
    is_key,
    run_confined,
    set_limits,
)
from skillkiln.records.invocations import CallOutcome, Invocation
from skillkiln.registry.integrity import LoadedSkill
from skillkiln.registry.registry import Registry
from skillkiln.sandbox.interface import Sandbox
from skillkiln.skill.reasons import FailureReason
from skillkiln.store.interface import Store


@dataclass(frozen=True, slots=True)
class Call:
    """What is asked for, and of which release."""

    skill: LoadedSkill
    inputs: dict[str, JsonValue]
    idempotency_key: str | None
    caller: str
    trace_id: str
    began_at: datetime


class Invoker:
    """Makes calls. May be used from several threads at once."""

    def __init__(
        self,
        registry: Registry,
        store: Store,
        sandbox: Sandbox,
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
    ) -> None:
        """Join the services that a call needs.

        Args:
            registry: where live releases are found and checked.
            store: where calls are recorded.
            sandbox: where skills run.
            clock: gives the present moment in UTC.
            new_id: gives a fresh trace id.
        """
        self._registry = registry
        self._store = store
        self._sandbox = sandbox
        self._clock = clock
        self._new_id = new_id
        self._schemas = CompiledSchemas()

    def invoke(
        self,
        name: str,
        inputs: dict[str, JsonValue],
        *,
        version: str | None = None,
        idempotency_key: str | None = None,
        caller: str,
        trace_id: str | None = None,
    ) -> Invocation:
        """Call a live skill and record the call.

        Args:
            name: the skill's name.
            inputs: named inputs.
            version: refuse any other than this one.
            idempotency_key: a repeated call with the same key and inputs gets the first answer.
            caller: who calls, for the record.
            trace_id: the caller's own id for this call; a fresh one where None.

        Raises:
            UnknownNameError: no live skill has that name and version.
            InvalidInputError: the skill is not one that can be called.
            InvalidContractError: a schema of the skill cannot be used.
            TrustError: what is kept is not what was signed; it is quarantined now.
            SandboxError: this machine cannot confine the call, or the sandbox broke.
        """
        began_at = self._clock()
        skill = load_callable(self._registry, name, version)
        call = Call(
            skill=skill,
            inputs=inputs,
            idempotency_key=idempotency_key,
            caller=caller,
            trace_id=trace_id or self._new_id(),
            began_at=began_at,
        )
        try:
            return self._answer(call)
        except CallStoppedError as stop:
            return self._record(call, CallOutcome.FAILED, reason=stop.reason, message=stop.message)
        except SandboxError as error:
            self._record(call, CallOutcome.FAILED, message=error.message)
            raise

    def _answer(self, call: Call) -> Invocation:
        contract, digest = call.skill.manifest.contract(), call.skill.release.digest
        fits = self._schemas.get(digest, contract)

        check_inputs(fits.inputs, call.inputs)
        check_permission(contract)
        policy = set_limits(contract)
        inputs_sha256 = digest_inputs(call.inputs)
        kept = find_kept_answer(self._store, digest, call.idempotency_key, inputs_sha256)
        if kept is not None:
            return self._replay(call, kept)
        output = run_confined(self._sandbox, call.skill.files, call.inputs, policy, contract)
        check_output(fits.output, output)
        # Another call with the same key may have answered meanwhile; the first answer stands.
        with self._store.transaction():
            kept = find_kept_answer(self._store, digest, call.idempotency_key, inputs_sha256)
            if kept is not None:
                return self._replay(call, kept)
            return self._record(call, CallOutcome.OK, inputs_sha256, output=output)

    def _replay(self, call: Call, kept: Invocation) -> Invocation:
        return self._record(call, CallOutcome.OK, output=kept.output, is_replayed=True)

    def _record(
        self,
        call: Call,
        outcome: CallOutcome,
        inputs_sha256: str = "",
        *,
        reason: FailureReason | None = None,
        message: str = "",
        output: JsonValue = None,
        is_replayed: bool = False,
    ) -> Invocation:
        release = call.skill.release
        passed = self._clock() - call.began_at
        invocation = Invocation(
            trace_id=call.trace_id,
            name=release.name,
            version=release.version,
            digest=release.digest,
            began_at=call.began_at,
            latency_ms=max(0.0, passed.total_seconds() * 1000),
            outcome=outcome,
            reason=reason,
            message=message,
            idempotency_key=call.idempotency_key if is_key(call.idempotency_key) else None,
            is_replayed=is_replayed,
            caller=call.caller,
            output=output,
        )
        self._store.invocations.save(invocation, inputs_sha256=inputs_sha256)
        return invocation
