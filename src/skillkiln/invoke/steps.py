"""The steps of a call, one function each, in the order of `invoke.invoker`.

A step that says no raises `CallStoppedError` with the failure reason and a message for the caller:
which field, what was expected, what came. The invoker turns it into the record of a failed call.
What a skill says of itself (an exception's text) is untrusted and made inert before it is shown.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock

from pydantic import JsonValue

from skillkiln.errors import SandboxFailedError
from skillkiln.records.invocations import Invocation
from skillkiln.sandbox.calls import call_skill
from skillkiln.sandbox.interface import CallResult, Policy, Sandbox
from skillkiln.sandbox.policies import build_policy
from skillkiln.sessions.text import make_inert_line
from skillkiln.skill.contract import Contract, Idempotency
from skillkiln.skill.digest import sha256_hex
from skillkiln.skill.reasons import FailureReason
from skillkiln.skill.schema_fit import SchemaFit
from skillkiln.store.interface import Store
from skillkiln.trust.canonical_json import render_canonical_json

MAX_MESSAGE = 500
MAX_KEY = 200
MAX_CACHED = 256
"""Releases whose compiled schemas are kept."""


class CallStoppedError(Exception):
    """A step said no; never leaves the invoker."""

    def __init__(self, reason: FailureReason, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


@dataclass(frozen=True, slots=True)
class Fits:
    """The compiled schemas of one release."""

    inputs: SchemaFit
    output: SchemaFit


class CompiledSchemas:
    """Compiles a release's schemas at its first call and keeps them by its digest.

    A digest names one content for ever, so nothing kept here can grow stale. May be used from
    several threads.
    """

    def __init__(self, size: int = MAX_CACHED) -> None:
        self._size = size
        self._fits: OrderedDict[str, Fits] = OrderedDict()
        self._lock = Lock()

    def get(self, digest: str, contract: Contract) -> Fits:
        """Return the compiled schemas of a release.

        Raises:
            InvalidContractError: a schema cannot be used.
        """
        with self._lock:
            if digest in self._fits:
                self._fits.move_to_end(digest)
                return self._fits[digest]
        fits = Fits(
            SchemaFit(contract.input_schema, root="inputs"),
            SchemaFit(contract.output_schema, root="output"),
        )
        with self._lock:
            self._fits[digest] = fits
            while len(self._fits) > self._size:
                self._fits.popitem(last=False)
        return fits


def check_inputs(fit: SchemaFit, inputs: JsonValue) -> None:
    """Raise unless the inputs fit the input schema."""
    if problem := fit.find_misfit(inputs):
        raise CallStoppedError(FailureReason.CONTRACT_VIOLATION, problem)


def check_permission(contract: Contract) -> None:
    """Raise unless the contract petitions for nothing: a petition is no grant, and none is kept."""
    if contract.side_effects:
        petitions = ", ".join(contract.side_effects)
        raise CallStoppedError(
            FailureReason.PERMISSION_DENIED,
            f"permissions: expected none, got a petition for {petitions}, which nobody granted",
        )


def set_limits(contract: Contract) -> Policy:
    """Return what the call may use: the contract's timeout, and the defaults for all else."""
    return build_policy(contract)


def find_kept_answer(
    store: Store, digest: str, idempotency_key: str | None, inputs_sha256: str
) -> Invocation | None:
    """Return the call that first answered this key, if there is one.

    Raises:
        CallStoppedError: the key was used with other inputs, or is no key.
    """
    if idempotency_key is None:
        return None
    if not is_key(idempotency_key):
        raise CallStoppedError(
            FailureReason.CONTRACT_VIOLATION,
            f"idempotency_key: expected 1 to {MAX_KEY} printable characters, "
            f"got {idempotency_key!r:.80}",
        )
    kept = store.invocations.find_answer(digest, idempotency_key)
    if kept is None:
        return None
    if kept.inputs_sha256 != inputs_sha256:
        raise CallStoppedError(
            FailureReason.CONTRACT_VIOLATION,
            f"idempotency_key {idempotency_key!r}: expected the inputs of its first call "
            f"(sha256 {kept.inputs_sha256[:12]}), got others (sha256 {inputs_sha256[:12]})",
        )
    return kept.invocation


def is_key(text: str | None) -> bool:
    """Say whether a text may be an idempotency key: short and printable."""
    return text is not None and 0 < len(text) <= MAX_KEY and text.isprintable()


def run_confined(
    sandbox: Sandbox,
    files: Mapping[str, bytes],
    inputs: dict[str, JsonValue],
    policy: Policy,
    contract: Contract,
) -> JsonValue:
    """Run the skill in a fresh cell and return its output.

    Raises:
        CallStoppedError: the skill failed, broke a limit, or tried a side effect.
        SandboxError: the machine cannot confine it, or the sandbox broke each time.
    """
    result = _call_again_when_the_sandbox_breaks(sandbox, files, inputs, policy, contract)
    if result.attempts:
        # Denied, and yet a broken promise: what was proved never tried this.
        tried = make_inert_line(", ".join(result.attempts), MAX_MESSAGE)
        raise CallStoppedError(
            FailureReason.SIDE_EFFECT_DETECTED, f"side effects: expected none, got tries at {tried}"
        )
    if result.failure is not None:
        said = make_inert_line(result.message, MAX_MESSAGE)
        message = said or f"the skill ended with {result.failure}"
        raise CallStoppedError(result.failure, message)
    return result.output


def _call_again_when_the_sandbox_breaks(
    sandbox: Sandbox,
    files: Mapping[str, bytes],
    inputs: dict[str, JsonValue],
    policy: Policy,
    contract: Contract,
) -> CallResult:
    # Only a broken sandbox passes by itself. What the skill did, it will do again, a timeout too.
    for _ in range(contract.max_retries if can_repeat(contract) else 0):
        try:
            return call_skill(sandbox, files, inputs, policy)
        except SandboxFailedError:
            continue
    return call_skill(sandbox, files, inputs, policy)


def can_repeat(contract: Contract) -> bool:
    """Say whether running the skill twice for one call does no harm."""
    return not contract.side_effects or contract.idempotency in {
        Idempotency.PURE,
        Idempotency.KEYED,
    }


def check_output(fit: SchemaFit, output: JsonValue) -> None:
    """Raise unless the output fits the output schema."""
    if problem := fit.find_misfit(output):
        raise CallStoppedError(FailureReason.CONTRACT_VIOLATION, problem)


def digest_inputs(inputs: JsonValue) -> str:
    """Return the sha256 of the inputs' canonical JSON: equal inputs, equal digest."""
    return sha256_hex(render_canonical_json(inputs))
