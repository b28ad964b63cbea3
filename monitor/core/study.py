"""The Study: what the science found, in a form that claims can be compared with. Pure data; `library/load.py` reads it.

A fact sheet holds the words of its field as well (rungs of ladders, word classes), so that the rules shipped with
Hypewatch know language, and the fact sheet alone knows the study.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from monitor.core.judgement import Drift, Reference, Severity
    from monitor.core.question import Question

#: Where something stands in a fact sheet, from the top: names of keys, and places (from 0) in lists.
Keys = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcludedClaim:
    """One thing a finding rules out: words that contradict it ("into the brain"). `about` names the aspect."""

    id: str
    about: str  # place | cells | procedure | mechanism | status | scope | safety | fact ...
    says: tuple[str, ...]  # phrases
    drift: Drift
    severity: Severity
    unless: tuple[str, ...] = ()  # phrases in the same sentence that make it harmless
    correction: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing the study reported (or did not), as a sentence a communicator may quote, with its source.

    `quote` is at most a sentence of the source. `ladder` and `rung` place it where it is a degree. `since` and `until`
    bound the days (of the source's place) on which a text could contradict it: from `since` on, before `until`; None is
    open. A plan that was right when it was told is no drift.
    """

    id: str
    sentence: str
    reference: Reference
    quote: str = ""
    as_of: date
    since: date | None = None
    until: date | None = None
    ladder: str | None = None
    rung: str | None = None
    correction: str | None = None
    says: tuple[str, ...] = ()  # phrases that state it faithfully: the second reader sees that a sentence agrees
    excludes: tuple[ExcludedClaim, ...] = ()

    def in_force(self, on: date | None) -> bool:
        """Could a text of this day contradict the finding? One of which no date is known (None) could."""
        return on is None or ((self.since is None or self.since <= on) and (self.until is None or on < self.until))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One step of a Ladder: `says` are phrases that claim it."""

    id: str
    says: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """An ordered scale of what can be claimed, lowest first. A claim above the study's rung is drift; the distance is its size."""

    id: str
    rungs: tuple[Rung, ...]

    def level(self, rung_id: str) -> int:
        """The rung's place, 0 at the bottom; raises KeyError if the ladder has no such rung."""
        for at, rung in enumerate(self.rungs):
            if rung.id == rung_id:
                return at
        raise KeyError(rung_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A number of the study: `says` are phrases with <n:number>; a caught number outside every allowed range is drift."""

    id: str
    says: tuple[str, ...]
    allowed: tuple[tuple[float, float], ...]  # inclusive ranges
    finding: str
    ignore: tuple[tuple[float, float], ...] = ()  # numbers that are surely about something else
    unless: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Caveat:
    """Something a fair account of a benefit must say, in any wording. `sentence` is what to add if it is missing."""

    slug: str
    says: tuple[str, ...]
    sentence: str
    finding: str
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Confusable:
    """Another study that is taken for this one: `says` are the phrases it is known by."""

    id: str
    name: str
    says: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How a mention is recognised. `must` are named groups of phrases (who, what, condition ...); a text is about the
    study if it holds some phrase of every group of one `about_if` combination, or an `also` phrase; `maybe_if` asks for
    the article page before deciding. `never` phrases end it.
    """

    must: Mapping[str, tuple[str, ...]]
    about_if: tuple[tuple[str, ...], ...]
    maybe_if: tuple[tuple[str, ...], ...] = ()
    also: tuple[str, ...] = ()
    never: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What is asked of the indexes of papers and of the registry, to learn when the study itself has moved on.

    `query` is a search as for posts (words, "a phrase", OR in brackets): what a paper on the study is about. A paper that
    appeared before `since` is none of its results. `dois` are the papers that the fact sheet knows. `numbers` are the
    study's numbers in registries. `needs` and `unless` are phrases of a paper's title or summary.
    """

    query: str = ""
    since: date | None = None
    dois: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    registry: str | None = None  # address of the registry's page
    ignore: tuple[str, ...] = ()  # a line of that page with one of these words changes at each visit
    needs: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """The piece of science we track."""

    id: str
    name: str
    as_of: date
    institution: str
    reference: Reference  # where a reader begins: the registry entry or the paper
    terms: Terms
    people: tuple[str, ...]
    findings: Mapping[str, Finding]
    ladders: Mapping[str, Ladder]
    quantities: tuple[Quantity, ...]
    caveats: tuple[Caveat, ...]
    confusable: tuple[Confusable, ...]
    classes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # word classes of the field
    abstract: str = ""  # the study in its authors' words
    searches: tuple[str, ...] = ()
    watch: Watch = field(default_factory=Watch)
    digest: str = ""  # SHA-256 of the fact sheet's text
    draft: bool = False  # something in it is still to be filled in: it judges nothing
    questions: tuple[Question, ...] = ()  # what it still asks; while a required one is open, it is a draft
    #: Language (primary tag) -> sentence of the sheet -> the same in that language, as the sheet has it.
    translations: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def said_in(self, language: str, sentence: str) -> str | None:
        """One of the sheet's sentences (or its name) in another language; None where the sheet does not have it. The sheet itself
        is in English.
        """
        return sentence if language == "en" else self.translations.get(language, {}).get(sentence)

    def name_in(self, language: str) -> str:
        """What the study is called in a language; its English name where the sheet has no other."""
        return self.said_in(language, self.name) or self.name

    def own_words(self) -> Iterator[tuple[Keys, str]]:
        """What the sheet itself says: its name, where what stands, the abstract, what was found, and what is to be said instead of drift,
        each with where it stands in the sheet.
        """
        yield ("name",), self.name
        titles: dict[str, Keys] = {self.reference.title: ("reference",)}
        titles |= {finding.reference.title: ("findings", finding.id, "source") for finding in self.findings.values()}
        yield from ((keys, title) for title, keys in titles.items())
        if self.abstract:
            yield ("abstract",), self.abstract
        for finding in self.findings.values():
            at = ("findings", finding.id)
            said = {"sentence": finding.sentence, "quote": finding.quote, "correction": finding.correction}
            yield from (((*at, key), text) for key, text in said.items() if text)
            for number, entry in enumerate(finding.excludes):
                if entry.correction:
                    yield (*at, "not", number, "correction"), entry.correction
        for caveat in self.caveats:
            yield ("caveats", caveat.slug, "sentence"), caveat.sentence

    def own_words_in(self, language: str) -> Iterator[tuple[Keys, str]]:
        """The same in another language, as far as the sheet has it, each with where it stands in the sheet."""
        for keys, text in self.own_words():
            if told := self.translations.get(language, {}).get(text):
                yield (*keys[:-1], "in", language, keys[-1]), told

    def finding(self, finding_id: str | None) -> Finding | None:
        """The finding of this id, if there is one."""
        return self.findings.get(finding_id) if finding_id else None

    def in_force(self, finding_id: str | None, on: date | None) -> bool:
        """Could a text of this day contradict the finding of this id? See `Finding.in_force`; without a finding nothing
        ties a flag to a day.
        """
        finding = self.finding(finding_id)
        return finding is None or finding.in_force(on)

    def finding_on(self, ladder_id: str) -> Finding | None:
        """The finding that holds the study's place on a ladder."""
        return next((f for f in self.findings.values() if f.ladder == ladder_id), None)
