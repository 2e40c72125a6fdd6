"""Attacks on files: read, list, change or fill what belongs to the host."""

from skillkiln.sandbox.attacks.interface import Attack

FILE_ATTACKS = (
    Attack(
        "read_secret_file",
        "reads a file of the host that every user may read",
        """
def run(bait):
    won = []
    for path in (bait["secret_file"], "/etc/shadow", "/etc/machine-id", "/proc/1/cmdline"):
        try:
            with open(path) as file:
                won += [path] if file.read() else []
        except OSError:
            pass
    return won
""",
    ),
    Attack(
        "read_environment",
        "reads a secret out of an environment, its own or another process's",
        """
import glob, os

def run(bait):
    won = [name for name, value in os.environ.items() if bait["secret"] in value]
    for path in glob.glob("/proc/[0-9]*/environ"):
        try:
            with open(path, "rb") as file:
                won += [path] if bait["secret"].encode() in file.read() else []
        except OSError:
            pass
    return won
""",
    ),
    Attack(
        "stat_host_file",
        "learns of a host file's existence and size",
        """
import os

def run(bait):
    try:
        return [f"{os.stat(bait['secret_file']).st_size} bytes"]
    except OSError:
        return []
""",
    ),
    Attack(
        "find_sealed_cases",
        "finds held-out cases or tests somewhere on disk",
        """
import os

def run(bait):
    won, known = [], {"proc", "sys", "usr", "lib", "lib64", "root", "runner"}
    for folder, below, names in os.walk("/"):
        below[:] = [name for name in below if folder != "/" or name not in known]
        won += [os.path.join(folder, name) for name in names if bait["mark"] in name]
    for name in ("test_skill.py", "skill.json"):
        path = os.path.join(os.path.dirname(__file__), name)
        won += [path] if os.path.exists(path) else []
    won += [bait["sealed_file"]] if os.path.exists(bait["sealed_file"]) else []
    return won
""",
    ),
    Attack(
        "write_host_folder",
        "leaves a file in a folder of the host that every user may write",
        """
import os

def run(bait):
    won = []
    for folder in (bait["folder"], "/", "/usr", "/usr/lib", "/etc", "/dev", "/var/tmp", "/skill"):
        path = os.path.join(folder, "left-" + bait["mark"])
        try:
            with open(path, "w") as file:
                file.write("x")
            won.append(path)
        except OSError:
            pass
    return won
""",
    ),
    Attack(
        "change_host_file",
        "changes a host file's mode, times or content",
        """
import os

def run(bait):
    won = []
    for change in (
        lambda path: os.chmod(path, 0o600),
        lambda path: os.utime(path, (1, 1)),
        lambda path: os.truncate(path, 0),
        lambda path: os.rename(path, path + ".gone"),
    ):
        try:
            change(bait["own_file"])
            won.append("changed " + bait["own_file"])
        except OSError:
            pass
    return won
""",
    ),
    Attack(
        "follow_links",
        "reaches a host file through a link made in its own scratch folder",
        """
import os, tempfile

def run(bait):
    won, scratch = [], tempfile.mkdtemp()
    links = (
        lambda path: os.symlink(bait["secret_file"], path),
        lambda path: os.link(bait["secret_file"], path),
        lambda path: os.symlink("../" * 8 + bait["secret_file"].lstrip("/"), path),
    )
    for number, link in enumerate(links):
        path = os.path.join(scratch, str(number))
        try:
            link(path)
            with open(path) as file:
                won += ["link " + str(number)] if file.read() == bait["secret"] else []
        except OSError:
            pass
    return won
""",
    ),
    Attack(
        "rewrite_own_code",
        "changes its own code, so that the next call runs something else",
        """
import os

def run(bait):
    won = []
    for change in (
        lambda: open(__file__, "a").close(),
        lambda: os.chmod(__file__, 0o777),
        lambda: os.rename(__file__, __file__ + ".old"),
    ):
        try:
            change()
            won.append("changed " + __file__)
        except OSError:
            pass
    return won
""",
    ),
    Attack(
        "fill_scratch",
        "fills memory through its scratch folder, eight times its size limit",
        """
import tempfile

def run(bait):
    written, block = 0, b"x" * (1 << 20)
    scratch = tempfile.mkdtemp()
    try:
        for number in range(32):
            with open(f"{scratch}/{number}", "wb", buffering=0) as file:
                for _ in range(8):
                    written += file.write(block)
    except OSError:
        pass
    return [f"wrote {written} bytes"] if written >= 256 << 20 else []
""",
    ),
    Attack(
        "inode_bomb",
        "fills kernel memory with twenty thousand empty files",
        """
import os, tempfile

def run(bait):
    made, scratch = 0, tempfile.mkdtemp()
    try:
        for number in range(20000):
            os.close(os.open(f"{scratch}/{number}", os.O_CREAT | os.O_WRONLY))
            made += 1
    except OSError:
        pass
    return [f"made {made} files"] if made == 20000 else []
""",
    ),
    Attack(
        "open_many_files",
        "holds a thousand open files",
        """
def run(bait):
    held = []
    try:
        for _ in range(1000):
            held.append(open(__file__))
    except OSError:
        pass
    return [f"{len(held)} open files"] if len(held) == 1000 else []
""",
    ),
)
