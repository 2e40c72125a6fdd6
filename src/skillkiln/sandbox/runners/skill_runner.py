"""Load one skill and answer its calls.

Frames out: `compiled` (before any of the skill's code ran), `loaded`, then one answer for each
call. `attempt` frames may come in between. Frames in: `call` with an id and inputs, or `coverage`.
One cell, one skill; the host decides how many calls share a cell.
"""

import contextlib
import sys
from collections.abc import Callable
from types import CodeType, FunctionType, ModuleType
from typing import Any

from skillkiln.sandbox.runners.answers import (
    UnansweredError,
    describe_exception,
    render_result,
)
from skillkiln.sandbox.runners.channel import Channel
from skillkiln.sandbox.runners.frozen_clock import freeze_clock
from skillkiln.sandbox.runners.line_trace import LineTrace, find_executable_lines
from skillkiln.sandbox.runners.witness import Witness

SKILL_FOLDER = "/skill"
SKILL_FILE = f"{SKILL_FOLDER}/skill.py"


def run(channel: Channel, arguments: dict[str, Any]) -> None:
    """Serve calls until the host is gone."""
    code = compile_skill(channel)
    if code is None:
        return
    trace = LineTrace(SKILL_FILE)
    if arguments["frozen_at"] is not None:
        freeze_clock(arguments["frozen_at"])
    witness = Witness(channel.send)
    witness.watch()
    if arguments["is_traced"]:
        trace.start()
    function = load_skill(channel, code)
    if function is None:
        return
    while True:
        order = channel.receive()
        if "coverage" in order:
            channel.send({"covered": sorted(trace.lines)})
        else:
            witness.begin()
            answer_call(channel, function, order)


def compile_skill(channel: Channel) -> CodeType | None:
    """Compile skill.py and tell the host which lines have code."""
    try:
        with open(SKILL_FILE, "rb") as source:  # noqa: PTH123 - pathlib costs every cell 5 ms
            # `dont_inherit`: the skill is compiled as it would be by itself.
            code = compile(source.read(), SKILL_FILE, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError) as error:
        channel.send({"compiled": False, "exception": describe_exception(error)})
        return None
    channel.send({"compiled": True, "lines": sorted(find_executable_lines(code))})
    return code


def load_skill(channel: Channel, code: CodeType) -> Callable[..., Any] | None:
    """Run the module's top level and find `run` in it."""
    module = ModuleType("skill")
    module.__file__ = SKILL_FILE
    sys.modules["skill"] = module
    sys.path.insert(0, SKILL_FOLDER)
    try:
        exec(code, module.__dict__)  # noqa: S102 - the jail is closed; this is what it is for
        function = vars(module).get("run")
    except BaseException as error:  # noqa: BLE001 - whatever it raises is its answer
        flush_streams()
        channel.send({"loaded": False, "exception": describe_exception(error)})
        return None
    if not isinstance(function, FunctionType):
        channel.send({"loaded": False, "unanswered": "skill.py has no function `run`"})
        return None
    channel.send({"loaded": True, "parameters": name_parameters(function)})
    return function


def name_parameters(function: FunctionType) -> list[str]:
    """Return the names that arguments may be given by, in order."""
    code = function.__code__
    return list(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])


def answer_call(channel: Channel, function: Callable[..., Any], order: dict[str, Any]) -> None:
    """Call the skill once and send what came of it."""
    answer: dict[str, Any] = {"id": order["id"]}
    try:
        answer["output"] = render_result(function(**order["inputs"]))
    except UnansweredError as error:
        answer["unanswered"] = str(error)
    except BaseException as error:  # noqa: BLE001 - whatever it raises is its answer
        answer["exception"] = describe_exception(error)
        answer["exception"]["line"] = find_line(error)
    flush_streams()
    try:
        channel.send(answer)
    except (ValueError, TypeError, RecursionError) as error:
        channel.send({"id": order["id"], "unanswered": f"the result is not JSON: {error}"[:500]})


def find_line(error: BaseException) -> int | None:
    """Return the last line of skill.py in the error's traceback."""
    found, step = None, error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename == SKILL_FILE:
            found = step.tb_lineno
        step = step.tb_next
    return found


def flush_streams() -> None:
    """Flush what the skill printed, so that it reaches the host before the answer does."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):  # the skill may have put anything there
            stream.flush()
