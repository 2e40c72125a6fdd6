"""The locks hold what pyproject.toml asks for, by hash, and say nothing of where to get it."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[1]
RUNTIME = ROOT / "requirements.lock"
DEVELOPMENT = ROOT / "requirements-dev.lock"
LOCKED = re.compile(
    r"(?P<name>[a-z0-9][a-z0-9.-]*)==(?P<version>\S+)(?: ; (?P<marker>.+?))? \\"
    r"(?P<hashes>(?:\n    --hash=sha256:[0-9a-f]{64}(?: \\)?)+)"
)
MACHINES = [
    {"sys_platform": "linux", "platform_machine": machine, "python_full_version": python}
    for machine in ("x86_64", "aarch64")
    for python in ("3.11.2", "3.12.0", "3.13.0")
]


def read_lock(path: Path) -> dict[str, Version]:
    """Version by package of a lock, every line of which has the one expected form."""
    text = path.read_text(encoding="utf-8")
    assert LOCKED.sub("", text).strip() == "", "a line that is no `name==version` with hashes"
    return {match["name"]: Version(match["version"]) for match in LOCKED.finditer(text)}


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def asked_for(*groups: str) -> list[Requirement]:
    """What pyproject.toml asks for: the dependencies, and these groups."""
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    lines = list(project["project"]["dependencies"])
    for group in groups:
        lines += [line for line in project["dependency-groups"][group] if isinstance(line, str)]
    return [Requirement(line) for line in lines]


@pytest.mark.parametrize(
    ("lock", "groups"), [(RUNTIME, ("build",)), (DEVELOPMENT, ("build", "dev"))], ids=["run", "dev"]
)
def test_everything_asked_for_is_locked_at_a_version_that_fits(
    lock: Path, groups: tuple[str, ...]
) -> None:
    locked = read_lock(lock)
    for requirement in asked_for(*groups):
        version = locked.get(canonical(requirement.name))
        assert version is not None, f"{requirement}: run scripts/lock"
        assert version in requirement.specifier, f"{requirement}: locked {version}"


def test_the_project_is_built_with_what_is_locked() -> None:
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["build-system"]["requires"] == project["dependency-groups"]["build"]


def test_the_development_lock_only_adds_to_the_other() -> None:
    runtime, development = read_lock(RUNTIME), read_lock(DEVELOPMENT)
    assert runtime.items() <= development.items()
    assert len(runtime) < len(development)


@pytest.mark.parametrize("lock", [RUNTIME, DEVELOPMENT], ids=["run", "dev"])
def test_a_lock_names_no_place(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    assert "://" not in text
    assert " @ " not in text
    assert not re.search(r"^\s*--(?!hash=)", text, re.MULTILINE)


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: "-".join(machine.values()))
def test_every_direct_dependency_is_wanted_on_every_supported_machine(
    machine: dict[str, str],
) -> None:
    wanted = {
        match["name"]
        for match in LOCKED.finditer(DEVELOPMENT.read_text(encoding="utf-8"))
        if is_wanted(match["marker"], machine)
    }
    assert {canonical(asked.name) for asked in asked_for("build", "dev")} <= wanted


def is_wanted(marker: str | None, machine: dict[str, str]) -> bool:
    version = machine["python_full_version"].rpartition(".")[0]
    return marker is None or Marker(marker).evaluate({**machine, "python_version": version})
