"""Papers as indexes of papers know them, and the words that they are asked with. Pure data."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from monitor.core.study import Study

#: A DOI's prefix has four to nine digits (crossref.org, "DOIs and matching regular expressions").
_DOI = re.compile(r"10\.\d{4,9}/[^\s\"<>]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """That a paper was retracted, corrected or doubted: `kind` is retraction, correction or concern.

    `doi` is the paper it is about; "" for the record it stands in.
    """

    kind: str
    doi: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One record of an index. `types` are in lower case, as the index names them; `people` are authors and affiliations."""

    service: str  # as a reader knows it: PubMed, Europe PMC, Crossref, OpenAlex
    doi: str | None
    pmid: str | None
    title: str
    summary: str = ""
    people: tuple[str, ...] = ()
    affiliations: tuple[str, ...] = ()
    journal: str = ""
    published: str = ""  # ISO, as precise as the index is: 2026, 2026-04 or 2026-04-14
    types: tuple[str, ...] = ()
    preprint: bool = False
    notices: tuple[Notice, ...] = ()
    trials: tuple[str, ...] = ()  # numbers in registries that the publisher deposited
    searched: bool = False  # the index found every word of the search in it; for one that gives no summaries

    @property
    def key(self) -> str | None:
        """What it is known by: its DOI, else its number in PubMed; None for neither."""
        return f"doi:{self.doi}" if self.doi else f"pmid:{self.pmid}" if self.pmid else None

    @property
    def url(self) -> str:
        """Where it can be read."""
        return f"https://doi.org/{self.doi}" if self.doi else f"https://pubmed.ncbi.nlm.nih.gov/{self.pmid}/"


def doi_of(text: object) -> str | None:
    """The DOI in an address or a name, in lower case (DOIs know no case); None if there is none."""
    found = _DOI.search(unquote(str(text or "")))
    return found[0].rstrip(".,;").lower() if found else None


def notice_kind(words: str) -> str | None:
    """What an index's word for an update means: "Retraction in", "corrigendum" ...; None for what is no such notice."""
    words = words.casefold().replace("_", " ").replace("-", " ")
    for kind, signs in _NOTICES.items():
        if any(sign in words for sign in signs):
            return kind
    return None


_NOTICES = {
    "retraction": ("retract", "withdraw", "removal"),
    "concern": ("expression of concern",),
    "correction": ("correct", "erratum", "errata", "corrigend", "addendum"),
}


# --- what is asked ---------------------------------------------------------------------------------------------------


def parse_words(query: str) -> tuple[tuple[str, ...], ...]:
    """A query as groups of words: each group must be met by one of its words. Raises ValueError if it cannot be read.

    `(iPS OR iPSC) "spinal cord"` is (("iPS", "iPSC"), ("spinal cord",)).
    """
    groups: list[tuple[str, ...]] = []
    rest = query.strip()
    while rest:
        found = re.match(r'\(([^()]*)\)|"([^"]+)"|([^\s()"]+)', rest)
        if found is None:
            raise ValueError('must be words, "phrases" and groups such as (iPS OR iPSC)')
        if found[1] is not None:
            groups.append(tuple(part.strip().strip('"').strip() for part in re.split(r"\bOR\b", found[1])))
        else:
            groups.append((found[2] or found[3],))
        rest = rest[found.end() :].lstrip()
    if any(word in {"", "OR", "AND", "NOT"} for group in groups for word in group):
        raise ValueError("must hold OR inside brackets; words side by side are all needed")
    return tuple(groups)


def words_for(study: Study) -> tuple[tuple[str, ...], ...]:
    """The groups of words that an index of papers is asked with; these indexes know titles in Latin letters.

    The watch's own query, else the first saved search that can be read so, else the study's name.
    """
    for query in (study.watch.query, *study.searches):
        try:
            groups = parse_words(query)
        except ValueError:
            continue
        latin = tuple(kept for group in groups if (kept := tuple(word for word in group if _latin(word))))
        if latin:
            return latin
    return tuple((word,) for word in study.name.split() if _latin(word) and len(word) > 3)


def latin_people(study: Study) -> tuple[str, ...]:
    """The study's people and institution as an index writes them."""
    return tuple(name for name in study.people if _latin(name))


def _latin(word: str) -> bool:
    """Letters up to the end of Unicode's Latin Extended-B, so that names such as Müller and Łukasz count."""
    return all(ord(letter) < 0x250 for letter in word)


def boolean(groups: Sequence[Sequence[str]], word: Callable[[str], str] = lambda word: word) -> str:
    """The groups as most indexes read them: (a OR "b c") AND d. `word` puts a field to each."""

    def one(text: str) -> str:
        return word(f'"{text}"' if " " in text or "-" in text else text)

    return " AND ".join(
        f"({' OR '.join(one(text) for text in group)})" if len(group) > 1 else one(group[0]) for group in groups
    )
