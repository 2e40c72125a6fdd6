"""Names the kind of work that a call is: the tool, and for a shell the program and its verb."""

from skillkiln.notice.secrets import clean_line
from skillkiln.notice.shell import Command, parse_command
from skillkiln.sessions.interface import ToolCall

MAX_FAMILY_CHARS = 60

_PROGRAMS_WITH_VERBS = frozenset(
    {"git", "gh", "npm", "npx", "pnpm", "yarn", "bun", "deno", "cargo", "rustup", "go", "mix"}
    | {"docker", "podman", "kubectl", "helm", "terraform", "aws", "gcloud", "az", "uv", "pip"}
    | {"poetry", "conda", "apt", "apt-get", "brew", "systemctl", "make", "just", "dotnet", "bd"}
    | {"gradle", "mvn", "rails", "bundle", "gem", "php", "composer", "swift", "flutter", "nix"}
)
_PASSED_OVER = frozenset({"cd", "export", "set", "source", ".", "echo", "mkdir", "sleep", "for"})


def name_family(call: ToolCall) -> str:
    """Return the kind of work of a call, for example `Bash: git push` or `Read`."""
    if not call.command:
        return clean_line(call.name, MAX_FAMILY_CHARS)
    commands = [command for command in parse_command(call.command) if command.words]
    telling = [command for command in commands if command.program not in _PASSED_OVER]
    for command in telling or commands:
        return clean_line(f"{call.name}: {_name_command(command)}", MAX_FAMILY_CHARS)
    return clean_line(call.name, MAX_FAMILY_CHARS)


def _name_command(command: Command) -> str:
    verbs = [word for word in command.words[1:] if not word.startswith("-")]
    if (
        command.program in _PROGRAMS_WITH_VERBS
        and verbs
        and verbs[0].replace(".", "").isidentifier()
    ):
        return f"{command.program} {verbs[0]}"
    return command.program
