"""What this machine can and cannot isolate, and the command that would change it.

Reading is all that happens here; whether isolation works is only known after one program really ran
confined (`BubblewrapSandbox.probe`). Importable on every operating system.
"""

import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from skillkiln.sandbox.interface import Capability
from skillkiln.sandbox.reach import SEARCH_PATH, find_cell_user

MINIMUM_KERNEL = (5, 14)
"""Since then RLIMIT_NPROC counts by user namespace.

Source: Linux 5.14, "ucounts: Count rlimits in each user namespace"."""
SECCOMP_MACHINES = ("x86_64", "aarch64")
VERSION_TIMEOUT_S = 10.0

INSTALL_COMMANDS = {
    "debian": "apt-get install bubblewrap",
    "ubuntu": "apt-get install bubblewrap",
    "fedora": "dnf install bubblewrap",
    "rhel": "dnf install bubblewrap",
    "alpine": "apk add bubblewrap",
    "arch": "pacman -S bubblewrap",
    "suse": "zypper install bubblewrap",
    "opensuse": "zypper install bubblewrap",
}
OTHER_SYSTEMS = {
    "Darwin": "run Skillkiln in a Linux container or virtual machine; macOS has no namespaces",
    "Windows": "run Skillkiln in WSL 2 (`wsl --install`) or in a Linux container",
}
USER_NAMESPACE_SWITCHES = {
    "/proc/sys/user/max_user_namespaces": ("0", "sysctl -w user.max_user_namespaces=15000"),
    "/proc/sys/kernel/unprivileged_userns_clone": (
        "0",
        "sysctl -w kernel.unprivileged_userns_clone=1",
    ),
    "/proc/sys/kernel/apparmor_restrict_unprivileged_userns": (
        "1",
        "add an AppArmor profile for bwrap that allows `userns`,"
        " or `sysctl -w kernel.apparmor_restrict_unprivileged_userns=0`",
    ),
}


def find_program(name: str) -> str | None:
    """Find a system program in the fixed search path, whatever the caller's PATH is."""
    return shutil.which(name, path=SEARCH_PATH)


def find_install_command(os_release: str) -> str:
    """Choose the command that installs bubblewrap from the text of `/etc/os-release`."""
    names: list[str] = []
    for line in os_release.splitlines():
        key, _, value = line.partition("=")
        if key in {"ID", "ID_LIKE"}:
            names += value.strip("\"'").lower().split()
    commands = (INSTALL_COMMANDS.get(name.split("-")[0]) for name in names)
    return next((command for command in commands if command), "install the package `bubblewrap`")


def read_os_release() -> str:
    """Read `/etc/os-release`; empty where there is none."""
    try:
        return Path("/etc/os-release").read_text("utf-8")
    except OSError:
        return ""


def is_linux() -> bool:
    """Whether this is Linux, the only system whose kernel this tier can use."""
    return sys.platform == "linux"


def find_missing() -> str | None:
    """Say why the tier cannot even be tried here; None when it can."""
    if not is_linux():
        return f"the bubblewrap tier needs Linux, this is {platform.system()}"
    if platform.machine() not in SECCOMP_MACHINES:
        return f"no seccomp filter is shipped for {platform.machine()}"
    if find_program("bwrap") is None:
        return f"`bwrap` is not in {SEARCH_PATH}"
    return None


def find_hint() -> str:
    """Say what would make the tier usable here; empty when nothing is known to be missing."""
    if not is_linux():
        return OTHER_SYSTEMS.get(platform.system(), "run Skillkiln on Linux")
    if find_program("bwrap") is None:
        return f"`{find_install_command(read_os_release())}`"
    blocked = _find_blocked_switch()
    if blocked is not None:
        return f"user namespaces are switched off for users: {blocked}"
    if Path("/.dockerenv").exists() or Path("/run/.containerenv").exists():
        return (
            "this is a container whose seccomp profile may forbid user namespaces: start it with"
            " `--security-opt seccomp=unconfined --security-opt apparmor=unconfined`"
        )
    return ""


def _find_blocked_switch() -> str | None:
    for path, (bad, remedy) in USER_NAMESPACE_SWITCHES.items():
        if read_switch(path) == bad:
            return f"`{remedy}`" if " or " not in remedy else remedy
    return None


def read_switch(path: str) -> str | None:
    """Read a switch of the kernel; None where it has none."""
    try:
        return Path(path).read_text("ascii").strip()
    except OSError:
        return None


def list_capabilities() -> tuple[Capability, ...]:
    """List what is present, without running anything confined."""
    if not is_linux():
        return (Capability("platform", False, platform.system(), find_hint()),)
    return (
        Capability("platform", True, f"Linux {platform.release()} on {platform.machine()}"),
        _describe_bwrap(),
        _describe_user(),
        _describe_user_namespaces(),
        _describe_seccomp(),
        _describe_thread_limit(),
        _describe_bytecode(),
    )


def _describe_bwrap() -> Capability:
    path = find_program("bwrap")
    if path is None:
        return Capability("bubblewrap", False, f"not in {SEARCH_PATH}", find_hint())
    try:
        answer = subprocess.run(
            [path, "--version"], capture_output=True, timeout=VERSION_TIMEOUT_S, env={}, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        return Capability("bubblewrap", False, f"{path}: {error}", find_hint())
    return Capability("bubblewrap", True, f"{answer.stdout.decode().strip()} at {path}")


def has_option(program: str, option: str) -> bool:
    """Whether a program's help names an option."""
    try:
        answer = subprocess.run(
            [program, "--help"], capture_output=True, timeout=VERSION_TIMEOUT_S, env={}, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return option.encode() in answer.stdout + answer.stderr


def _describe_user() -> Capability:
    if find_cell_user() is not None:
        return Capability("user", True, "root; cells run as nobody")
    return Capability("user", True, f"user {os.geteuid()}; cells run as the same user")


def _describe_user_namespaces() -> Capability:
    blocked = _find_blocked_switch()
    detail = "allowed by the kernel's switches" if blocked is None else "switched off"
    return Capability("user namespaces", blocked is None, detail, blocked or "")


def _describe_seccomp() -> Capability:
    is_known = platform.machine() in SECCOMP_MACHINES
    actions = read_switch("/proc/sys/kernel/seccomp/actions_avail")
    is_present = is_known and (actions is None or "errno" in actions.split())
    return Capability("seccomp", is_present, f"filters shipped for {', '.join(SECCOMP_MACHINES)}")


def _describe_thread_limit() -> Capability:
    if has_thread_limit():
        return Capability("thread limit", True, "RLIMIT_NPROC counts for each cell by itself")
    return Capability(
        "thread limit",
        False,
        f"Linux {platform.release()} counts processes over all of a user's cells; no limit is set",
        f"use Linux {'.'.join(str(part) for part in MINIMUM_KERNEL)} or later",
    )


def _describe_bytecode() -> Capability:
    """Say whether the packages that cells import are compiled: a cell cannot write there."""
    spec = importlib.util.find_spec("pytest")
    origin = spec.origin if spec else None
    if origin is None:
        return Capability(
            "compiled packages", False, "pytest is not installed", "pip install pytest"
        )
    if Path(importlib.util.cache_from_source(origin)).exists():
        return Capability("compiled packages", True, "cells start as fast as they can")
    return Capability(
        "compiled packages",
        False,
        "the installed packages have no bytecode, so every cell compiles them anew",
        f"`python -m compileall -q {Path(origin).parents[1]}`",
    )


def has_thread_limit() -> bool:
    """Whether a limit on threads can be kept for one cell."""
    return parse_kernel(platform.release()) >= MINIMUM_KERNEL


def parse_kernel(release: str) -> tuple[int, int]:
    """Parse `6.1.0-18-amd64` into (6, 1); (0, 0) when it is nothing like it."""
    parts = release.split("-")[0].split(".")
    try:
        return int(parts[0]), int(parts[1])
    except (IndexError, ValueError):
        return 0, 0
