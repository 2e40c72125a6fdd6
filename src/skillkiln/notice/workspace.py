"""What a session has shown of the files it works on: contents seen whole, scripts it wrote.

Rules: only whole contents are kept, and a content is forgotten as soon as anything may have changed
the file. A script that went into version control is no throwaway any more. The room is bounded: the
files longest unseen go first. Nothing is read from disk here.
"""

import posixpath
import re
from collections import OrderedDict

from skillkiln.notice.shell import Command, parse_command
from skillkiln.sessions.interface import ToolCall

MAX_FILES = 64
MAX_TOTAL_CHARS = 2_000_000
MAX_PATH_CHARS = 1_000

_CHANGING = frozenset({"mv", "cp", "rm", "sed", "perl", "truncate", "sort", "tee", "dos2unix"})
_SILENT = frozenset(
    {"cd", "export", "set", "mkdir", "rm", "cp", "mv", "chmod", "source", ".", "touch", "true"}
    | {"unset", "pushd", "popd", "sleep", ":", "umask"}
)


class Workspace:
    """The files of one session as the session itself showed them."""

    def __init__(self) -> None:
        self._contents: OrderedDict[str, str] = OrderedDict()
        self._written: set[str] = set()
        self._chars = 0

    def find_content(self, path: str) -> str | None:
        """Return a file's whole content, or None when it is not known for sure."""
        return self._contents.get(path)

    def find_script(self, path: str) -> str | None:
        """Return the code of a file that the session itself wrote and did not keep for good."""
        return self._contents.get(path) if path in self._written else None

    def forget(self, path: str) -> None:
        """Forget a content that may have changed."""
        self._chars -= len(self._contents.pop(path, ""))
        self._written.discard(path)

    def follow(self, call: ToolCall) -> None:
        """Take in what a finished call showed or changed."""
        if call.edit is not None:
            self._apply_edit(call)
        shown = call.shown_file
        if shown is not None:
            path = resolve_path(shown.path, call.cwd)
            if shown.is_whole:
                self._keep(path, shown.content, is_written=shown.is_written)
            elif shown.is_written:
                self.forget(path)
        if call.command:
            self._follow_command(call)

    def _keep(self, path: str, content: str, *, is_written: bool) -> None:
        was_written = path in self._written and self._contents.get(path) == content
        self.forget(path)
        self._contents[path] = content
        self._chars += len(content)
        if is_written or was_written:
            self._written.add(path)
        while len(self._contents) > MAX_FILES or self._chars > MAX_TOTAL_CHARS:
            self.forget(next(iter(self._contents)))

    def _apply_edit(self, call: ToolCall) -> None:
        edit = call.edit
        assert edit is not None
        path = resolve_path(edit.path, call.cwd)
        content, is_written = self._contents.get(path), path in self._written
        self.forget(path)
        if content is not None and edit.remove and content.count(edit.remove) == 1:
            changed = content.replace(edit.remove, edit.add)
            self._keep(path, changed, is_written=is_written)

    def _follow_command(self, call: ToolCall) -> None:
        commands = parse_command(call.command)
        cwd = call.cwd
        for command in commands:
            cwd = follow_cd(command, cwd)
            for path in _list_changed(command):
                self.forget(resolve_path(path, cwd))
            if command.program in {"cat", "tee"} and command.stdin_text is not None:
                target = command.stdout_path or "".join(command.words[1:2])
                if target and not call.is_error:
                    self._keep(resolve_path(target, cwd), command.stdin_text, is_written=True)
            if command.words[:2] == ("git", "add"):
                self._written.clear()
        shown = _find_catted(commands)
        if shown and call.exit_code == 0 and call.is_output_whole:
            stdout = call.output if call.stdout is None else call.stdout
            self._keep(resolve_path(shown, cwd), stdout, is_written=False)


def resolve_path(path: str, cwd: str) -> str:
    """Return a path made absolute against a working folder, without `.` and `..`."""
    joined = posixpath.normpath(posixpath.join(cwd, path[:MAX_PATH_CHARS]))
    return re.sub(r"^//+", "/", joined)


def follow_cd(command: Command, cwd: str) -> str:
    """Return the working folder after a command."""
    if command.program == "cd" and len(command.words) == 2 and "$" not in command.words[1]:
        return resolve_path(command.words[1], cwd)
    return cwd


def is_silent(command: Command) -> bool:
    """Say whether a command prints nothing of its own."""
    return not command.words or command.program in _SILENT or command.stdout_path is not None


def _list_changed(command: Command) -> list[str]:
    changed = [command.stdout_path] if command.stdout_path else []
    if command.program in _CHANGING:
        changed += [word for word in command.words[1:] if not word.startswith("-")]
    return changed


def _find_catted(commands: tuple[Command, ...]) -> str | None:
    """Return the one file whose content is all that the commands print."""
    loud = [command for command in commands if not is_silent(command)]
    if len(loud) != 1 or loud[0].program != "cat" or len(loud[0].words) != 2:
        return None
    path = loud[0].words[1]
    return path if loud[0].stdin_text is None and not re.search(r"^-|[*?$]", path) else None
