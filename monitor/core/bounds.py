"""How long a field of an item may be, whoever gives it: a feed, a network, a page, a file. Pure.

A title of seven megabytes is no title: it once took 2 GB and 200 s on its way through comparing, judging and storing.
What people write stays far below these bounds, so what is cut off is no news.
"""

from __future__ import annotations

import hashlib

#: Bytes of an answer, counted while it is unpacked: one field of 8 MB, which is cut, and a million for all else, which is kept.
MOST_BODY = 9_000_000
#: Characters of a headline. The longest real one of our corpora has about 500: a post printed as its own title.
MOST_TITLE = 1000
#: Of an author, an outlet, an account.
MOST_NAME = 300
#: Of an id, a language's name, a date as it was written.
MOST_ID, MOST_LANG, MOST_DATE = 1000, 35, 200
#: Of an address; a longer one would be another address if it were cut, so it is none.
MOST_LINK = 4000
#: Addresses of one item.
MOST_LINKS = 100
#: Of an item's text: the longest articles have half of this.
MOST_TEXT = 200_000


def name_within(text: str) -> str:
    """A name of an author, an outlet or an account, cut."""
    return text if len(text) <= MOST_NAME else text[: MOST_NAME - 1] + "…"


def title_within(text: str) -> str:
    """A headline, cut."""
    return text if len(text) <= MOST_TITLE else text[: MOST_TITLE - 1] + "…"


def id_within(text: str) -> str:
    """An id; of one that is too long the hash stands for the rest, so that two of them stay two."""
    if len(text) <= MOST_ID:
        return text
    return f"{text[:100]}…sha256:{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()}"


def links_within(links: tuple[str, ...]) -> tuple[str, ...]:
    """The addresses of an item without those that are too long, the first so many."""
    if len(links) <= MOST_LINKS and all(len(link) <= MOST_LINK for link in links):
        return links
    return tuple(link for link in links if len(link) <= MOST_LINK)[:MOST_LINKS]


def link_within(text: str) -> str:
    """An address, or "" for one that is too long."""
    return text if len(text) <= MOST_LINK else ""
