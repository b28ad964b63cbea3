"""The inside of the child process (see child.py): takes a task and a body from standard input, answers on standard output.

Frames: four bytes of length, a JSON head {task, given, cpu, size}, `size` bytes of body; back four bytes and JSON.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import struct
import sys
import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import BinaryIO


def main() -> None:
    """Answer until standard input ends."""
    with contextlib.suppress(ValueError, OSError):  # a lower limit that is set already holds too
        resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]),) * 2)
    warnings.simplefilter("ignore")  # feedparser's own deprecations; nobody reads them here
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ^C is for our parent, which then closes our input
    given, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # a library that prints must not write into the answers
    while head := _frame(given):
        answer = _answer(head, given.read(head["size"]))
        raw = json.dumps(answer, ensure_ascii=True, separators=(",", ":")).encode()
        answers.write(struct.pack(">I", len(raw)) + raw)
        answers.flush()
        if "memory" in answer:
            return


def _frame(given: BinaryIO) -> dict[str, Any] | None:
    size = given.read(4)
    if len(size) < 4:
        return None
    head: dict[str, Any] = json.loads(given.read(*struct.unpack(">I", size)))
    return head


def _answer(head: Mapping[str, Any], body: bytes) -> dict[str, Any]:
    # The timer counts CPU time of this task only; its signal ends the process.
    signal.setitimer(signal.ITIMER_PROF, head["cpu"])
    try:
        result = _TASKS[head["task"]](body, head["given"])
    except MemoryError:
        return {"memory": True}
    except Exception as error:  # noqa: BLE001 - any fault of a parser on hostile bytes is an answer
        return {"broken": type(error).__name__}
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return {"result": result, "grown": _memory()}


def _memory() -> int:
    """Bytes that this process holds now. `ru_maxrss` would do nowhere: a new process inherits its parent's high mark."""
    try:
        with open("/proc/self/statm", encoding="ascii") as numbers:  # noqa: PTH123 - one read, no Path needed
            return int(numbers.read().split()[1]) * resource.getpagesize()
    except OSError:  # no /proc on this system: the address space limit alone has to do
        return 0


def _feed(body: bytes, given: Mapping[str, Any]) -> dict[str, Any]:
    from monitor.sources.feeds.xml import read_xml

    return read_xml(body, given["headers"])


def _json_feed(body: bytes, given: Mapping[str, Any]) -> dict[str, Any]:
    from monitor.sources.feeds.json import read_json

    read, problem = read_json(body, given["content_type"], given["base"])
    return {"read": read, "problem": problem}


def _page(body: bytes, given: Mapping[str, Any]) -> dict[str, Any]:
    from monitor.sources.pages.article import read_article

    return read_article(body, given["url"], given["content_type"])


_TASKS = {"feed": _feed, "json-feed": _json_feed, "page": _page}

if __name__ == "__main__":
    main()
