"""Let mypy check a trusted file, and hand its cache to the host.

The cache then holds what mypy makes of the standard library, and later runs start from it
(`tools.build_type_cache`). No untrusted file is near.
"""

import base64
import os
from pathlib import Path
from typing import Any

from mypy import api

from skillkiln.sandbox.runners.channel import Channel


def run(channel: Channel, arguments: dict[str, Any]) -> None:
    """Build the cache and send it, one file at a time."""
    os.chdir("/skill")
    output, errors, exit_code = api.run(arguments["words"])
    if exit_code != 0:
        channel.send({"failed": f"{output}{errors}"[:2_000]})
        return
    folder = Path(arguments["cache_folder"])
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            content = base64.b64encode(path.read_bytes()).decode()
            channel.send({"path": path.relative_to(folder).as_posix(), "content": content})
    channel.send({"finished": True})
