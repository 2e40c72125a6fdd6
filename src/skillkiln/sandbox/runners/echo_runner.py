"""Say that the jail is closed: the smallest program that a tier can be probed with."""

import os
import sys
from typing import Any

from skillkiln.sandbox.runners.channel import Channel


def run(channel: Channel, arguments: dict[str, Any]) -> None:
    """Answer each frame with itself, and with what confinement looks like from inside."""
    while True:
        order = channel.receive()
        channel.send(
            {
                "echo": order,
                "arguments": arguments,
                "user_id": os.getuid(),
                "process_id": os.getpid(),
                "is_fork_denied": is_fork_denied(),
                "root": sorted(os.listdir("/")),  # noqa: PTH208 - plain names are wanted
                "version": list(sys.version_info[:3]),
            }
        )


def is_fork_denied() -> bool:
    """Try to make a process."""
    try:
        child = os.fork()
    except PermissionError:
        return True
    if child == 0:
        os._exit(0)
    return False
