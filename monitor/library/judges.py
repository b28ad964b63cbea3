"""Many texts are judged in as many processes as there are cores: judging is all computing, and Python computes in one at a time."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
from collections import deque
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING, Any, Self, TypeVar

from monitor.core.errors import EndedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future

    from monitor.ports import Library

T = TypeVar("T")
R = TypeVar("R")

#: So many are judged in this process before others are started: they need half a second to read the rules.
FIRST = 40
#: Texts that go to a process together.
PORTION = 20
#: Portions that are given out ahead for each process: enough that none waits, few enough that memory stays bounded.
AHEAD = 4
#: More than this many processes would wait for the one that stores.
MOST = 8


def cores() -> int:
    """How many processes can compute at once here, as far as this process may use them."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class ProcessJudges:
    """Implements ports.Judges over processes, which are started when there is enough to do and live until `close`.

    A process reads the rules for itself, from what the Library was made of; nothing else is shared.
    """

    def __init__(self, processes: int | None = None) -> None:
        """`processes` are as many as there are cores, unless told; with one everything is judged in this process."""
        self.processes = min(processes or cores(), MOST)
        self._pool: ProcessPoolExecutor | None = None
        self._library: Library | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the processes; what was not judged yet is not judged."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
        self._pool = self._library = None

    def each(self, library: Library, act: Callable[[Library, T], R], items: Iterable[T]) -> Iterator[R]:
        """`act` on each item, in order. Raises what `act` raises, and EndedError if a process was ended from outside."""
        rest = iter(items)
        if self.processes < 2 or self._library is not library:
            few = itertools.islice(rest, FIRST) if self.processes > 1 else rest
            for item in few:
                yield act(library, item)
        waiting: deque[Future[list[R]]] = deque()
        try:
            while portion := list(itertools.islice(rest, PORTION)):
                waiting.append(self._processes(library).submit(_judge, act, portion))
                if len(waiting) >= self.processes * AHEAD:
                    yield from waiting.popleft().result()
            while waiting:
                yield from waiting.popleft().result()
        except BrokenProcessPool as error:
            self.close()
            raise EndedError(
                "A process that judges texts was ended from outside; the memory may have run out.",
                "What was stored stays. Begin again: nothing is stored or judged twice.",
            ) from error

    def _processes(self, library: Library) -> ProcessPoolExecutor:
        if self._pool is None or self._library is not library:
            self.close()
            # Spawned, not forked: this process has connections and threads, of which a copy would be half.
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(self.processes, context, _begin, (library,))
            self._library = library
        return self._pool


# --- in the other process --------------------------------------------------------------------------------------------

_own: list[Library] = []


def _begin(library: Library) -> None:
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # Ctrl+C ends the process that gives out the work, and that one ends these
    _own[:] = [library]


def _judge(act: Callable[[Library, Any], Any], portion: list[Any]) -> list[Any]:
    return [act(_own[0], item) for item in portion]
