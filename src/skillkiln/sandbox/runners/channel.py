"""Frames between a runner and its host: four bytes of length, then UTF-8 JSON, over one socket.

The runner trusts what the host sends. The host trusts nothing that comes back, so this side only
has to be correct for an honest runner. What may cross is decided in `answers`.
"""

import json
import os
import struct
import sys
import threading
from typing import Any

HEADER = struct.Struct("!I")
CHUNK_BYTES = 65_536


class Channel:
    """One end of the socket that the cell was born with."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        # Reentrant: a finaliser may run an audited operation while this thread is sending.
        self._lock = threading.RLock()
        # Own instances: patching the json module does not change how frames are written.
        self._encode = json.JSONEncoder(
            ensure_ascii=False, allow_nan=False, separators=(",", ":")
        ).encode
        self._decode = json.JSONDecoder().decode

    def receive(self) -> dict[str, Any]:
        """Wait for one frame from the host; the runner ends when the host is gone."""
        (size,) = HEADER.unpack(self._read(HEADER.size))
        return self._decode(self._read(size).decode())

    def send(self, frame: dict[str, Any]) -> None:
        """Send one frame.

        Raises:
            ValueError: the frame holds NaN, infinity, a lone surrogate, or nests too deep.
            TypeError: the frame holds something that is not JSON.
        """
        body = self._encode(frame).encode()
        message = memoryview(HEADER.pack(len(body)) + body)
        with self._lock:
            while message:
                message = message[os.write(self.descriptor, message) :]

    def _read(self, size: int) -> bytes:
        parts = bytearray()
        while len(parts) < size:
            chunk = os.read(self.descriptor, min(CHUNK_BYTES, size - len(parts)))
            if not chunk:
                sys.exit(0)
            parts += chunk
        return bytes(parts)
