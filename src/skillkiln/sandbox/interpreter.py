"""What of this machine a cell may see: the interpreter, its libraries, and chosen packages.

The interpreter is bound read-only at the path it has on the host, because it remembers where it
lives. Its installed packages are not among it: a cell sees a folder of packages only when its
program asks for a module in it, and then at a place of its own (`sandbox.command`).
"""

import importlib.util
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from skillkiln.errors import SandboxUnavailableError

PACKAGE_FOLDERS = frozenset({"site-packages", "dist-packages"})
SYSTEM_LIBRARIES = ("/usr/lib", "/usr/lib64", "/usr/lib32", "/lib", "/lib64")
SYSTEM_EXTRAS = ("/usr/share/zoneinfo", "/etc/ld.so.cache")


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python and what it needs to run; every path is real and absolute."""

    executable: Path
    libraries: tuple[Path, ...]
    """Folders and files to bind besides the system's libraries."""
    hidden: tuple[Path, ...]
    """Folders inside the bound ones that a cell sees empty."""
    package_folders: tuple[Path, ...]
    """Where modules may be taken from when a program asks for them."""
    scripts: Path
    """Where the programs of installed packages lie."""


def find_interpreter() -> Interpreter:
    """Describe the interpreter that this process runs on.

    Raises:
        SandboxUnavailableError: its executable cannot be told.
    """
    executable = getattr(sys, "_base_executable", sys.executable)
    if not executable:
        raise SandboxUnavailableError("the path of the running Python is unknown")
    real = Path(executable).resolve()
    prefix = real.parent.parent
    standard = Path(sysconfig.get_path("stdlib")).resolve()
    roots = [prefix / name for name in ("lib", "lib64")] if prefix != Path("/usr") else []
    if not any(standard.is_relative_to(root) for root in [*roots, Path("/usr/lib")]):
        roots.append(standard)
    libraries = tuple(root for root in roots if root.is_dir() and not root.is_symlink())
    return Interpreter(
        executable=real,
        libraries=libraries,
        hidden=tuple(_find_hidden(prefix, standard)),
        package_folders=tuple(_find_package_folders()),
        scripts=Path(sysconfig.get_path("scripts")),
    )


def _find_hidden(prefix: Path, standard: Path) -> list[Path]:
    places = [standard, *(prefix / "lib").glob("python3*"), Path("/usr/lib/python3")]
    found = {place / name for place in places for name in PACKAGE_FOLDERS}
    return sorted(path for path in found if path.is_dir() and not path.is_symlink())


def _find_package_folders() -> list[Path]:
    places = [Path(entry).resolve() for entry in sys.path if entry]
    return [place for place in places if place.name in PACKAGE_FOLDERS and place.is_dir()]


def find_package_folder(interpreter: Interpreter, module: str) -> Path:
    """Find the folder of packages that holds a top-level module.

    Raises:
        SandboxUnavailableError: the module is not installed in a folder of packages.
    """
    spec = importlib.util.find_spec(module)
    origin = Path(spec.origin).resolve() if spec and spec.origin else None
    for folder in interpreter.package_folders:
        if origin is not None and origin.is_relative_to(folder):
            return folder
    raise SandboxUnavailableError(
        f"module {module!r} is not in any of {[str(path) for path in interpreter.package_folders]}",
        hint=f"install it into this environment: `pip install {module}`",
    )


def find_executable(interpreter: Interpreter, name: str) -> Path:
    """Find a program that an installed package brought.

    Raises:
        SandboxUnavailableError: it is not there.
    """
    path = interpreter.scripts / name
    if path.is_file():
        return path.resolve()
    raise SandboxUnavailableError(
        f"program {name!r} is not in {str(interpreter.scripts)!r}",
        hint=f"install it into this environment: `pip install {name}`",
    )
