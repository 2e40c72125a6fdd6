"""Every error Skillkiln raises on purpose, in one tree.

    SkillkilnError                      exit  code
    +- UserError                          2
    |  +- InvalidSkillError               2   invalid_skill
    |  +- InvalidContractError            2   invalid_contract
    |  +- InvalidTransitionError          2   invalid_transition
    |  +- InvalidInputError               2   invalid_input
    |  +- UnknownNameError                2   unknown_name
    |  +- SettingError                    2   invalid_setting
    |  +- WorkspaceError                  2   workspace
    |  +- SessionFormatError              2   session_format
    +- TrustError                         3
    |  +- SignatureError                  3   bad_signature
    |  +- DigestMismatchError             3   digest_mismatch
    |  +- KeyUnusableError                3   key_unusable
    |  +- QuarantinedError                3   quarantined
    |  +- LedgerBrokenError               3   ledger_broken
    +- ApprovalRequiredError              4   approval_required
    +- SandboxError                       5
    |  +- SandboxUnavailableError         5   sandbox_unavailable
    |  +- SandboxFailedError              5   sandbox_failed
    +- StoreError                         7
       +- StoreBusyError                  7   store_busy
       +- StoreFullError                  7   store_full
       +- StoreCorruptError               7   store_corrupt
       +- StoreTooNewError                7   store_too_new

Families follow who must act: the user, the key holder, an approver, the machine's owner, the
store's owner. Exit 0 means done, the answer is yes; exit 1 means it ran and the answer is no (a
rejected candidate is a result, not an error). `ModelError` (6) is reserved for model authors.

An error is built from typed arguments and writes its own message: what, where, expected and got,
then a `hint:` line. Values are shown with `!r`, commands in backticks, secrets never.
"""

from typing import ClassVar


class SkillkilnError(Exception):
    """Root of the tree: carries a stable `code`, an `exit_code` and an optional hint."""

    code: ClassVar[str] = "error"
    exit_code: ClassVar[int] = 2

    def __init__(self, message: str, *, where: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        lines = [self.message]
        if self.where:
            lines.append(f"  --> {self.where}")
        if self.hint:
            lines.append(f"hint: {self.hint}")
        return "\n".join(lines)


class UserError(SkillkilnError):
    """The person or program at the face asked for something that cannot be."""


class InvalidSkillError(UserError):
    """A skill folder or SKILL.md breaks the Agent Skills rules or ours."""

    code = "invalid_skill"


class InvalidContractError(UserError):
    """A contract is incomplete or contradicts itself."""

    code = "invalid_contract"


class InvalidTransitionError(UserError):
    """A status change that the status machine does not allow."""

    code = "invalid_transition"


class InvalidInputError(UserError):
    """A file, table or argument given to a command cannot be used."""

    code = "invalid_input"


class UnknownNameError(UserError):
    """Nothing is known under that name or id."""

    code = "unknown_name"

    def __init__(self, kind: str, name: str, *, hint: str | None = None) -> None:
        super().__init__(f"no {kind} named {name!r}", hint=hint)
        self.kind = kind
        self.name = name


class SettingError(UserError):
    """A setting has a value that it cannot have."""

    code = "invalid_setting"

    def __init__(self, name: str, expected: str, got: object, *, where: str | None = None) -> None:
        super().__init__(f"setting `{name}`: expected {expected}, got {got!r}", where=where)
        self.name = name


class WorkspaceError(UserError):
    """The workspace is missing, or is not one."""

    code = "workspace"


class SessionFormatError(UserError):
    """A recording is in no format that a reader knows."""

    code = "session_format"


class TrustError(SkillkilnError):
    """What was loaded is not what was signed, or the signer may not vouch for it."""

    exit_code = 3


class SignatureError(TrustError):
    """An envelope's signature does not fit its payload or its key."""

    code = "bad_signature"


class DigestMismatchError(TrustError):
    """Bytes do not have the sha256 that was recorded for them."""

    code = "digest_mismatch"

    def __init__(self, what: str, *, expected: str, got: str) -> None:
        super().__init__(f"{what}: expected sha256 {expected}, got {got}")
        self.what = what
        self.expected = expected
        self.got = got


class KeyUnusableError(TrustError):
    """A signing key is missing, revoked, or readable by others."""

    code = "key_unusable"


class QuarantinedError(TrustError):
    """A release was set aside, and is neither loaded nor called until it is proved again."""

    code = "quarantined"


class LedgerBrokenError(TrustError):
    """The ledger's hash chain does not hold."""

    code = "ledger_broken"

    def __init__(self, seq: int, expected: str, got: str) -> None:
        super().__init__(
            f"ledger entry {seq}: expected hash {expected}, got {got}",
            hint="restore the store from a backup; entries after this one cannot be trusted",
        )
        self.seq = seq


class ApprovalRequiredError(SkillkilnError):
    """A person has to decide first."""

    code = "approval_required"
    exit_code = 4


class SandboxError(SkillkilnError):
    """The machine cannot confine code, or the confinement itself failed."""

    exit_code = 5


class SandboxUnavailableError(SandboxError):
    """This machine cannot isolate; nothing is run instead. Not: a skill that broke a limit."""

    code = "sandbox_unavailable"


class SandboxFailedError(SandboxError):
    """The sandbox broke down before the confined program could answer."""

    code = "sandbox_failed"


class StoreError(SkillkilnError):
    """The store cannot take or give what was asked."""

    exit_code = 7


class StoreBusyError(StoreError):
    """Another process held the store's write lock for too long."""

    code = "store_busy"


class StoreFullError(StoreError):
    """The disk under the store is full; the transaction was rolled back."""

    code = "store_full"


class StoreCorruptError(StoreError):
    """The store's file is damaged."""

    code = "store_corrupt"


class StoreTooNewError(StoreError):
    """A newer version of Skillkiln wrote the store."""

    code = "store_too_new"
