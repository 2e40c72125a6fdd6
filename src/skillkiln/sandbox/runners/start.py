"""The first program of every cell: close the jail, then hand over to the runner that was asked for.

Run as `python start.py <runner> <descriptor>`. The first frame from the host holds the limits, the
import paths of host-chosen modules and the runner's own arguments. `ready` goes back only when the
jail is closed.
"""

import importlib
import os
import sys

from skillkiln.sandbox.runners.channel import Channel
from skillkiln.sandbox.runners.jail import close_jail

FIRST_FREE_DESCRIPTOR = 3


def main() -> None:
    """Start the runner named on the command line."""
    runner_name, descriptor = sys.argv[1], int(sys.argv[2])
    channel = Channel(descriptor)
    order = channel.receive()
    # What bubblewrap was handed, it handed on.
    os.closerange(FIRST_FREE_DESCRIPTOR, descriptor)
    os.closerange(descriptor + 1, order["last_descriptor"] + 1)
    has_file_limit = close_jail(order["limits"], order["filter"])
    sys.path += order["import_paths"]
    runner = importlib.import_module(f"skillkiln.sandbox.runners.{runner_name}")
    channel.send({"ready": True, "has_file_limit": has_file_limit})
    runner.run(channel, order["arguments"])


if __name__ == "__main__":
    main()
