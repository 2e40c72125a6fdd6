"""Run a host-chosen tool on untrusted files, inside the closed jail.

A Python tool runs in this process; a program such as ruff replaces it. Either way the tool's exit
code is this process's exit code, and what it prints is what the host collects.
"""

import os
import runpy
import shutil
import sys
from typing import Any

from skillkiln.sandbox.runners.channel import Channel

WARM_FOLDER = "/skill/.warm"
"""Where the host puts a cache; the tool needs to write to its own copy."""


def run(channel: Channel, arguments: dict[str, Any]) -> None:
    """Become the tool."""
    words = [arguments["tool"], *arguments["words"]]
    os.chdir("/skill")
    if arguments["cache_folder"] is not None:
        shutil.copytree(WARM_FOLDER, arguments["cache_folder"])
    if arguments["is_module"]:
        sys.argv = words
        runpy.run_module(arguments["tool"], run_name="__main__", alter_sys=True)
    else:
        os.execv(f"/tools/{arguments['tool']}", words)  # noqa: S606 - chosen by the host
