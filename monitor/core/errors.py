"""Every error Hypewatch raises, in one tree.

HypewatchError                 what happened and what to do, in one sentence each; `code` names it in the docs
├── UsageError                 the request cannot be met as it was made (exit 2)
│   ├── SettingError           a setting is unknown or cannot be read
│   ├── QueryError             a search cannot be read
│   ├── NotFoundError          there is no such feed, mention, rule ...
│   ├── TooOftenError          it was tried too often; says how long to wait
│   ├── ForbiddenError         the person who asks may not do this
│   └── LibraryError           rules or fact sheets that do not load; carries every Problem with its place
├── EndedError                 a process that computes for this one was ended from outside (exit 1)
├── StorageError               the database cannot be used (exit 1)
│   ├── StorageBusyError       another program holds it; trying again helps
│   ├── StorageReadOnlyError   the folder or file cannot be written
│   └── StorageNewerError      a newer version of Hypewatch made it
└── MailError                  a mail could not be handed over
    ├── MailTemporaryError     trying later can help (4xx, no connection)
    ├── MailPermanentError     trying again cannot help (5xx)
    └── MailUnknownError       the server had it, and nobody saw what it said: it may have arrived

What the outside world does wrong (a host that hangs, a feed that is HTML) is not an error but an outcome:
see `Fetched` and `PollOutcome` in model.py.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


#: Characters of a search that are shown on both sides of a place.
_AROUND = 60


def _columns(text: str) -> int:
    """How many columns of a terminal a text takes: East Asian wide characters take two, marks none."""
    return sum(0 if unicodedata.combining(char) else 1 + (unicodedata.east_asian_width(char) in "WF") for char in text)


class HypewatchError(Exception):
    """An error with a sentence for a person: `message` says what happened, `hint` what to do, `command` what helps in a shell."""

    code = "error"
    exit_code = 1

    def __init__(self, message: str, hint: str = "", *, command: str = "") -> None:
        """Keep the sentences apart: a page shows them in different places, and no command."""
        super().__init__(" ".join(part for part in (message, hint, command) if part))
        self.message = message
        self.hint = hint
        self.command = command


class UsageError(HypewatchError):
    code = "usage"
    exit_code = 2


class SettingError(UsageError):
    code = "setting"


class QueryError(UsageError):
    """A search that cannot be read. `text` is the search and `at` where in it, from and to, counted from 0; None: as a whole."""

    code = "query"

    def __init__(self, message: str, hint: str = "", *, text: str = "", at: tuple[int, int] | None = None) -> None:
        """Keep the place beside the sentences: a command shows it under the search, a page marks it."""
        super().__init__(message, hint)
        self.text = text
        self.at = at

    @property
    def pointed(self) -> str:
        """The search with signs under the place, for a terminal; "" where the place is the whole."""
        if self.at is None:
            return ""
        start, end = self.at
        begin = max(0, start - _AROUND)
        shown = " ".join(self.text[begin : end + _AROUND].splitlines())
        return f"{shown}\n{' ' * _columns(self.text[begin:start])}{'^' * max(1, _columns(self.text[start:end]))}"


class NotFoundError(UsageError):
    code = "not-found"


class ForbiddenError(UsageError):
    code = "forbidden"


class TooOftenError(UsageError):
    """`seconds` is how long to wait."""

    code = "rate"

    def __init__(self, message: str, hint: str = "", *, seconds: int) -> None:
        """Keep the time as a number: a program is told by a header."""
        super().__init__(message, hint)
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a file, at a place a person can go to. `line` and `column` count from 1.

    `key` is the key of the file that it is about, where its place does not tell that: what is missing stands nowhere.
    `plain` says it to who sees a form instead of the file; "" where `what` does.
    """

    path: str
    line: int
    column: int
    what: str
    key: str = field(default="", compare=False)
    plain: str = field(default="", compare=False)

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {self.what}"


class ChangedError(UsageError):
    """Somebody changed in between what a change was made on top of: nothing was written."""

    code = "conflict"


class LibraryError(UsageError):
    """Rules or fact sheets that do not load: every problem of every file at once, and nothing is loaded."""

    code = "library"

    def __init__(self, problems: Sequence[Problem], hint: str = "") -> None:
        """`problems` holds at least one Problem; each is told once."""
        self.problems = tuple(dict.fromkeys(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems), hint)


class EndedError(HypewatchError):
    """A process that computes for this one was ended from outside: by the system, when memory ran out, or by hand."""

    code = "ended"


class StorageError(HypewatchError):
    code = "storage"


class StorageBusyError(StorageError):
    code = "storage-busy"


class StorageReadOnlyError(StorageError):
    code = "storage-read-only"


class StorageNewerError(StorageError):
    """A newer version made the database: this one cannot know what it holds, and touches nothing."""

    code = "storage-newer"


class MailError(HypewatchError):
    code = "mail"


class MailTemporaryError(MailError):
    code = "mail-temporary"


class RefusedAt(Enum):
    """To what a mail server said no."""

    SENDER = auto()  # to our address, or to our sending at all
    RECIPIENT = auto()
    CONTENT = auto()  # to the mail itself, after it had taken the recipient


class MailPermanentError(MailError):
    """`status` (RFC 3463; "" where none was said) and `at` say what a program needs to know of it."""

    code = "mail-permanent"

    def __init__(
        self,
        message: str,
        hint: str = "",
        *,
        status: str = "",
        at: RefusedAt = RefusedAt.SENDER,
    ) -> None:
        """A server's no."""
        super().__init__(message, hint)
        self.status = status
        self.at = at


class MailUnknownError(MailError):
    code = "mail-unknown"
