"""A running bubblewrap cell: pump its pipes, keep its limits, end it, and say how it ended.

One thread at a time talks to a cell. Pipes are read only while somebody waits in `receive` or
`send`, so a flooding cell blocks rather than filling the host's memory. The cell's first process is
killed through a descriptor (no pid can be reused in between); its pid namespace takes the rest of
the tree with it.
"""

import json
import os
import selectors
import signal
import socket
import subprocess
import time
from dataclasses import dataclass

from pydantic import JsonValue

from skillkiln.errors import SandboxFailedError
from skillkiln.sandbox.cgroups import Group
from skillkiln.sandbox.frames import FrameReader, HostileFrameError, parse_frame, render_frame
from skillkiln.sandbox.interface import Exit, Policy, Usage
from skillkiln.sandbox.usage import read_usage
from skillkiln.skill.reasons import FailureReason

CHUNK_BYTES = 65_536
REAP_TIMEOUT_S = 10.0
GRACE_S = 0.25
"""An answer that is there is still read this late: the host itself may have been kept waiting."""
SIGNAL_BASE = 128
"""bubblewrap answers 128 + n for a program that signal n ended."""


@dataclass(slots=True)
class Streams:
    """The host's ends of a cell's pipes; all non-blocking."""

    channel: socket.socket
    stdout: int
    stderr: int
    status: int
    """Where bubblewrap writes the pid of the cell's first process."""

    def __post_init__(self) -> None:
        self.channel.setblocking(False)
        for descriptor in (self.stdout, self.stderr, self.status):
            os.set_blocking(descriptor, False)

    def close(self) -> None:
        """Close all of them."""
        self.channel.close()
        for descriptor in (self.stdout, self.stderr, self.status):
            os.close(descriptor)


class BubblewrapCell:
    """The host's end of one cell. See `interface.Cell`."""

    def __init__(
        self,
        process: "subprocess.Popen[bytes]",
        streams: Streams,
        policy: Policy,
        group: Group | None = None,
    ) -> None:
        self._group = group
        self._process = process
        self._streams = streams
        self._policy = policy
        self._frames = FrameReader(policy.frame_bytes)
        self._printed: dict[int, bytearray] = {
            streams.stdout: bytearray(),
            streams.stderr: bytearray(),
        }
        self._failure: FailureReason | None = None
        self._message = ""
        self._usage = Usage()
        self._status = b""
        self._first_process: int | None = None
        self._first_process_descriptor: int | None = None
        self._is_over = False
        self._is_killed = False
        self._exit: Exit | None = None
        self.has_file_limit = False
        """Whether the number of files in the scratch folder is limited."""
        self._selector = selectors.DefaultSelector()
        for source in (streams.channel, streams.stdout, streams.stderr):
            self._selector.register(source, selectors.EVENT_READ)
        self._restart_clock(policy.wall_ms)

    def start(self, order: JsonValue, timeout_ms: int) -> bool:
        """Send the trusted start its order; whether it came back with its jail closed.

        Wall time counts from then: a slow start is not the program's doing.
        """
        self._restart_clock(timeout_ms)
        try:
            self.send(order)
        except SandboxFailedError:
            return False
        answer = self.receive() or {}
        self.has_file_limit = answer.get("has_file_limit") is True
        is_ready = answer.get("ready") is True and self.find_first_process() is not None
        self._restart_clock(self._policy.wall_ms)
        return is_ready

    def _restart_clock(self, wall_ms: int) -> None:
        self._started = time.monotonic()
        self._deadline = self._started + wall_ms / 1000

    def send(self, frame: JsonValue) -> None:
        """Send one frame.

        Raises:
            SandboxFailedError: the cell is gone, or does not read.
        """
        message = memoryview(render_frame(frame))
        while message:
            if self._is_over:
                raise SandboxFailedError(f"the cell is gone: {self._message or 'it ended'}")
            try:
                message = message[self._streams.channel.send(message) :]
            except BlockingIOError:
                self._pump(self._deadline, is_sending=True)
            except OSError:
                self._is_over = True

    def receive(self, timeout_ms: int | None = None) -> dict[str, JsonValue] | None:
        """Wait for one frame; None when the cell ended, or had to be ended, without one."""
        deadline = self._deadline
        if timeout_ms is not None:
            deadline = min(deadline, time.monotonic() + timeout_ms / 1000)
        while True:
            body = self._frames.take()
            if body is not None:
                return self._parse(body)
            if self._is_over:
                return None
            self._pump(deadline)

    def _parse(self, body: bytes) -> dict[str, JsonValue] | None:
        try:
            return parse_frame(body)
        except HostileFrameError as error:
            self.end(FailureReason.CONTRACT_VIOLATION, str(error))
            return None

    def take_printed(self) -> str:
        """Return what was printed since the last time, standard output first."""
        for descriptor in self._printed:
            self._drain(descriptor)
        text = b"".join(self._printed.values()).decode("utf-8", "replace")
        for collected in self._printed.values():
            collected.clear()
        return text

    def measure(self) -> Usage:
        """Return what the program has used so far."""
        first = self.find_first_process()
        return read_usage(first) if first is not None and not self._is_over else self._usage

    def find_first_process(self) -> int | None:
        """Find the pid, on the host, of the cell's process 1; None before there is one."""
        if self._first_process is None:
            try:
                self._status += os.read(self._streams.status, CHUNK_BYTES)
                # bubblewrap writes the line in several pieces.
                line, is_whole, _ = self._status.partition(b"\n")
                if is_whole:
                    self._first_process = int(json.loads(line)["child-pid"])
                    self._first_process_descriptor = os.pidfd_open(self._first_process)
            except (OSError, ValueError, KeyError):
                return None
        return self._first_process

    def await_first_process(self, timeout_ms: int) -> int:
        """Wait for the cell's process 1.

        Raises:
            SandboxFailedError: bubblewrap ended without one.
        """
        deadline = time.monotonic() + timeout_ms / 1000
        with selectors.DefaultSelector() as selector:
            selector.register(self._streams.status, selectors.EVENT_READ)
            while time.monotonic() < deadline and self._process.poll() is None:
                selector.select(deadline - time.monotonic())
                first = self.find_first_process()
                if first is not None:
                    return first
        raise SandboxFailedError("bubblewrap did not start the cell's first process")

    def end(self, failure: FailureReason, message: str) -> None:
        """End the cell for a reason; the first reason stands."""
        if self._failure is None:
            self._failure, self._message = failure, message
        self._kill()

    def close(self) -> Exit:
        """Kill what is left of the tree and say how it ended. May be called again."""
        if self._exit is not None:
            return self._exit
        if not self._is_over:
            self._kill()
        self._reap()
        for descriptor in self._printed:
            self._drain(descriptor)
        self._exit = self._describe_exit()
        self._selector.close()
        self._streams.close()
        if self._group is not None:
            self._group.close()
        if self._first_process_descriptor is not None:
            os.close(self._first_process_descriptor)
        return self._exit

    def __enter__(self) -> "BubblewrapCell":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _pump(self, deadline: float, *, is_sending: bool = False) -> None:
        """Read whatever is there; wait for it until the deadline, then end the cell."""
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if is_sending else 0)
        self._selector.modify(self._streams.channel, wanted)
        ready = self._selector.select(max(0.0, deadline - time.monotonic()))
        if time.monotonic() >= deadline + (GRACE_S if ready else 0.0):
            elapsed_ms = (time.monotonic() - self._started) * 1000
            self.end(FailureReason.TIMEOUT, f"no answer after {elapsed_ms:.0f} ms")
            return
        for key, events in ready:
            if not events & selectors.EVENT_READ or self._is_over:
                continue
            if key.fileobj is self._streams.channel:
                self._read_channel()
            elif not self._drain(key.fd):
                self._selector.unregister(key.fd)

    def _read_channel(self) -> None:
        try:
            chunk = self._streams.channel.recv(CHUNK_BYTES)
        except BlockingIOError:
            return
        except OSError:
            chunk = b""
        if not chunk:
            self._is_over = True
        self._frames.feed(chunk)
        if self._frames.is_oversized:
            limit = self._policy.frame_bytes
            self.end(FailureReason.OUTPUT_EXCEEDED, f"an answer of more than {limit} bytes")

    def _drain(self, descriptor: int) -> bool:
        """Read what is in a pipe, up to the cap; False at its end."""
        while not self._is_output_exceeded():
            try:
                chunk = os.read(descriptor, CHUNK_BYTES)
            except BlockingIOError:
                return True
            if not chunk:
                return False
            self._printed[descriptor] += chunk
        limit = self._policy.output_bytes
        for collected in self._printed.values():
            del collected[limit:]
        self.end(FailureReason.OUTPUT_EXCEEDED, f"more than {limit} bytes printed")
        return False

    def _is_output_exceeded(self) -> bool:
        size = sum(len(collected) for collected in self._printed.values())
        return size > self._policy.output_bytes

    def _kill(self) -> None:
        if self._is_killed:
            return
        self._usage = self.measure()
        self._is_killed = self._is_over = True
        try:
            if self._first_process_descriptor is not None:
                signal.pidfd_send_signal(self._first_process_descriptor, signal.SIGKILL)
            else:
                # Still being built: `--die-with-parent` passes this on.
                self._process.kill()
        except ProcessLookupError:
            return

    def _reap(self) -> None:
        """Wait for bubblewrap, which ends when the cell's last process has."""
        watch = os.pidfd_open(self._process.pid)
        try:
            with selectors.DefaultSelector() as selector:
                selector.register(watch, selectors.EVENT_READ)
                if not selector.select(REAP_TIMEOUT_S):
                    self._process.kill()
        finally:
            os.close(watch)
        self._process.wait()

    def _describe_exit(self) -> Exit:
        code = self._process.returncode
        is_signal = code < 0 or code > SIGNAL_BASE
        number = (-code if code < 0 else code - SIGNAL_BASE) if is_signal else None
        wall_ms = (time.monotonic() - self._started) * 1000
        is_cpu_gone = number == signal.SIGXCPU or (
            number == signal.SIGKILL and wall_ms >= self._policy.cpu_s * 1000
        )
        if is_cpu_gone and not self._is_killed and self._failure is None:
            self._failure = FailureReason.TIMEOUT
            self._message = f"more than {self._policy.cpu_s} s of CPU time"
        stdout, stderr = self._printed.values()
        return Exit(
            code=None if is_signal else code,
            signal=number,
            wall_ms=wall_ms,
            stdout=stdout.decode("utf-8", "replace"),
            stderr=stderr.decode("utf-8", "replace"),
            failure=self._failure,
            message=self._message,
            cpu_ms=self._usage.cpu_ms,
            peak_memory_bytes=self._usage.peak_memory_bytes,
        )
