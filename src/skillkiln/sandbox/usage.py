"""What a cell used: read from `/proc` by the host while the cell is still there.

The resource usage that `wait4` reports is no good here: a program's peak memory starts at the peak
of the process that started it, which is the host. The kernel's own count for the runner's memory
map, `VmHWM`, starts at zero.
"""

import os
from pathlib import Path

from skillkiln.sandbox.interface import Usage

KIB = 1024
FIELDS_BEFORE_TIMES = 11
"""In `/proc/PID/stat`, after the name: state is field 3, user and system time are 14 and 15."""


def read_usage(first_process: int) -> Usage:
    """Read what the program in a cell has used.

    Args:
        first_process: pid, on the host, of bubblewrap's process 1 in the cell.
    """
    try:
        children = Path(f"/proc/{first_process}/task/{first_process}/children").read_text("ascii")
        program = int(children.split()[0])
        status = Path(f"/proc/{program}/status").read_text("ascii")
        stat = Path(f"/proc/{program}/stat").read_text("ascii")
    except (OSError, IndexError, ValueError):
        return Usage()
    return Usage(_parse_cpu_ms(stat), _parse_peak_bytes(status))


def _parse_cpu_ms(stat: str) -> float:
    fields = stat.rpartition(")")[2].split()
    ticks = int(fields[FIELDS_BEFORE_TIMES]) + int(fields[FIELDS_BEFORE_TIMES + 1])
    return ticks * 1000 / os.sysconf("SC_CLK_TCK")


def _parse_peak_bytes(status: str) -> int | None:
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * KIB
    return None
