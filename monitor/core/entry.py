"""An item as it was fetched: an Entry of a feed, a Post of a network, the Page at its address. Nothing of it is stored yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from monitor.core.bounds import (
    MOST_DATE,
    MOST_LANG,
    MOST_TEXT,
    id_within,
    link_within,
    links_within,
    name_within,
    title_within,
)
from monitor.core.model import Availability, DateConfidence, Kind, Network, told_on

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import date, datetime

    from monitor.core.wording import Wording


#: What an account's number begins with: X's, and Bluesky's.
NUMBERS = ("id:", "did:")


def unnamed(author: str) -> bool:
    """Is of the account at most its number known? X's searches and Bluesky's stream tell no more."""
    return not author or author.startswith(NUMBERS)


def speaker(key: str, name: str, wording: Wording) -> str:
    """What a reader calls a source: its name; an account of which only the number is known has none, in whichever language. `key` is
    the source's (`Source.key`).
    """
    network, _, account = key.partition(":")
    if account.startswith(NUMBERS):
        return wording.say("An account on {network}", network=Network(network).label)
    return name


@dataclass(frozen=True, slots=True)
class ItemNames:
    """What else than its identity an item is known by; made once, where the item is met (`core/items/aliases.py`).

    Whoever has a `certain` name is the item; a `candidate` only brings two items together to be compared.
    """

    certain: tuple[str, ...] = ()
    candidate: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[str]:
        """All of them, the certain ones first."""
        yield from self.certain
        yield from self.candidate


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One item as fetched from a feed (Entry) or built from a Post: text only, links http(s) only, nothing stored yet.

    `guid` is the feed's own id for it, `text` the plain text the feed or network gave (a summary, or the whole post).
    `source` is who speaks: a domain ("example.org") or a handle ("@name"). `published` is None when the feed gave no
    date we trust; `raw_date` keeps what it gave. `also` are further addresses of the very same item; they are not stored, nor are
    the `links` of an article, which are looked at when it comes.
    """

    guid: str | None
    url: str | None
    title: str
    text: str
    source: str
    source_name: str = ""
    author: str = ""
    kind: Kind = Kind.ARTICLE
    network: Network = Network.WEB
    published: datetime | None = None
    date_confidence: DateConfidence = DateConfidence.NONE
    raw_date: str = ""
    lang: str = ""  # what the feed says (BCP 47), "" if nothing
    links: tuple[str, ...] = ()
    reposts: int | None = None
    likes: int | None = None
    followers: int | None = None
    deleted: bool = False
    also: tuple[str, ...] = ()
    cut: bool = False  # its network gave the beginning of its words only; not stored of the entry

    @property
    def told_on(self) -> date | None:
        """See `told_on`."""
        return told_on(self.published, self.date_confidence)

    def __post_init__(self) -> None:
        """No field is longer than core/bounds.py allows, whoever made the entry."""
        for name, within in _WITHIN.items():
            given = getattr(self, name)
            if given and (kept := within(given)) is not given:
                object.__setattr__(self, name, kept)


def _cut(most: int) -> Callable[[str], str]:
    return lambda text: text if len(text) <= most else text[:most]


_WITHIN: Mapping[str, Callable[[Any], Any]] = {
    "guid": id_within,
    "url": lambda url: link_within(url) or None,
    "title": title_within,
    "text": _cut(MOST_TEXT),
    "source": name_within,
    "source_name": name_within,
    "author": name_within,
    "raw_date": _cut(MOST_DATE),
    "lang": _cut(MOST_LANG),
    "links": links_within,
    "also": links_within,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One item as fetched from a network, in the network's own terms (`id` as the network writes it).

    `date_confidence` is DAY if `published` tells the day alone, as a page that quotes it does. `also`: see Entry.
    `beside` is what its author wrote outside `text`, each part plain text: a content warning, the answers of a poll, the
    descriptions of pictures; and the title of the card that a link is shown as. `cut`: the network gave the beginning of
    its words only.
    """

    network: Network
    id: str
    author: str  # the handle without "@", or "id:123" until the handle is known
    text: str
    published: datetime | None
    url: str | None
    links: tuple[str, ...] = ()
    lang: str = ""
    reposts: int | None = None
    likes: int | None = None
    followers: int | None = None
    author_name: str = ""
    deleted: bool = False
    edit_of: str | None = None  # the first id of an edited post: its identity
    date_confidence: DateConfidence = DateConfidence.EXACT
    also: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    cut: bool = False

    @property
    def _unnamed(self) -> str:
        """A name for an account of which only the number is known (X charges for telling more, Bluesky's stream tells no names): the
        number says nothing to a reader.
        """
        return f"An account on {self.network.label}" if self.author and unnamed(self.author) else ""

    def as_entry(self) -> Entry:
        """The same item as the walk takes it. Its guid is the first id of its edit history, so an edit is a revision.

        What stands beside its text is judged as well, on lines of its own below it.
        """
        return Entry(
            guid=f"{self.network}:{self.edit_of or self.id}",
            url=self.url,
            title="",
            text="\n".join(part for part in (self.text, *self.beside) if part),
            source=f"@{self.author}" if self.author and not self.author.startswith("id:") else self.author,
            source_name=self.author_name or self._unnamed,
            author=self.author,
            kind=Kind.POST,
            network=self.network,
            published=self.published,
            date_confidence=self.date_confidence if self.published else DateConfidence.NONE,
            lang=self.lang,
            links=self.links,
            reposts=self.reposts,
            likes=self.likes,
            followers=self.followers,
            deleted=self.deleted,
            also=self.also,
            cut=self.cut,
        )


@dataclass(frozen=True, slots=True)
class PageLink:
    """A link in an article's own body: where it leads (http(s) only), and the words of the paragraph that holds it."""

    url: str
    passage: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """An article page as read: the article's own text, with the posts it quotes taken out as Posts of their own.

    `links` are those of that text, at most bounds.MOST_LINKS: menus, other articles and quoted posts have none of them.
    """

    url: str
    canonical_url: str | None
    title: str
    text: str
    author: str
    site: str
    published: datetime | None
    date_confidence: DateConfidence
    lang: str
    quoted: tuple[Post, ...] = ()
    links: tuple[PageLink, ...] = ()
    availability: Availability = Availability.WHOLE


@dataclass(frozen=True, slots=True, kw_only=True)
class PageForReading:
    """An entry whose article page is due, its lease claimed."""

    entry_id: int
    lease: str
    url: str
    entry: Entry
    identity: str
    attempts: int
    reads: int  # how often the page was read before
