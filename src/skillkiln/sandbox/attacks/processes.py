"""Attacks through processes: start programs, multiply, outlive the call, touch other processes."""

from skillkiln.sandbox.attacks.interface import NATIVE, Attack

PROCESS_ATTACKS = (
    Attack(
        "run_shell",
        "runs a program of the host",
        """
import os, subprocess, sys

def run(bait):
    won = []
    for words in (["/bin/sh", "-c", "exit 0"], ["ls", "/"], [sys.executable, "-c", "pass"]):
        try:
            if subprocess.run(words, capture_output=True).returncode == 0:
                won.append(" ".join(words))
        except OSError:
            pass
    try:
        won += ["system"] if os.system("exit 0") == 0 else []
    except OSError:
        pass
    return won
""",
    ),
    Attack(
        "run_own_program",
        "runs a program that it wrote itself",
        """
import os, shutil, sys, tempfile

def run(bait):
    path = os.path.join(tempfile.mkdtemp(), "program")
    try:
        shutil.copy(sys.executable, path)
        os.chmod(path, 0o755)
        code = os.spawnv(os.P_WAIT, path, [path, "-S", "-c", ""])
        return ["ran " + path] if code != 127 else []
    except OSError:
        return []
""",
    ),
    Attack(
        "replace_itself",
        "becomes another program, and so leaves the runner behind",
        """
import os, sys

def run(bait):
    program = "import json; print(json.dumps(['replaced']))"
    try:
        os.execv(sys.executable, [sys.executable, "-S", "-c", program])
    except OSError:
        return []
""",
    ),
    Attack(
        "run_from_memory",
        "runs a program that never was a file",
        """
import os

def run(bait):
    try:
        memory = os.memfd_create("program")
        os.write(memory, b"#!/bin/sh\\nexit 0\\n")
        return [f"holds a program in descriptor {memory}"]
    except OSError:
        return []
""",
    ),
    Attack(
        "fork_bomb",
        "multiplies into a hundred processes",
        """
import os, signal, time

def run(bait):
    children = []
    try:
        for _ in range(100):
            child = os.fork()
            if child == 0:
                time.sleep(20)
                os._exit(0)
            children.append(child)
    except OSError:
        pass
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    return [f"{len(children)} processes"] if len(children) == 100 else []
""",
    ),
    Attack(
        "thread_bomb",
        "starts three hundred threads",
        """
import threading

def run(bait):
    stop, started = threading.Event(), 0
    try:
        for _ in range(300):
            threading.Thread(target=stop.wait, daemon=True).start()
            started += 1
    except (RuntimeError, MemoryError):
        pass
    stop.set()
    return [f"{started} threads"] if started == 300 else []
""",
    ),
    Attack(
        "leave_daemon",
        "leaves a process behind that outlives the call",
        NATIVE
        + """
import time

def run(bait):
    try:
        child = os.fork()
    except OSError:
        return []
    if child == 0:
        os.setsid()
        if os.fork() == 0:
            libc.prctl(15, bait["process_name"].encode(), 0, 0, 0)
            for descriptor in range(256):
                try:
                    os.close(descriptor)
                except OSError:
                    pass
            time.sleep(20)
        os._exit(0)
    os.waitpid(child, 0)
    time.sleep(0.2)
    return []
""",
    ),
    Attack(
        "signal_others",
        "sends a signal to a process of the host, or to its own parent",
        """
import os, signal

def run(bait):
    won = []
    for process, number in ((bait["process_id"], signal.SIGUSR1), (os.getppid(), 0)):
        try:
            os.kill(process, number)
            won.append(f"signalled {process}")
        except OSError:
            pass
    return won
""",
    ),
    Attack(
        "trace_others",
        "takes control of another process, or lets itself be controlled",
        NATIVE
        + """
PTRACE_TRACEME, PTRACE_SEIZE = 0, 0x4206

def run(bait):
    won = []
    for request, process in ((PTRACE_SEIZE, bait["process_id"]), (PTRACE_TRACEME, 0)):
        try:
            native("ptrace", request, process, None, None)
            won.append(f"ptrace {request} of {process}")
        except OSError:
            pass
    return won
""",
    ),
    Attack(
        "read_memory_of_others",
        "reads the memory of another process",
        NATIVE
        + """
def run(bait):
    try:
        buffer = ctypes.create_string_buffer(8)
        here = (ctypes.c_size_t * 2)(ctypes.addressof(buffer), 8)
        system_call("process_vm_readv", os.getpid(), here, 1, here, 1, 0)
        return ["process_vm_readv"]
    except OSError:
        return []
""",
    ),
)
