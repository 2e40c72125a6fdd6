"""The shipped filters are what the rules say."""

import importlib.util
import struct
import sys
from pathlib import Path
from types import ModuleType

import pytest

from skillkiln.sandbox.capabilities import SECCOMP_MACHINES
from skillkiln.sandbox.command import RUNNERS

ROOT = Path(__file__).parents[3]
FILTERS = RUNNERS / "filters"
MAX_INSTRUCTIONS = 4096
INSTRUCTION = struct.Struct("=HBBI")
LOAD_ARCHITECTURE = (0x20, 4)
"""BPF_LD | BPF_W | BPF_ABS at the offset of `seccomp_data.arch`."""


@pytest.fixture(scope="module")
def rules() -> ModuleType:
    script = ROOT / "scripts" / "build_seccomp.py"
    spec = importlib.util.spec_from_file_location("build_seccomp", script)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
    except (ImportError, RuntimeError) as error:
        pytest.skip(f"the rules need libseccomp: {error}")
    return module


def test_every_machine_has_its_filters() -> None:
    names = {path.name for path in FILTERS.glob("*.bpf")}
    kinds = ("outer", "inner", "tool")
    assert names == {f"{machine}-{kind}.bpf" for machine in SECCOMP_MACHINES for kind in kinds}


@pytest.mark.parametrize("path", sorted(FILTERS.glob("*.bpf")), ids=lambda path: path.name)
def test_a_filter_is_a_program_that_the_kernel_can_load(path: Path) -> None:
    code = path.read_bytes()
    assert len(code) % INSTRUCTION.size == 0
    instructions = list(INSTRUCTION.iter_unpack(code))
    assert 0 < len(instructions) <= MAX_INSTRUCTIONS
    first = instructions[0]
    assert (first[0], first[3]) == LOAD_ARCHITECTURE, "the processor is checked first"


def test_building_again_gives_the_same_bytes(rules: ModuleType) -> None:
    library = rules.find_library_version()
    if library != rules.LIBSECCOMP:
        pytest.skip(f"libseccomp {library} orders rules in its own way")
    for name, program in rules.build_all().items():
        assert (FILTERS / name).read_bytes() == program, f"{name} is not what the rules say"
