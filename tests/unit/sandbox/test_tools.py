"""The checkers run on untrusted files, and the files do not steer them."""

import json

import pytest

from skillkiln.errors import SandboxUnavailableError
from skillkiln.sandbox.bubblewrap import BubblewrapSandbox
from skillkiln.sandbox.interface import MIB, Policy, Program
from skillkiln.sandbox.tools import Tool, build_tool_policy, build_type_cache, run_tool

CLEAN = b'"""A skill."""\n\n\ndef run(n: int) -> int:\n    """Add one."""\n    return n + 1\n'
DIRTY = b"import os\n\n\ndef run(n):\n    return eval(n)\n"
ARGUMENTS: dict[Tool, list[str]] = {
    "mypy": ["--strict", "skill.py"],
    "ruff": ["check", "--isolated", "--no-cache", "--output-format=json", "skill.py"],
    "bandit": ["-q", "-f", "json", "skill.py"],
}


@pytest.mark.parametrize("tool", ARGUMENTS)
def test_a_tool_finds_nothing_in_a_clean_file(sandbox: BubblewrapSandbox, tool: Tool) -> None:
    ran = run_tool(sandbox, tool, ARGUMENTS[tool], {"skill.py": CLEAN}, Policy())
    assert (ran.exit_code, ran.failure) == (0, None), ran.stdout + ran.stderr


@pytest.mark.parametrize(
    ("tool", "finding"), [("mypy", "no-untyped-def"), ("ruff", "F401"), ("bandit", "B307")]
)
def test_a_tool_finds_what_is_wrong(sandbox: BubblewrapSandbox, tool: Tool, finding: str) -> None:
    ran = run_tool(sandbox, tool, ARGUMENTS[tool], {"skill.py": DIRTY}, Policy())
    assert ran.exit_code == 1
    assert finding in ran.stdout
    if tool != "mypy":
        assert json.loads(ran.stdout)


@pytest.mark.parametrize("tool", ARGUMENTS)
def test_a_tool_that_cannot_run_is_no_clean_bill(sandbox: BubblewrapSandbox, tool: Tool) -> None:
    ran = run_tool(sandbox, tool, ["--no-such-option"], {"skill.py": CLEAN}, Policy())
    assert ran.exit_code not in {0, 1, None}
    assert ran.stderr


def test_files_cannot_steer_the_import_of_a_tool(sandbox: BubblewrapSandbox) -> None:
    files = {
        "skill.py": DIRTY,
        "mypy.py": b"raise SystemExit(0)",
        "mypy/__main__.py": b"raise SystemExit(0)",
        "ast.py": b"raise SystemExit(0)",
        "sitecustomize.py": b"import os\nos._exit(0)",
    }
    ran = run_tool(sandbox, "mypy", ["--strict", "skill.py"], files, Policy())
    assert ran.exit_code == 1
    assert "no-untyped-def" in ran.stdout


def test_files_cannot_configure_their_checker(sandbox: BubblewrapSandbox) -> None:
    files = {
        "skill.py": DIRTY,
        "mypy.ini": b"[mypy]\nignore_errors = True\n",
        "ruff.toml": b"[lint]\nselect = []\n",
        "pyproject.toml": b"[tool.mypy]\nignore_errors = true\n[tool.ruff]\nexclude = ['*']\n",
    }
    assert run_tool(sandbox, "mypy", ["--strict", "skill.py"], files, Policy()).exit_code == 1
    ran = run_tool(sandbox, "ruff", ["check", "--no-cache", "skill.py"], files, Policy())
    assert ran.exit_code == 1


def test_a_warm_start_finds_the_same(sandbox: BubblewrapSandbox) -> None:
    cache = build_type_cache(sandbox, ["--strict"], Policy())
    assert 0 < sum(map(len, cache.values())) < 16 * MIB
    for source, exit_code in ((CLEAN, 0), (DIRTY, 1), (b"import json\nx: int = json.dumps(1)", 1)):
        cold, warm = (
            run_tool(
                sandbox,
                "mypy",
                ["--strict", "skill.py"],
                {"skill.py": source},
                Policy(),
                type_cache=given,
            )
            for given in (None, cache)
        )
        assert warm.exit_code == cold.exit_code == exit_code, warm.stderr
        assert warm.stdout == cold.stdout


def test_limits_are_only_ever_raised() -> None:
    policy = Policy(wall_ms=1, memory_bytes=4096 * MIB)
    raised = build_tool_policy(policy)
    assert raised.wall_ms > policy.wall_ms
    assert raised.memory_bytes == policy.memory_bytes


def test_a_missing_module_is_named(sandbox: BubblewrapSandbox) -> None:
    for missing in (
        Program(runner="tool_runner", modules=("not_a_module",)),
        Program(runner="tool_runner", executables=("not-a-program",)),
    ):
        with pytest.raises(SandboxUnavailableError, match=r"(?s)not.a.+hint: install"):
            sandbox.open_cell(missing, Policy())


def test_the_standard_library_is_no_package_to_bind(sandbox: BubblewrapSandbox) -> None:
    with pytest.raises(SandboxUnavailableError):
        sandbox.open_cell(Program(runner="tool_runner", modules=("json",)), Policy())
