"""A child process that reads what others wrote, with limits: hostile bytes cost it seconds and then its life, not ours.

The child lives on between readings, so that a small harmless body costs a pipe's round trip (0.2 ms) and not a new
process (150 ms). It is replaced when it went over a limit, has grown, or belongs to a process that was forked from ours.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import signal
import struct
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

#: CPU seconds for one body. The slowest real feed of our corpus (1 MB) takes 0.7 s.
CPU_SECONDS = 5.0
#: Longer than this by the clock means that the machine is very busy, or the child hangs.
WALL_SECONDS = 40.0
#: Address space of the child: with its reader loaded it has 100 MB, the largest real feed of our corpus (1 MB) takes 60 more.
MEMORY_BYTES = 450_000_000
#: A child that grew beyond this is replaced before the next body.
GROWN_BYTES = 250_000_000


class ReadingFailedError(Exception):
    """The child could not read it; the text is the end of a sentence that begins with "It"."""


class Child:
    """One child process. Can be used from many threads; they read one after the other."""

    def __init__(self, *, cpu_seconds: float = CPU_SECONDS, wall_seconds: float = WALL_SECONDS) -> None:
        """The process is started when it is first needed."""
        self._cpu_seconds, self._wall_seconds = cpu_seconds, wall_seconds
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._buffer = b""

    def read(self, task: str, given: Mapping[str, Any], body: bytes) -> dict[str, Any]:
        """Let the child do a task of `reader.py` on a body; raises ReadingFailedError with the reason in words."""
        with self._lock:
            try:
                process = self._running()
            except OSError as error:
                raise ReadingFailedError(f"could not be read: no process for it ({error.strerror}).") from None
            head = json.dumps({"task": task, "given": given, "cpu": self._cpu_seconds, "size": len(body)}).encode()
            try:
                answer = self._exchange(process, head, body)
            except (OSError, EOFError, ValueError):
                raise ReadingFailedError(self._why(process)) from None
            except BaseException:
                self._stop()  # interrupted half-way: the rest of this answer must not become the next one
                raise
            if answer.get("grown", 0) > GROWN_BYTES or "memory" in answer:
                self._stop()
        if "memory" in answer:
            raise ReadingFailedError("needs more memory to read than any feed or page should.")
        if "broken" in answer:
            raise ReadingFailedError(f"broke its reader ({answer['broken']}).")
        result: dict[str, Any] = answer["result"]
        return result

    def close(self) -> None:
        """End the child."""
        with self._lock:
            self._stop()

    def forget(self) -> None:
        """After a fork: the child is our parent's. Our copies of its pipes are closed, or it would outlive its owner."""
        self._lock, process, self._process = threading.Lock(), self._process, None
        if process is not None:
            process.returncode = 0  # not ours to wait for
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self._stop()
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", "monitor.sources.worker", str(MEMORY_BYTES)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
        )
        self._buffer = b""
        return self._process

    def _exchange(self, process: subprocess.Popen[bytes], head: bytes, body: bytes) -> dict[str, Any]:
        assert process.stdin is not None  # noqa: S101 - it was made with pipes
        data = memoryview(struct.pack(">I", len(head)) + head + body)
        while data:
            data = data[process.stdin.write(data) :]
        end = time.monotonic() + self._wall_seconds
        (size,) = struct.unpack(">I", self._take(process, 4, end))
        answer: dict[str, Any] = json.loads(self._take(process, size, end))
        return answer

    def _take(self, process: subprocess.Popen[bytes], size: int, end: float) -> bytes:
        assert process.stdout is not None  # noqa: S101
        chunks = bytearray(self._buffer)
        ready = select.poll()  # select() refuses file numbers above 1023
        ready.register(process.stdout, select.POLLIN)
        while len(chunks) < size:
            if not ready.poll(max(0.0, end - time.monotonic()) * 1000):
                process.kill()
                raise EOFError
            chunk = os.read(process.stdout.fileno(), 1 << 20)
            if not chunk:
                raise EOFError
            chunks += chunk
        self._buffer = bytes(chunks[size:])
        return bytes(chunks[:size])

    def _why(self, process: subprocess.Popen[bytes]) -> str:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=2)
        code = process.returncode
        self._stop()
        if code in {-signal.SIGPROF, -signal.SIGKILL}:
            return f"takes more than {self._cpu_seconds:g} seconds to read, as no honest feed or page does."
        return "broke its reader."

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


#: The child of this process. Feeds and pages share it.
CHILD = Child()
atexit.register(CHILD.close)
os.register_at_fork(after_in_child=CHILD.forget)
