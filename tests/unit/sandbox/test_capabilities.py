"""What the machine can isolate, and the remedy named for each thing that is missing."""

import subprocess
import sys

import pytest

from skillkiln.errors import SandboxUnavailableError
from skillkiln.sandbox import bubblewrap, capabilities
from skillkiln.sandbox.bubblewrap import BubblewrapSandbox
from skillkiln.sandbox.capabilities import find_install_command, parse_kernel
from skillkiln.sandbox.interface import Policy, Program

IMPORT_ELSEWHERE = """
import platform, sys
sys.modules["resource"] = sys.modules["fcntl"] = None
import os, signal
import skillkiln.sandbox.bubblewrap as tier, skillkiln.sandbox.capabilities as capabilities
import skillkiln.sandbox.self_check, skillkiln.sandbox.testing, skillkiln.sandbox.tools
del os.geteuid, os.memfd_create, os.pidfd_open, signal.pidfd_send_signal
capabilities.sys = type("sys", (), {"platform": sys.argv[1]})
platform.system = lambda: sys.argv[2]
probe = tier.BubblewrapSandbox().probe()
assert not probe.is_usable
print(probe.hint, [capability.name for capability in probe.capabilities])
"""


@pytest.mark.parametrize(
    ("release", "command"),
    [
        ('ID=debian\nVERSION_ID="12"', "apt-get install bubblewrap"),
        ("ID=linuxmint\nID_LIKE='ubuntu debian'", "apt-get install bubblewrap"),
        ('ID="rocky"\nID_LIKE="rhel centos fedora"', "dnf install bubblewrap"),
        ("ID=alpine", "apk add bubblewrap"),
        ("ID=arch", "pacman -S bubblewrap"),
        ('ID="opensuse-leap"', "zypper install bubblewrap"),
        ("", "install the package `bubblewrap`"),
    ],
)
def test_the_install_command_fits_the_system(release: str, command: str) -> None:
    assert find_install_command(release) == command


@pytest.mark.parametrize(
    ("release", "version"),
    [("6.1.0-18-amd64", (6, 1)), ("5.14", (5, 14)), ("unknown", (0, 0)), ("6", (0, 0))],
)
def test_kernel_releases_are_read(release: str, version: tuple[int, int]) -> None:
    assert parse_kernel(release) == version


def test_without_bubblewrap_nothing_runs_and_the_command_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in (bubblewrap, capabilities):
        monkeypatch.setattr(module, "find_program", dict[str, str]().get)
    monkeypatch.setattr(capabilities, "read_os_release", lambda: "ID=fedora")
    with BubblewrapSandbox() as sandbox:
        with pytest.raises(SandboxUnavailableError) as raised:
            sandbox.open_cell(Program(runner="echo_runner"), Policy())
        probe = sandbox.probe()
    assert raised.value.hint == "`dnf install bubblewrap`"
    assert not probe.is_usable
    assert probe.hint == "`dnf install bubblewrap`"
    assert {capability.name: capability.is_present for capability in probe.capabilities}[
        "bubblewrap"
    ] is False


@pytest.mark.parametrize(
    ("switch", "value", "remedy"),
    [
        ("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1", "AppArmor"),
        ("/proc/sys/kernel/unprivileged_userns_clone", "0", "unprivileged_userns_clone=1"),
        ("/proc/sys/user/max_user_namespaces", "0", "max_user_namespaces=15000"),
    ],
)
def test_each_switch_that_forbids_user_namespaces_has_its_remedy(
    monkeypatch: pytest.MonkeyPatch, switch: str, value: str, remedy: str
) -> None:
    monkeypatch.setattr(capabilities, "read_switch", {switch: value}.get)
    assert remedy in capabilities.find_hint()
    found = {entry.name: entry for entry in capabilities.list_capabilities()}
    assert not found["user namespaces"].is_present
    assert remedy in found["user namespaces"].hint


def test_a_probe_names_what_it_found(sandbox: BubblewrapSandbox) -> None:
    probe = sandbox.probe()
    assert probe.is_usable
    found = {entry.name: entry.detail for entry in probe.capabilities}
    assert "bubblewrap" in found["bubblewrap"]
    assert "answered" in found["confined call"]
    assert found.keys() >= {"platform", "user", "user namespaces", "seccomp", "thread limit"}


@pytest.mark.parametrize(
    ("name", "system", "hint"), [("win32", "Windows", "WSL 2"), ("darwin", "Darwin", "container")]
)
def test_other_systems_import_and_are_told_where_to_go(name: str, system: str, hint: str) -> None:
    command = [sys.executable, "-c", IMPORT_ELSEWHERE, name, system]
    ran = subprocess.run(command, capture_output=True, timeout=60)
    assert ran.returncode == 0, ran.stderr.decode()
    assert hint in ran.stdout.decode()
