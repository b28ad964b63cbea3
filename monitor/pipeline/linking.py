"""Second-order mentions: what names a study with no word and links to what is stored of it passes that on, and is a mention for it.

Posts and article pages alike. A post is judged whole. An article may be about ten things, so of its page only the paragraphs
that hold those links are taken: neither its title nor the rest says anything of the study.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from monitor.core.items.aliases import certain_names, link_names
from monitor.core.items.urls import unwrapped
from monitor.core.mention import About, Relevance, TextFrom
from monitor.core.relevance import find_mention
from monitor.pipeline.assess_text import draft_mentions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from monitor.core.entry import Entry, Page
    from monitor.core.mention import LinkTarget, MentionDraft
    from monitor.ports import Library, Store

#: Different addresses that are looked up at a time: a first poll of a link blog has two thousand. Each costs 0.1 ms, so that what
#: a hostile feed can hold (200,000) would cost twenty seconds.
MOST_LOOKED_UP = 5000


@dataclass(frozen=True, slots=True)
class Linker:
    """What links somewhere: the names that are its own (a link to one of them leads to itself), and its links."""

    own: frozenset[str]
    links: tuple[str, ...]


def linker(entry: Entry, identity: str, links: tuple[str, ...], *, addresses: Iterable[str | None] = ()) -> Linker:
    """An item that was met, with its links; `addresses` are further ones at which it is itself."""
    own = {identity, *certain_names(entry)}
    for address in (entry.url, *addresses):
        own.update(link_names(unwrapped(address)) if address else ())
    return Linker(frozenset(own), links)


def leads(store: Store, linkers: Mapping[str, Linker]) -> dict[str, dict[str, tuple[LinkTarget, ...]]]:
    """By the keys of `linkers`: those of its links that lead to stored mentions of anything but itself, with these mentions.

    The store is asked once, and not at all where there are no links.
    """
    addresses = dict.fromkeys(link for one in linkers.values() for link in one.links)
    names = {link: link_names(unwrapped(link)) for link in islice(addresses, MOST_LOOKED_UP)}
    if not names:
        return {}
    owned = (name for one in linkers.values() if one.links for name in sorted(one.own))
    told = store.told_at(list(dict.fromkeys([*(name for found in names.values() for name in found), *owned])))
    found: dict[str, dict[str, tuple[LinkTarget, ...]]] = {}
    for key, one in linkers.items() if told else ():
        itself = one.own.union(target.identity for name in one.own for target in told.get(name, ()))
        led = {
            link: tuple(
                dict.fromkeys(
                    target for name in names[link] for target in told.get(name, ()) if target.identity not in itself
                )
            )
            for link in dict.fromkeys(one.links)
            if link in names
        }
        if led := {link: targets for link, targets in led.items() if targets}:
            found[key] = led
    return found


def because_of(targets: Iterable[LinkTarget]) -> Relevance:
    """What links there is about the study for it."""
    because = tuple(dict.fromkeys(f"links to {target.source}" for target in targets))
    return Relevance(verdict=About.ABOUT, because=because)


def studies_meant(library: Library, led: Mapping[str, tuple[LinkTarget, ...]], title: str, text: str) -> list[str]:
    """The studies of what an item links to, but for those of which its words say that another one is meant, which could be taken
    for it; and those that cannot be used now.
    """
    meant = {target.study_id for targets in led.values() for target in targets}
    return [
        study.id
        for study in library.studies()
        if study.id in meant and find_mention(title, text, study).confusable is None
    ]


def passage_drafts(store: Store, library: Library, entry: Entry, identity: str, page: Page) -> list[MentionDraft]:
    """The mentions that a page which is none by its own words is for what it links to: one per study, of the paragraphs that hold
    these links. `entry` is the article with what its page tells of it.
    """
    links = tuple(link.url for link in page.links)
    one = linker(entry, identity, links, addresses=(page.url, page.canonical_url))
    led = leads(store, {identity: one}).get(identity, {})
    drafts: list[MentionDraft] = []
    for study_id in studies_meant(library, led, page.title, page.text) if led else ():
        mine = {link: [target for target in targets if target.study_id == study_id] for link, targets in led.items()}
        text = "\n".join(dict.fromkeys(link.passage for link in page.links if mine.get(link.url)))
        if study_id not in studies_meant(library, led, "", text):
            continue
        taken = because_of(target for targets in mine.values() for target in targets)
        found, _ = draft_mentions(
            library,
            entry,
            identity=identity,
            title="",
            text=text,
            text_from=TextFrom.PASSAGE,
            canonical_url=page.canonical_url,
            about=[study_id],
            taken=taken,
            availability=page.availability,
        )
        # What its words alone say is not asked: the page as a whole, which holds them, is about none.
        drafts += [draft for draft in found if draft.study_id == study_id and draft.relevance is taken]
    return drafts
