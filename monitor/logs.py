"""Log lines a person can work with: each says which task wrote it, what that is about, and for how long it has run.

text: `2026-03-24 07:00:01,123 INFO    poll_feed 1f0c2a9b feed 3, 0.42 s: fetched: 2 new, 0 changed, 11 as before.`
json: the same as fields of one object a line (`task`, `task_id`, `feed`, `seconds`).
"""

from __future__ import annotations

import json
import logging
import time
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Libraries whose news is none to whoever runs Hypewatch.
NOISY = ("celery", "kombu", "alembic", "trafilatura", "httpx2", "httpcore2", "amqp")
#: Celery's line about a task that failed says what ours says, without what the task is about.
TOLD_BY_US = ("celery.app.trace",)


@dataclass(frozen=True, slots=True)
class Running:
    """The task that runs in this thread: its name, its id (shortened for people), what it is about, when it began."""

    task: str
    task_id: str
    about: str  # feed, entry, subscription, digest; "" for a tick
    number: int | None
    began: float  # seconds of the monotonic clock

    @property
    def seconds(self) -> float:
        return round(time.monotonic() - self.began, 2)


_running: ContextVar[Running | None] = ContextVar("running", default=None)


@contextmanager
def running(task: str, task_id: str, about: str = "", number: int | None = None) -> Iterator[None]:
    """Everything that is logged inside, by whatever module, is this task's."""
    token = _running.set(Running(task, task_id[:8], about, number, time.monotonic()))
    try:
        yield
    finally:
        _running.reset(token)


class InTask(logging.Filter):
    """Gives each record the task it was written in, as `record.running` (None outside of tasks). Refuses nothing."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.running = _running.get()
        return True


class Text(logging.Formatter):
    """One line for people; a trace follows its line."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        held: Running | None = getattr(record, "running", None)
        if held is None:
            who = record.name
        else:
            about = f" {held.about} {held.number}" if held.about else ""
            who = f"{held.task} {held.task_id}{about}, {held.seconds:.2f} s"
        return f"{record.asctime} {record.levelname:7} {who}: {record.message}"


class Json(logging.Formatter):
    """One object for machines."""

    def format(self, record: logging.LogRecord) -> str:
        row: dict[str, object] = {
            "time": self.formatTime(record),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        held: Running | None = getattr(record, "running", None)
        if held is not None:
            row |= {"task": held.task, "task_id": held.task_id, "seconds": held.seconds}
            if held.about:
                row[held.about] = held.number
        if record.exc_info:
            row["exception"] = self.formatException(record.exc_info)
        return json.dumps(row, ensure_ascii=False)


def start(form: str) -> None:
    """Log lines on standard error from now on, as `text` or `json`; replaces whatever was set up before."""
    handler = logging.StreamHandler()
    handler.addFilter(InTask())
    handler.setFormatter(Json() if form == "json" else Text())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for noisy in NOISY:
        logging.getLogger(noisy).setLevel(logging.WARNING)
    for told in TOLD_BY_US:
        logging.getLogger(told).setLevel(logging.CRITICAL)
