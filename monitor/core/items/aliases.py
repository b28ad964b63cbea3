"""Further names of an item: under which other names is the same thing met, and which other items are to be compared with it?

An identity (`identity.py`) is made from one address or id. A network gives a post several (`/@ada/1`, `/users/ada/statuses/1`),
a page names a canonical address of its own, and a post that is written out on a page has none at all. A *sure* name is
the item's own: whoever has it is this item. A *likely* name only brings two items together to be compared.
No likely name holds words of a text: those are hashed.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from monitor.core.entry import Entry, ItemNames
from monitor.core.items.identity import address_identity, entry_identity, is_quoted, normalise_title, post_identity
from monitor.core.items.urls import canonical_url, domain_of, http_link
from monitor.core.model import DateConfidence, Kind, Network

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime


#: Fewer characters than this say the same by chance ("Wow, amazing news!").
FEWEST = 20
#: A text that was cut must at least hold so many characters, punctuation and typography not counted: about 40 as written.
CUT = 36
#: Two pages are one article if so much of the shorter one stands in the other; counted in pieces of so many letters.
ALIKE, PIECE = 0.5, 8
#: So much of a text is compared.
MOST_COMPARED = 20_000

_STATUS = re.compile(
    r"^/(?:web/|deck/)?(?:@\w[\w.-]*(?:@[\w.:-]+)?(?:/posts)?|(?:ap/)?users/\w[\w.-]*/statuses|statuses)/(\d{6,20})(?:/embed)?/?$",
    re.ASCII,
)
#: Most addresses are of pages and tell no further name: seen at a glance, for a poll has dozens.
_TELLS = re.compile(r"status|@|%40|bsky\.app|redd\.?it|ycombinator", re.IGNORECASE)
_SKEET = re.compile(r"^/profile/([^/]+)/post/([^/]+)/?$")
_AT_URI = re.compile(r"^at://([^/]+)/app\.bsky\.feed\.post/([^/]+)$")
#: Keys of Bluesky's posts tell the microsecond: two posts hardly ever share one.
_TIMED_KEY = re.compile(r"^[2-7a-z]{13}$")
_LINK = re.compile(r"https?://\S+|\bpic\.(?:twitter|x)\.com/\S+|\bt\.co/\S+", re.IGNORECASE)
#: A shortened address without its scheme, as embeds show it, at the end of a post.
_LINK_WORD = re.compile(r"(?:[\w-]+\.)+[a-z]{2,}/\S*", re.IGNORECASE)
#: X gives each link and picture of a post a short address of its own; no other post has it.
_SHORT = re.compile(r"(?:\bt\.co|\bpic\.(?:twitter|x)\.com)/([A-Za-z0-9]{8,12})\b")
_CUT = re.compile(r"(?:…|\.\.\.)[\s\"'”’»\])]*$")


@dataclass(frozen=True, slots=True)
class Item:
    """What is compared. `handle` is "" if it is not known, `published` None if no date is trusted, aware UTC otherwise."""

    identity: str
    handle: str
    title: str
    text: str
    published: datetime | None


def item_of(entry: Entry, identity: str, *, title: str, text: str) -> Item:
    """An entry that is met now, with the title and text it is judged by."""
    published = entry.published if entry.date_confidence is not DateConfidence.NONE else None
    return Item(identity, handle_of(entry), title, text, published)


def handle_of(entry: Entry) -> str:
    """The account's name in lower case without @; Mastodon's with its server. "" if only a number is known, or no account."""
    if entry.kind is not Kind.POST:
        return ""
    given = entry.source if entry.source.startswith("@") else entry.author
    handle = given.strip().removeprefix("@").casefold()
    if not handle or handle.startswith(("id:", "did:")) or " " in handle:
        return ""
    if entry.network is Network.MASTODON and "@" not in handle:
        host = urlsplit(http_link(entry.url) or "").hostname
        return f"{handle}@{host}" if host else ""
    return handle


# --- names -----------------------------------------------------------------------------------------------------------


def certain_names(entry: Entry) -> tuple[str, ...]:
    """What else than its identity the very same item is known by, from its addresses; each once."""
    found: dict[str, None] = {}
    guid = entry.guid or ""
    uri = guid.removeprefix(f"{entry.network}:")
    for url in (entry.url, *entry.also, uri):
        found |= dict.fromkeys(_address_names(url))
        if url and entry.kind is Kind.POST and entry.network is Network.MASTODON and (name := address_identity(url)):
            found[name] = None
    if at := _AT_URI.match(uri):
        found[f"bluesky:{uri}"] = None
        handle = handle_of(entry)
        if handle:
            found[f"bluesky:{handle}/{at[2]}"] = None
    return tuple(found)


def link_names(link: str) -> tuple[str, ...]:
    """The names that what stands at an address surely has: what links there links to that item."""
    page = Entry(guid=None, url=link, title="", text="", source=domain_of(link) or "unknown")
    return tuple(dict.fromkeys((entry_identity(page), *_address_names(link))))


def _address_names(url: str | None) -> Iterator[str]:
    link = http_link(url) if url and _TELLS.search(url) else None
    if link is None:
        return
    parts = urlsplit(canonical_url(link))
    if found := _STATUS.match(parts.path):
        # A server numbers all that it shows, its own statuses and its copies of others'.
        yield f"status:{parts.netloc.removeprefix('www.')}/{found[1]}"
    if parts.hostname == "bsky.app" and (found := _SKEET.match(parts.path)) and not found[1].startswith("did:"):
        yield f"bluesky:{found[1].lower()}/{found[2]}"
    if name := post_identity(link):
        yield name


def candidate_names(entry: Entry, identity: str, *, text: str, canonical: str | None = None) -> tuple[str, ...]:
    """By what other items are found that this one may be the same as: see `is_same`. `canonical` is what its page names."""
    found: list[str] = []
    if entry.kind is Kind.POST:
        words = said(text)
        handle = handle_of(entry)
        if handle:
            # Below a short post stands what a page that quotes it leaves out (Post.beside).
            first = said(text.partition("\n")[0])
            found += [
                f"said:{_hashed(entry.network, handle, part[:CUT])}" for part in (words, first) if len(part) >= FEWEST
            ]
        if entry.network is Network.X and len(words) >= FEWEST:
            found += [f"short:{_hashed(code)}" for code in _SHORT.findall(text)]
    else:
        named = address_identity(canonical) if canonical else None
        if named and named != identity:
            found.append(named)
        if (entry.guid or "").startswith("import:") and entry.guid != identity:
            found.append(str(entry.guid))
    key = _AT_URI.match(identity.removeprefix("bluesky:")) or _SKEET.match(identity.removeprefix("url:bsky.app"))
    if key and _TIMED_KEY.match(key[2]):
        found.append(f"bluesky-key:{key[2]}")
    return tuple(dict.fromkeys(found))


def _hashed(*parts: str) -> str:
    return hashlib.sha256("\x00".join(parts).encode("utf-8", "replace")).hexdigest()


# --- comparing -------------------------------------------------------------------------------------------------------


def is_same(name: str, one: Item, other: Item) -> bool:
    """Are two items that share a likely name the same item?"""
    if name.startswith(("said:", "short:")):
        # Two posts with ids of their own are two, though they say the same.
        if not (is_quoted(one.identity) or is_quoted(other.identity)):
            return False
        if name.startswith("short:") and one.handle and other.handle:
            return False  # who said it is known of both: that decides
        return _near(one, other) and same_words(one.text, other.text)
    if name.startswith("bluesky-key:"):
        both = all(item.identity.startswith("bluesky:") for item in (one, other))
        return not both and same_words(one.text, other.text)
    return _alike(one, other)


def _near(one: Item, other: Item) -> bool:
    """At most one day apart: a page tells the day alone, and that of another time zone."""
    if one.published is None or other.published is None:
        return True
    return abs(one.published.date().toordinal() - other.published.date().toordinal()) <= 1


def _without_last_links(text: str) -> str:
    words = text.split()
    while len(words) > 1 and _LINK_WORD.fullmatch(words[-1]):
        words.pop()
    return " ".join(words)


def said(text: str) -> str:
    """The words of a post for comparing: letters and digits in one case, without links, typography and punctuation."""
    folded = unicodedata.normalize("NFKC", _without_last_links(_LINK.sub(" ", text))).casefold()
    folded = re.sub("['’‘ʼ`´]", "", folded)
    return " ".join("".join(letter if letter.isalnum() else " " for letter in folded).split())


def same_words(one: str, other: str) -> bool:
    """Do two texts of a post say the same, or is one of them the other's beginning: its first lines, or cut with "…" or "..."?"""
    short, long = sorted((one, other), key=lambda text: len(said(text)))
    begin, whole = said(short), said(long)
    if begin == whole:
        return len(begin) >= FEWEST
    if len(begin) >= FEWEST and whole.startswith(f"{begin} ") and begin in _first_lines(long):
        return True
    return len(begin) >= CUT and whole.startswith(begin) and bool(_CUT.search(_LINK.sub("", short).rstrip()))


def _first_lines(text: str) -> Iterator[str]:
    """What its first line says, its first two, and so on."""
    words = ""
    for line in text.split("\n"):
        words = f"{words} {said(line)}".strip()
        yield words


def _alike(one: Item, other: Item) -> bool:
    """Is it one article? Some sites name one address on all their pages, so what a page calls itself is not enough."""
    titles = sorted((normalise_title(one.title), normalise_title(other.title)), key=len)
    if titles[0] and (titles[0] == titles[1] or (len(titles[0]) >= FEWEST and titles[1].startswith(f"{titles[0]} "))):
        return True
    a, b = _pieces(one.text), _pieces(other.text)
    least = min(len(a), len(b))
    return least >= FEWEST and len(a & b) >= ALIKE * least


def _pieces(text: str) -> set[str]:
    letters = normalise_title(text[:MOST_COMPARED]).replace(" ", "")
    return {letters[at : at + PIECE] for at in range(len(letters) - PIECE + 1)}


# --- what was withdrawn ----------------------------------------------------------------------------------------------


def tombstone_names(
    identity: str,
    sure: Iterable[str],
    likely: Iterable[str],
    *,
    titles: Iterable[str] = (),
    published: datetime | None = None,
    leave: bool,
) -> set[str]:
    """By what a withdrawn item is known if it comes again: what it leaves (`leave`), or what is looked for when one comes.

    The words are gone by then. So a post counts as the same by its author, the beginning of its words and its day, and
    does so only if one of the two has no id of its own; a page by an address it names and its title, for some sites
    name one address on all their pages. `published` is the date that is trusted, if one is.
    """
    sure, likely = [identity, *sure], list(likely)
    found = set(sure)
    days = _days(published, leave=leave)
    quoted = is_quoted(identity)
    kinds = {"any", "quoted"} if quoted else {"quoted"} if leave else {"any"}
    for name in likely:
        if name.startswith(("said:", "short:")):
            found |= {f"{name}|{kind}|{day}" for kind in kinds for day in days}
        elif not _is_address(name):
            found.add(name)
    folded = {title for title in map(normalise_title, {*titles}) if title}
    addresses = [name for name in (*sure, *likely) if _is_address(name)]
    return found | {f"page:{_hashed(address, title)}" for address in addresses for title in folded}


def _days(published: datetime | None, *, leave: bool) -> list[str]:
    """A day either side is left, one is looked for; a date that is missing on one side stands for every day."""
    if published is None:
        return ["always"] if leave else ["undated", "always"]
    day = published.date().toordinal()
    return [*map(str, (day - 1, day, day + 1)), "undated"] if leave else [str(day), "always"]


def _is_address(name: str) -> bool:
    return name.startswith("url:")


def names_of(entry: Entry, identity: str, *, text: str, canonical: str | None = None) -> ItemNames:
    """The names of an item met as this entry. `text` is the fullest that is known, `canonical` what its page calls itself."""
    return ItemNames(certain_names(entry), candidate_names(entry, identity, text=text, canonical=canonical))


def tombstone_names_of(entry: Entry, identity: str, names: ItemNames, *, title: str, text: str) -> set[str]:
    """By what an item that is met now would be found among those that were withdrawn."""
    return tombstone_names(
        identity,
        names.certain,
        names.candidate,
        titles=(title, entry.title),
        published=item_of(entry, identity, title=title, text=text).published,
        leave=False,
    )
