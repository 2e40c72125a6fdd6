"""Turn the rules below into the seccomp programs that ship in `sandbox/runners/filters/`.

Run it on a machine with libseccomp after changing a rule: `python scripts/build_seccomp.py`. The
program bytes are package data, so that no machine that runs cells needs libseccomp.

Three filters for each processor:
- `outer`: put on by bubblewrap around everything in a cell. It denies what not even the trusted
  runner needs, and still lets the runner mount the scratch folder.
- `inner`: put on by the runner before it loads an untrusted byte. An allow-list: no new process, no
  program, no socket beyond a pair in the same process, no signals, no namespaces, no mounts.
- `tool`: `inner`, and `execve`, for a host-chosen program such as ruff.

An unknown call answers ENOSYS, so that libc falls back to an older one; a forbidden one answers
EPERM, which Python raises as PermissionError.
"""

import argparse
import ctypes
import ctypes.util
import errno
import sys
import tempfile
from pathlib import Path

import pyseccomp  # pyright: ignore[reportMissingTypeStubs] - it ships none

FILTERS = Path(__file__).parents[1] / "src/skillkiln/sandbox/runners/filters"
LIBSECCOMP = "2.5.4"
"""The libseccomp that wrote the shipped bytes; another may order the same rules differently."""

MACHINES = {"x86_64": pyseccomp.Arch.X86_64, "aarch64": pyseccomp.Arch.AARCH64}

FILES = """
    read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 open openat creat close
    close_range stat fstat lstat newfstatat statx lseek access faccessat faccessat2 fcntl flock
    fsync fdatasync truncate ftruncate fallocate fadvise64 readahead sync_file_range getdents
    getdents64 getcwd chdir fchdir rename renameat renameat2 mkdir mkdirat rmdir link linkat unlink
    unlinkat symlink symlinkat readlink readlinkat chmod fchmod fchmodat umask utime utimes
    utimensat futimesat statfs fstatfs dup dup2 dup3 pipe pipe2 sendfile splice copy_file_range
"""
MEMORY = "mprotect munmap mremap madvise msync mincore brk membarrier"
WAITING = """
    select pselect6 poll ppoll epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_wait
    epoll_pwait epoll_pwait2 eventfd eventfd2 timerfd_create timerfd_settime timerfd_gettime futex
    futex_waitv nanosleep clock_nanosleep clock_gettime clock_getres gettimeofday time times alarm
    setitimer getitimer pause restart_syscall sched_yield wait4 waitid
"""
OWN_SIGNALS = """
    rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigtimedwait rt_sigsuspend sigaltstack
"""
OWN_PROCESS = """
    getpid gettid getppid getuid geteuid getgid getegid getresuid getresgid getgroups getpgrp getcpu
    uname sysinfo getrusage getrlimit setrlimit arch_prctl set_tid_address set_robust_list
    get_robust_list rseq exit exit_group getrandom sched_getaffinity sched_getparam
    sched_getscheduler sched_get_priority_max sched_get_priority_min
"""
PAIRED_SOCKETS = """
    sendto recvfrom sendmsg recvmsg shutdown getsockopt setsockopt getsockname getpeername
"""
ALLOWED = " ".join([FILES, MEMORY, WAITING, OWN_SIGNALS, OWN_PROCESS, PAIRED_SOCKETS]).split()

KERNEL_SURFACE = """
    ptrace process_vm_readv process_vm_writev process_madvise kcmp pidfd_open pidfd_getfd
    pidfd_send_signal io_uring_setup io_uring_enter io_uring_register bpf perf_event_open
    userfaultfd keyctl add_key request_key memfd_create memfd_secret kexec_load kexec_file_load
    init_module finit_module delete_module reboot swapon swapoff syslog acct quotactl quotactl_fd
    personality open_by_handle_at name_to_handle_at iopl ioperm modify_ldt lookup_dcookie vhangup
    settimeofday clock_settime clock_adjtime adjtimex sethostname setdomainname vmsplice
    fanotify_init fanotify_mark shmget shmat shmctl shmdt msgget msgsnd msgrcv msgctl semget semop
    semctl semtimedop mq_open mq_unlink migrate_pages move_pages mbind set_mempolicy
    fsopen fsconfig fsmount fspick move_mount open_tree mount_setattr pivot_root chroot setns
    unshare nfsservctl uselib ustat sysfs sync syncfs
"""
INNER_DENIED = """
    fork vfork execveat socket connect bind listen accept accept4 sendmmsg recvmmsg kill tkill
    tgkill rt_sigqueueinfo rt_tgsigqueueinfo mount umount2 capset seccomp setuid setgid setreuid
    setregid setresuid setresgid setgroups setfsuid setfsgid setpriority ioprio_set setsid setpgid
    sched_setaffinity sched_setscheduler sched_setparam sched_setattr mknod mknodat chown fchown
    lchown fchownat landlock_create_ruleset landlock_add_rule landlock_restrict_self
"""
ATTRIBUTES = """
    setxattr lsetxattr fsetxattr getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr
    removexattr lremovexattr fremovexattr
"""

CLONE_THREAD = 0x00010000
NAMESPACE_FLAGS = (
    0x00000080,
    0x00020000,
    0x02000000,
    0x04000000,
    0x08000000,
    0x10000000,
    0x20000000,
    0x40000000,
)
MAP_SHARED, MAP_ANONYMOUS = 0x01, 0x20
AF_UNIX, SOCK_STREAM, SOCKET_TYPE_MASK = 1, 1, 0xF
WORD = 0xFFFFFFFF
"""The kernel reads these arguments as 32 bits, so the filter does too (CVE-2019-10063)."""
QUIET_IOCTLS = {
    "TCGETS": 0x5401,
    "TIOCGWINSZ": 0x5413,
    "FIONREAD": 0x541B,
    "FIONBIO": 0x5421,
    "FIONCLEX": 0x5450,
    "FIOCLEX": 0x5451,
    "TCGETS2": 0x802C542A,
}
TERMINAL_INJECTION = {"TIOCSTI": 0x5412, "TIOCLINUX": 0x541C}
THREAD_NAME = (15, 16)
"""PR_SET_NAME and PR_GET_NAME."""

UNRESOLVED = -1
DENY = pyseccomp.ERRNO(errno.EPERM)
UNKNOWN = pyseccomp.ERRNO(errno.ENOSYS)


class Filter:
    """A seccomp filter for one processor, built rule by rule."""

    def __init__(self, machine: str, default: int) -> None:
        self._filter = pyseccomp.SyscallFilter(default)
        if pyseccomp.system_arch() != MACHINES[machine]:
            self._filter.add_arch(MACHINES[machine])
            self._filter.remove_arch(pyseccomp.system_arch())

    def rule(self, action: int, call: str, *arguments: pyseccomp.Arg) -> None:
        """Add one rule; a call that this processor does not have is left to the default."""
        try:
            number = pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, call)
            if number == UNRESOLVED:
                raise ValueError("libseccomp does not know it")
            self._filter.add_rule(action, number, *arguments)
        except (OSError, ValueError) as error:
            print(f"  {call}: not here ({error})", file=sys.stderr)

    def program(self) -> bytes:
        """Return the BPF program."""
        with tempfile.TemporaryFile() as out:
            self._filter.export_bpf(out)
            out.seek(0)
            return out.read()


def masked(position: int, mask: int, value: int) -> pyseccomp.Arg:
    """Match when the argument's bits under `mask` are `value`."""
    return pyseccomp.Arg(position, pyseccomp.MASKED_EQ, mask, value)


def build_outer(machine: str) -> bytes:
    """Build the filter around everything in a cell: a deny-list."""
    made = Filter(machine, pyseccomp.ALLOW)
    for call in KERNEL_SURFACE.split():
        made.rule(DENY, call)
    made.rule(DENY, "socket")
    made.rule(UNKNOWN, "clone3")
    for flag in NAMESPACE_FLAGS:
        made.rule(DENY, "clone", masked(0, flag, flag))
    for number in TERMINAL_INJECTION.values():
        made.rule(DENY, "ioctl", masked(1, WORD, number))
    return made.program()


def build_inner(machine: str, *, is_exec_allowed: bool) -> bytes:
    """Build the filter around untrusted code: an allow-list."""
    made = Filter(machine, UNKNOWN)
    for call in ALLOWED:
        made.rule(pyseccomp.ALLOW, call)
    for call in [*KERNEL_SURFACE.split(), *INNER_DENIED.split()]:
        made.rule(DENY, call)
    for call in ATTRIBUTES.split():
        made.rule(pyseccomp.ERRNO(errno.ENOTSUP), call)
    made.rule(pyseccomp.ALLOW if is_exec_allowed else DENY, "execve")
    made.rule(pyseccomp.ALLOW, "clone", masked(0, CLONE_THREAD, CLONE_THREAD))
    made.rule(DENY, "clone", masked(0, CLONE_THREAD, 0))
    _allow_private_memory(made)
    made.rule(
        pyseccomp.ALLOW,
        "socketpair",
        masked(0, WORD, AF_UNIX),
        masked(1, SOCKET_TYPE_MASK, SOCK_STREAM),
    )
    made.rule(pyseccomp.ALLOW, "prlimit64", masked(0, WORD, 0))
    for number in QUIET_IOCTLS.values():
        made.rule(pyseccomp.ALLOW, "ioctl", masked(1, WORD, number))
    for number in THREAD_NAME:
        made.rule(pyseccomp.ALLOW, "prctl", masked(0, WORD, number))
    return made.program()


def _allow_private_memory(made: Filter) -> None:
    """Allow every mapping but shared anonymous memory, which no rlimit counts."""
    both = MAP_SHARED | MAP_ANONYMOUS
    for allowed in (0, MAP_SHARED, MAP_ANONYMOUS):
        made.rule(pyseccomp.ALLOW, "mmap", masked(3, both, allowed))
    made.rule(DENY, "mmap", masked(3, both, both))


def find_library_version() -> str:
    """Ask the loaded libseccomp for its version."""

    class Version(ctypes.Structure):
        _fields_ = (("major", ctypes.c_uint), ("minor", ctypes.c_uint), ("micro", ctypes.c_uint))

    library = ctypes.CDLL(ctypes.util.find_library("seccomp"))
    library.seccomp_version.restype = ctypes.POINTER(Version)
    found = library.seccomp_version().contents
    return f"{found.major}.{found.minor}.{found.micro}"


def build_all() -> dict[str, bytes]:
    """Build every shipped filter, by file name."""
    programs: dict[str, bytes] = {}
    for machine in MACHINES:
        programs[f"{machine}-outer.bpf"] = build_outer(machine)
        programs[f"{machine}-inner.bpf"] = build_inner(machine, is_exec_allowed=False)
        programs[f"{machine}-tool.bpf"] = build_inner(machine, is_exec_allowed=True)
    return programs


def main() -> None:
    """Write the filters."""
    argparse.ArgumentParser(description="Write the seccomp filters that ship.").parse_args()
    FILTERS.mkdir(parents=True, exist_ok=True)
    for name, program in build_all().items():
        (FILTERS / name).write_bytes(program)
        print(f"{name}: {len(program) // 8} instructions")


if __name__ == "__main__":
    main()
