"""The tree of errors: as drawn, each with its own code, each with the exit code of its family."""

import inspect
import re

import pytest

from skillkiln import errors
from skillkiln.errors import (
    ApprovalRequiredError,
    DigestMismatchError,
    LedgerBrokenError,
    SandboxError,
    SettingError,
    SkillkilnError,
    StoreError,
    TrustError,
    UnknownNameError,
    UserError,
)

FAMILIES = (UserError, TrustError, ApprovalRequiredError, SandboxError, StoreError)
DRAWN_LINE = re.compile(
    r"^(?P<indent>[ |+-]*)(?P<name>[A-Z]\w+Error) +(?P<exit>\d)(?: +(?P<code>\w+))?$"
)


def subclasses(parent: type[SkillkilnError]) -> list[type[SkillkilnError]]:
    """All errors below one, itself first."""
    below = [error for child in parent.__subclasses__() for error in subclasses(child)]
    return [parent, *below]


ALL = [error for error in subclasses(SkillkilnError) if error.__module__ == errors.__name__]
LEAVES = [error for error in ALL if not error.__subclasses__()]
PLAIN = [error for error in ALL if error.__init__ is SkillkilnError.__init__]
"""Those that are built from a message; the others write their own."""


def drawn() -> dict[str, tuple[str, int, str | None]]:
    """The tree in the docstring: parent, exit code and code by name."""
    assert errors.__doc__ is not None
    tree: dict[str, tuple[str, int, str | None]] = {}
    above = [(-1, "SkillkilnError")]
    for line in errors.__doc__.splitlines():
        if (match := DRAWN_LINE.match(line)) is None:
            continue
        depth = len(match["indent"])
        while above[-1][0] >= depth:
            above.pop()
        tree[match["name"]] = (above[-1][1], int(match["exit"]), match["code"])
        above.append((depth, match["name"]))
    return tree


def test_the_drawn_tree_is_the_real_one() -> None:
    real = {
        error.__name__: (
            error.__mro__[1].__name__,
            error.exit_code,
            error.code if error in LEAVES else None,
        )
        for error in ALL
        if error is not SkillkilnError
    }
    assert drawn() == real


def test_every_error_of_the_module_is_in_the_tree() -> None:
    defined = {
        member
        for _, member in inspect.getmembers(errors, inspect.isclass)
        if issubclass(member, BaseException)
    }
    assert defined == set(ALL)


@pytest.mark.parametrize("error", LEAVES, ids=lambda error: error.__name__)
def test_every_leaf_has_a_code_of_its_own_and_a_docstring(error: type[SkillkilnError]) -> None:
    assert "code" in vars(error)
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", error.code)
    assert [other for other in LEAVES if other.code == error.code] == [error]
    assert error.__doc__


@pytest.mark.parametrize("error", ALL, ids=lambda error: error.__name__)
def test_an_exit_code_belongs_to_one_family_and_is_never_an_answer(
    error: type[SkillkilnError],
) -> None:
    family = next((family for family in FAMILIES if issubclass(error, family)), None)
    assert error.exit_code not in {0, 1}
    assert (family is None) == (error is SkillkilnError)
    if family is not None:
        assert error.exit_code == family.exit_code


def test_every_family_has_an_exit_code_of_its_own() -> None:
    assert len({family.exit_code for family in FAMILIES}) == len(FAMILIES)


@pytest.mark.parametrize("error", PLAIN, ids=lambda error: error.__name__)
def test_a_message_has_what_then_where_then_the_hint(error: type[SkillkilnError]) -> None:
    raised = error("what is wrong", where="skill.py:3", hint="do this")
    assert str(raised) == "what is wrong\n  --> skill.py:3\nhint: do this"
    assert str(error("what is wrong")) == "what is wrong"
    assert raised.args == ("what is wrong",)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (UnknownNameError("skill", "a b"), "no skill named 'a b'"),
        (UnknownNameError("skill", "a", hint="see `skillkiln skills`"),
         "no skill named 'a'\nhint: see `skillkiln skills`"),
        (SettingError("min_score", "0 to 10", "x", where="environment"),
         "setting `min_score`: expected 0 to 10, got 'x'\n  --> environment"),
        (DigestMismatchError("release a 1.0.0", expected="00", got="ff"),
         "release a 1.0.0: expected sha256 00, got ff"),
        (LedgerBrokenError(7, "00", "ff"),
         "ledger entry 7: expected hash 00, got ff\nhint: restore the store from a backup; "
         "entries after this one cannot be trusted"),
    ],
)  # fmt: skip
def test_a_typed_error_writes_its_own_message(error: SkillkilnError, text: str) -> None:
    assert str(error) == text


def test_every_typed_error_is_tried_here() -> None:
    typed = {UnknownNameError, SettingError, DigestMismatchError, LedgerBrokenError}
    assert set(ALL) - set(PLAIN) == typed


def test_a_typed_error_keeps_its_arguments() -> None:
    assert UnknownNameError("skill", "a").kind == "skill"
    assert UnknownNameError("skill", "a").name == "a"
    assert SettingError("min_score", "0 to 10", 11).name == "min_score"
    assert DigestMismatchError("a", expected="0", got="1").what == "a"
    assert LedgerBrokenError(7, "0", "1").seq == 7
