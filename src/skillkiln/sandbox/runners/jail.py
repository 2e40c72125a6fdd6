"""Close the jail from inside, before an untrusted byte is loaded.

The outer tier gave this process its namespaces and its read-only view of files, one capability
(`CAP_SYS_ADMIN` inside the cell's own user namespace) and an empty folder. `close_jail` mounts the
scratch folder with limits on its size and its number of files, sets the resource limits, gives the
capability up and puts on the inner seccomp filter. Each step is checked; a step that fails ends the
runner.
"""

import ctypes
import errno
import os
import resource
import struct
from typing import Any

SCRATCH = "/tmp"  # noqa: S108 - the cell's own private mount
FILTERS = f"{os.path.dirname(__file__)}/filters"  # noqa: PTH120 - pathlib costs every cell 5 ms

MS_NOSUID, MS_NODEV, MS_NOEXEC = 2, 4, 8
PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT = 22, 38, 47
PR_CAP_AMBIENT_CLEAR_ALL = 4
SECCOMP_MODE_FILTER = 2
CAPABILITY_VERSION_3 = 0x20080522
INSTRUCTION_BYTES = 8

ADDRESS_SPACE_BYTES = 4 * 1024**3
"""Room for thread stacks; memory proper is bounded by RLIMIT_DATA and by the inner filter."""
STACK_BYTES = 8 * 1024**2


class FilterProgram(ctypes.Structure):
    """`struct sock_fprog` of the kernel."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


def close_jail(limits: dict[str, Any], filter_name: str) -> bool:
    """Give up everything that the runner does not need from here on.

    Whether the scratch folder has a limit on files: some machines (AppArmor's profile for bwrap)
    refuse even this one mount, and leave the tier's own scratch folder, limited in size alone.

    Args:
        limits: `scratch_bytes`, `scratch_files`, `has_outer_scratch`, `memory_bytes`, `cpu_s`,
            `file_bytes`, `open_files` and `threads` (None leaves threads unlimited).
        filter_name: `inner`, or `tool` for a program that is going to exec.

    Raises:
        OSError: a step was refused.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    has_file_limit = mount_scratch(libc, limits["scratch_bytes"], limits["scratch_files"])
    if not has_file_limit and not limits["has_outer_scratch"]:
        raise PermissionError(errno.EPERM, "mount scratch")
    os.chdir(SCRATCH)
    limit_resources(limits)
    drop_capabilities(libc)
    install_filter(libc, filter_name)
    return has_file_limit


def check_call(result: int, what: str) -> None:
    """Raise the C library's error when a call failed."""
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def mount_scratch(libc: ctypes.CDLL, size_bytes: int, file_count: int) -> bool:
    """Mount the private scratch folder; False when the machine refuses the mount."""
    options = f"size={size_bytes},nr_inodes={file_count},mode=0700".encode()
    flags = MS_NOSUID | MS_NODEV | MS_NOEXEC
    result = libc.mount(b"tmpfs", SCRATCH.encode(), b"tmpfs", flags, options)
    if result != 0 and ctypes.get_errno() in {errno.EPERM, errno.EACCES}:
        return False
    check_call(result, "mount scratch")
    return True


def limit_resources(limits: dict[str, Any]) -> None:
    """Set the limits that the kernel keeps for this process."""
    chosen = {
        resource.RLIMIT_AS: ADDRESS_SPACE_BYTES + limits["memory_bytes"],
        resource.RLIMIT_DATA: limits["memory_bytes"],
        resource.RLIMIT_STACK: STACK_BYTES,
        resource.RLIMIT_FSIZE: limits["file_bytes"],
        resource.RLIMIT_NOFILE: limits["open_files"],
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
    }
    if limits["threads"] is not None:
        chosen[resource.RLIMIT_NPROC] = limits["threads"]
    for which, value in chosen.items():
        resource.setrlimit(which, (value, value))
    # First SIGXCPU, which says what happened; a second later SIGKILL for whoever ignores it.
    resource.setrlimit(resource.RLIMIT_CPU, (limits["cpu_s"], limits["cpu_s"] + 1))


def drop_capabilities(libc: ctypes.CDLL) -> None:
    """Empty every capability set and make sure that none can come back."""
    check_call(libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0), "ambient set")
    header = struct.pack("=Ii", CAPABILITY_VERSION_3, 0)
    check_call(libc.capset(header, struct.pack("=6I", 0, 0, 0, 0, 0, 0)), "capset")
    check_call(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no new privileges")


def install_filter(libc: ctypes.CDLL, filter_name: str) -> None:
    """Put on the inner seccomp filter; it cannot be taken off."""
    path = f"{FILTERS}/{os.uname().machine}-{filter_name}.bpf"
    with open(path, "rb") as shipped:  # noqa: PTH123 - pathlib costs every cell 5 ms
        code = shipped.read()
    instructions = ctypes.create_string_buffer(code, len(code))
    program = FilterProgram(len(code) // INSTRUCTION_BYTES, ctypes.addressof(instructions))
    check_call(
        libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0), "seccomp"
    )
