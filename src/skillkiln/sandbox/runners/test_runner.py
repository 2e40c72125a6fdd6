"""Run one test file under pytest, with the skill itself in another cell.

`import skill` gives the tests a stand-in whose `run` asks the host, which asks the skill's cell.
Frames out: `collected` with every test's id, one `report` for each phase of each test, a `call` for
each use of the skill, and `finished`. The host compares; nothing here is a verdict.
"""

import builtins
import contextlib
import sys
from types import ModuleType
from typing import Any, NoReturn

import pytest

from skillkiln.sandbox.runners.channel import Channel

TEST_FOLDER = "/skill"
TEST_FILE = f"{TEST_FOLDER}/test_skill.py"
MAX_MESSAGE_CHARACTERS = 2_000
UNUSED_PLUGINS = (
    "cacheprovider",
    "doctest",
    "faulthandler",
    "junitxml",
    "legacypath",
    "pastebin",
    "setuponly",
    "setupplan",
    "stepwise",
    "threadexception",
)
"""Not needed, and each costs every run the time to load it."""
PYTEST_ARGUMENTS = (
    TEST_FILE,
    "-c",
    "/dev/null",
    f"--rootdir={TEST_FOLDER}",
    "--import-mode=importlib",
    "--disable-plugin-autoload",
    "--tb=short",
    "-q",
    *(f"-pno:{name}" for name in UNUSED_PLUGINS),
)


class BrokenCallError(BaseException):
    """The skill broke a limit: no `pytest.raises(Exception)` may take this for a result."""


class Reporter:
    """A pytest plugin that sends what was collected and what each phase came to."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Send the ids of all tests, once they are final."""
        self._channel.send({"collected": [item.nodeid for item in session.items]})

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Send what kept the file from being collected."""
        if report.failed:
            self._channel.send({"uncollected": _shorten(report.longreprtext)})

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Send one phase of one test."""
        self._channel.send(
            {
                "report": report.nodeid,
                "when": report.when,
                "outcome": report.outcome,
                "message": _shorten(report.longreprtext) if report.failed else "",
            }
        )


def run(channel: Channel, arguments: dict[str, Any]) -> None:
    """Run the tests and send what came of them."""
    sys.modules["skill"] = build_stand_in(channel, arguments["parameters"])
    exit_code = pytest.main(list(PYTEST_ARGUMENTS), plugins=[Reporter(channel)])
    channel.send({"finished": int(exit_code)})


def build_stand_in(channel: Channel, parameters: list[str]) -> ModuleType:
    """Build the module that tests know as `skill`."""
    stand_in = ModuleType("skill", "The skill, in a process of its own; only `run` crosses.")

    def run_skill(*values: object, **named: object) -> object:
        if len(values) > len(parameters):
            raise TypeError(f"run() takes {len(parameters)} arguments, got {len(values)}")
        inputs = dict(zip(parameters, values, strict=False))
        if inputs.keys() & named.keys():
            raise TypeError(f"run() got several values for {sorted(inputs.keys() & named.keys())}")
        channel.send({"call": inputs | named})
        answer = channel.receive()
        if answer["failure"] is not None:
            raise_failure(answer)
        return answer["output"]

    def refuse(name: str) -> NoReturn:
        raise AttributeError(f"tests can only use `skill.run`, not `skill.{name}`")

    run_skill.__name__ = run_skill.__qualname__ = "run"
    vars(stand_in).update(run=run_skill, __getattr__=refuse)
    return stand_in


def raise_failure(answer: dict[str, Any]) -> NoReturn:
    """Raise what the skill raised, as the nearest builtin exception.

    Raises:
        BrokenCallError: the skill did not raise; it broke a limit or its contract.
    """
    if answer["exception"] is None:
        raise BrokenCallError(f"{answer['failure']}: {answer['message']}")
    raise build_exception(answer["exception"], answer["bases"], answer["message"])


def build_exception(name: str, bases: list[str], message: str) -> Exception:
    """Build an exception of the nearest builtin type, with the skill's message."""
    for candidate in (name, *bases):
        found = vars(builtins).get(candidate)
        if not isinstance(found, type) or not issubclass(found, Exception) or found is Exception:
            continue
        # A group cannot be made without its members; the next base will do.
        with contextlib.suppress(TypeError):
            return build_builtin(found, message)
    return RuntimeError(f"{name}: {message}")


def build_builtin(found: type[Exception], message: str) -> Exception:
    """Build a builtin exception that reads as `message`.

    Some cannot be made from one message (UnicodeDecodeError), some quote it (KeyError): so it is
    an instance of a subclass of the same name.
    """

    def read(self: Exception) -> str:
        return message

    kind = type(found.__name__, (found,), {"__str__": read})
    raised = kind.__new__(kind, message)
    raised.args = (message,)
    return raised


def _shorten(text: str) -> str:
    return text[-MAX_MESSAGE_CHARACTERS:].encode("utf-8", "replace").decode()
