"""Finds the throwaway code that a call ran: Python from heredocs, `-c` and fresh files; pipelines.

Rules: a script counts when its text stands in the session: given on the command line, or written
there and not added to version control afterwards. A run owns the call's output only when nothing
else in the command printed, nothing but `head` came after it in the pipe, and the recording holds
the output whole. Which runs resemble each other is left to `notice.shape` and `notice.clusters`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from skillkiln.notice.reads import find_touched, is_path_like
from skillkiln.notice.shape import Shape, find_pipeline_shape, find_python_shape, parse_python
from skillkiln.notice.shell import Command, parse_command
from skillkiln.notice.workspace import Workspace, follow_cd, is_silent, resolve_path
from skillkiln.sessions.interface import ToolCall

MAX_INPUT_CHARS = 100_000
"""Longest input text kept with a run; a longer one is left to the disk."""
MAX_OUTPUT_CHARS = 100_000

_PYTHON = re.compile(r"(?:python|pypy)[\d.]*|py")
_FLAGS_WITH_VALUE = frozenset({"-W", "-X", "--check-hash-based-pycs"})


@dataclass(frozen=True, slots=True)
class RunInput:
    """A text that a run may have read."""

    path: str
    """Where it was read, or `stdin` or `script` for a text without a path."""
    content: str | None
    """None when only the path is known."""


@dataclass(frozen=True, slots=True)
class CodeRun:
    """One run of throwaway code."""

    language: str
    """`python` or `shell`."""
    code: str
    shape: Shape
    inputs: tuple[RunInput, ...]
    output: str | None
    """What it printed, None when that cannot be told apart or is not whole."""
    has_failed: bool


@dataclass(frozen=True, slots=True)
class _Script:
    """Python code as one command runs it."""

    code: str
    arguments: tuple[str, ...]
    reads_stdin: bool
    """Whether standard input is the script's to read, rather than its code."""


def find_runs(call: ToolCall, workspace: Workspace) -> Iterator[CodeRun]:
    """Yield the throwaway code that a finished call ran.

    Args:
        call: the call with its result.
        workspace: what the session showed before the call.
    """
    commands = parse_command(call.command)
    cwd = call.cwd
    for position, command in enumerate(commands):
        cwd = follow_cd(command, cwd)
        if _PYTHON.fullmatch(command.program):
            before = commands[:position]
            written = _list_written(before, cwd)
            script = _find_script(command, cwd, workspace, written)
            if script:
                own = _find_own_output(commands, position, position, call)
                yield from _build_python_run(script, commands, position, cwd, workspace, call, own)
    yield from _find_pipelines(commands, call, workspace)


def _list_written(commands: Sequence[Command], cwd: str) -> dict[str, str]:
    """Return the files that earlier commands of the same call wrote from heredocs."""
    return {
        resolve_path(command.stdout_path, cwd): command.stdin_text
        for command in commands
        if command.program == "cat" and command.stdout_path and command.stdin_text is not None
    }


def _find_script(
    command: Command, cwd: str, workspace: Workspace, written: dict[str, str]
) -> _Script | None:
    words = list(command.words[1:])
    while words:
        word = words.pop(0)
        if word == "-c":
            return _Script(words[0], tuple(words[1:]), reads_stdin=True) if words else None
        if word == "-":
            break
        if word in _FLAGS_WITH_VALUE:
            words = words[1:]
        elif not word.startswith("-"):
            path = resolve_path(word, cwd)
            code = written.get(path) or workspace.find_script(path)
            return _Script(code, tuple(words), reads_stdin=True) if code else None
        elif word.startswith("-m"):
            return None
    if command.stdin_text is None:
        return None
    return _Script(command.stdin_text, tuple(words), reads_stdin=False)


def _build_python_run(
    script: _Script,
    commands: Sequence[Command],
    position: int,
    cwd: str,
    workspace: Workspace,
    call: ToolCall,
    output: str | None,
) -> Iterator[CodeRun]:
    tree = parse_python(script.code)
    shape = find_python_shape(tree) if tree else None
    if tree is None or shape is None:
        return
    touched = find_touched(tree, script.arguments)
    paths = [*touched.read]
    inputs: list[RunInput] = []
    if script.reads_stdin:
        stdin_paths, stdin_text = _find_stdin(commands, position)
        paths = [*stdin_paths, *paths]
        inputs += [RunInput("stdin", stdin_text)] if stdin_text else []
    inputs += _look_up(paths, cwd, workspace)
    inputs += [RunInput("script", text) for text in touched.listed_texts]
    for path in touched.written:
        workspace.forget(resolve_path(path, cwd))
    yield CodeRun("python", script.code, shape, tuple(inputs), output, _has_failed(call))


def _find_stdin(commands: Sequence[Command], position: int) -> tuple[list[str], str | None]:
    """Return the paths or the text that a command reads as its standard input."""
    command = commands[position]
    if command.stdin_path:
        return [command.stdin_path], None
    if command.stdin_text is not None:
        return [], command.stdin_text
    before = commands[position - 1] if position else None
    if before and before.pipeline == command.pipeline and before.program == "cat":
        return [word for word in before.words[1:] if not word.startswith("-")], before.stdin_text
    return [], None


def _look_up(paths: Sequence[str], cwd: str, workspace: Workspace) -> list[RunInput]:
    found: list[RunInput] = []
    for path in dict.fromkeys(resolve_path(path, cwd) for path in paths):
        content = workspace.find_content(path)
        if content is not None and len(content) > MAX_INPUT_CHARS:
            content = None
        found.append(RunInput(path, content))
    return found


def _find_pipelines(
    commands: Sequence[Command], call: ToolCall, workspace: Workspace
) -> Iterator[CodeRun]:
    cwd = call.cwd
    for number in dict.fromkeys(command.pipeline for command in commands):
        stages = [command for command in commands if command.pipeline == number]
        cwd = follow_cd(stages[0], cwd)
        shape = find_pipeline_shape(stages)
        if shape is None or any(_PYTHON.fullmatch(stage.program) for stage in stages):
            continue
        words = [word for stage in stages[:1] for word in stage.words[1:] if is_path_like(word)]
        words += [stage.stdin_path for stage in stages if stage.stdin_path]
        first, last = commands.index(stages[0]), commands.index(stages[-1])
        yield CodeRun(
            language="shell",
            code=" | ".join(" ".join(stage.words) for stage in stages),
            shape=shape,
            inputs=tuple(_look_up(words, cwd, workspace)),
            output=_find_own_output(commands, first, last, call),
            has_failed=_has_failed(call),
        )


def _find_own_output(
    commands: Sequence[Command], first: int, last: int, call: ToolCall
) -> str | None:
    """Return the call's output when the commands from `first` to `last` alone printed it."""
    pipeline = commands[last].pipeline
    stages = [i for i, command in enumerate(commands) if command.pipeline == pipeline]
    after = [commands[i] for i in stages if i > last]
    others = [command for i, command in enumerate(commands) if i not in stages]
    is_own = (
        all(map(is_silent, others))
        and all(command.program == "head" for command in after)
        and commands[last].stdout_path is None
        and all(i >= first or commands[i].program == "cat" for i in stages)
    )
    output = call.output if call.stdout is None else call.stdout
    is_usable = is_own and call.is_output_whole and len(output) <= MAX_OUTPUT_CHARS
    return output if is_usable and call.output_line is not None else None


def _has_failed(call: ToolCall) -> bool:
    return call.is_error or call.exit_code not in {0, None}
