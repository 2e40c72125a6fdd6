"""Attacks on the kernel's surface: calls that no skill needs and that escapes are made of."""

from skillkiln.sandbox.attacks.interface import NATIVE, Attack

KERNEL_ATTACKS = (
    Attack(
        "mount_filesystem",
        "changes what it sees of the file system",
        NATIVE
        + """
import tempfile

def run(bait):
    target, won = tempfile.mkdtemp().encode(), []
    for name, arguments in (
        ("mount", (b"tmpfs", target, b"tmpfs", 0, None)),
        ("umount2", (b"/tmp", 2)),
        ("mount", (b"none", b"/", None, 32, None)),
    ):
        try:
            native(name, *arguments)
            won.append(name)
        except OSError:
            pass
    return won
""",
    ),
    Attack(
        "new_user_namespace",
        "gives itself all capabilities in a namespace of its own",
        NATIVE
        + """
def run(bait):
    try:
        native("unshare", 0x10000000)
        return ["unshare(CLONE_NEWUSER)"]
    except OSError:
        return []
""",
    ),
    Attack(
        "change_root",
        "moves its root folder",
        """
import os

def run(bait):
    try:
        os.chroot(os.environ.get("TMPDIR", "/tmp"))
        return ["chroot"]
    except OSError:
        return []
""",
    ),
    Attack(
        "rename_host",
        "changes the host's name",
        """
import socket

def run(bait):
    try:
        socket.sethostname("taken")
        return [socket.gethostname()]
    except OSError:
        return []
""",
    ),
    Attack(
        "ring_of_calls",
        "has the kernel make calls for it that a filter does not see (io_uring)",
        NATIVE
        + """
def run(bait):
    try:
        return [f"ring {system_call('io_uring_setup', 4, ctypes.create_string_buffer(120))}"]
    except OSError:
        return []
""",
    ),
    Attack(
        "keep_key",
        "keeps a secret in the kernel's keyring for the next call",
        NATIVE
        + """
SESSION = -3

def run(bait):
    try:
        name = bait["mark"].encode()
        return [f"key {system_call('add_key', b'user', name, b'x', 1, SESSION)}"]
    except OSError:
        return []
""",
    ),
    Attack(
        "stall_page_faults",
        "answers page faults itself, the lever of many kernel exploits (userfaultfd)",
        NATIVE
        + """
USER_MODE_ONLY = 1

def run(bait):
    try:
        return [f"descriptor {system_call('userfaultfd', USER_MODE_ONLY)}"]
    except OSError:
        return []
""",
    ),
    Attack(
        "share_memory_segment",
        "makes a memory segment that outlives the process (System V)",
        NATIVE
        + """
def run(bait):
    try:
        segment = native("shmget", 0, 4096, 0o1600)
        libc.shmctl(segment, 0, None)
        return [f"segment {segment}"]
    except OSError:
        return []
""",
    ),
    Attack(
        "weaken_own_memory",
        "turns address randomisation off for what it starts (personality)",
        NATIVE
        + """
ADDR_NO_RANDOMIZE = 0x0040000

def run(bait):
    try:
        native("personality", ADDR_NO_RANDOMIZE)
        return ["personality"]
    except OSError:
        return []
""",
    ),
    Attack(
        "raise_limits",
        "raises its own limits",
        """
import resource

def run(bait):
    won = []
    for limit in (resource.RLIMIT_CORE, resource.RLIMIT_DATA, resource.RLIMIT_NOFILE):
        try:
            resource.setrlimit(limit, (1 << 40, 1 << 40) if limit != 7 else (2048, 2048))
            won.append(f"limit {limit}")
        except (OSError, ValueError):
            pass
    return won
""",
    ),
)

STATE_ATTACKS = (
    Attack(
        "leave_files",
        "leaves a file for the next call",
        """
import os

def run(bait):
    won = []
    for folder in ("/tmp", "/dev/shm", "/var/tmp"):
        path = os.path.join(folder, "for-the-next-call")
        if os.path.exists(path):
            won.append(path)
        else:
            try:
                open(path, "w").close()
            except OSError:
                pass
    return won if bait["turn"] == 2 else []
""",
        calls=2,
    ),
    Attack(
        "leave_state",
        "leaves state in the interpreter for the next call",
        """
import builtins, json, os, sys

def run(bait):
    won = []
    if bait["turn"] == 2:
        won += ["builtins"] if hasattr(builtins, "left_over") else []
        won += ["json"] if hasattr(json, "left_over") else []
        won += ["environment"] if "LEFT_OVER" in os.environ else []
        won += ["modules"] if "left_over" in sys.modules else []
    builtins.left_over = json.left_over = True
    os.environ["LEFT_OVER"] = "1"
    sys.modules["left_over"] = json
    return won
""",
        calls=2,
    ),
)
