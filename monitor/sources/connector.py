"""What the classes that read networks are made from, and how they are found: each is named by a line of FeedKind."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime
    from types import ModuleType

    from monitor.core.entry import Post
    from monitor.core.model import FeedKind
    from monitor.core.study import Study
    from monitor.sources.http.client import HttpClient


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """All that a network's class is given. It sees its own settings and nobody else's secrets.

    `clock` gives the time, aware and UTC. `study_of` is ports.Library.study, `stored` ports.Store.stored_identities.
    """

    door: HttpClient
    clock: Callable[[], datetime]
    study_of: Callable[[str], Study]
    stored: Callable[[Sequence[str], Sequence[str]], frozenset[str]]
    #: Where it is asked, without a slash at the end: what its line says, unless HYPEWATCH_<NAME>_API_URL (of a stream
    #: _STREAM_URL) says otherwise; "" if its line names no address.
    address: str = ""
    #: Its own settings as text: HYPEWATCH_BLUESKY_HANDLE is Bluesky's "handle". "" is one that was not set.
    own: Mapping[str, str] = field(default_factory=dict)
    #: HYPEWATCH_CONTACT, who asks.
    contact: str = ""


class Watch:
    """What a class that watches the study itself says of itself. A subclass says what is special about it."""

    #: `hypewatch init` offers it: it wants no key.
    offered: ClassVar[bool] = True

    @staticmethod
    def lacking(study: Study) -> str:  # noqa: ARG004 - most watches take any study
        """Why this study cannot be watched, as a sentence; "" if it can."""
        return ""


def connector(kind: FeedKind) -> Any:
    """The class that the kind's line names, imported now: it is called with a Setup, and makes a ports.PostSource."""
    return getattr(_file(kind), kind.connector.partition(":")[2])


def watch_class(kind: FeedKind) -> type[Watch]:
    """The class of a kind that watches the study itself; raises TypeError for any other."""
    found: type = connector(kind)
    if not issubclass(found, Watch):
        raise TypeError(f"{kind.connector} is no Watch.")
    return found


def payload_reader(kind: FeedKind) -> Callable[[Any], Iterator[Post]] | None:
    """`read_posts` of the kind's file, which makes posts of what the network's API answered; None if it has none."""
    return getattr(_file(kind), "read_posts", None)


def _file(kind: FeedKind) -> ModuleType:
    room = "papers" if kind.watches else "networks"
    return import_module(f"monitor.sources.{room}.{kind.connector.partition(':')[0]}")
