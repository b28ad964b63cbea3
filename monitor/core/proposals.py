"""Has the study itself moved on? From a paper's record, or the registry's page, to a proposal that a person decides.

Never an automatic change: a fact sheet is printed as fact. And no noise: a team publishes dozens of papers a year, of
which one or two are on the study. A paper is proposed only if one of the study's people wrote it (or it names the
study's registry number), it is about the study by the fact sheet's own terms, it tells of people and not only of
animals, it is new, and it is no review, protocol, comment or news story.
"""

from __future__ import annotations

import difflib
import hashlib
import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from monitor.core.mention import About
from monitor.core.papers import latin_people, words_for
from monitor.core.relevance import find_mention
from monitor.core.rules.lexicon import Lexicon
from monitor.core.rules.matcher import Matcher
from monitor.core.text.doc import read

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

    from monitor.core.papers import Paper
    from monitor.core.study import Finding, Study

#: The ladder that tells whether a study is announced, a preprint, or peer reviewed, and the rungs a paper reaches.
LADDER = "publication"
#: A fact sheet is written after the news: a paper this much older than it is known, or not on the study's results.
BEFORE_SHEET = timedelta(days=365)
#: Lines of a changed page that are kept.
MOST_LINES = 40
MOST_PAGE = 60_000


class ProposalKind(StrEnum):
    """What may have happened to the study itself."""

    PUBLISHED = "published"
    PREPRINT = "preprint"
    RETRACTED = "retracted"
    CONCERN = "concern"
    CORRECTED = "corrected"
    REGISTRY = "registry"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalDraft:
    """Something to propose. Study, kind and key make it the same one when another index tells it again."""

    study_id: str
    kind: ProposalKind
    key: str  # doi:..., pmid:... or registry:hash
    sentence: str
    findings: tuple[str, ...]  # those it touches
    rung: str | None  # what the first of them would reach on its ladder
    title: str
    url: str
    seen_in: str
    detail: str = ""  # lines of a page that changed


class ProposalState(StrEnum):
    """What a person decided about a proposal."""

    OPEN = "open"  # nothing yet
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A proposal as stored. `seen` names every index that told it."""

    id: int
    study_id: str
    kind: ProposalKind
    key: str
    sentence: str
    findings: tuple[str, ...]
    rung: str | None
    title: str
    url: str
    detail: str
    seen: tuple[str, ...]
    opened_at: datetime
    state: ProposalState = ProposalState.OPEN
    by: str = ""
    decided_at: datetime | None = None
    why: str = ""


# --- papers ----------------------------------------------------------------------------------------------------------

#: Kinds of record that are no report of results, as the four indexes name them.
_NO_RESULTS = (
    "review", "meta-analysis", "news", "newspaper article", "editorial", "comment", "letter", "interview", "biography",
    "lecture", "erratum", "retraction", "retraction of publication", "published erratum", "expression of concern",
    "peer-review", "paratext", "book-chapter", "clinical trial protocol", "dataset", "supplementary-materials",
    "historical article", "practice guideline", "guideline",
)  # fmt: skip
#: Nature and Science give their news stories DOIs of their own kind.
_NEWS_DOI = re.compile(r"10\.1038/d4\d{4}-|10\.1126/science\.z")


def propose(paper: Paper, study: Study, classes: Mapping[str, Sequence[str]]) -> ProposalDraft | None:
    """What a paper's record gives reason to propose; None for what a press officer need not know.

    `classes` are the packs' word classes, of which `paper-people`, `paper-animals` and `paper-no-results` tell a paper of
    results from others; raises PhraseError if one is missing.
    """
    about = _notice(paper, study)
    if about is not None:
        return about
    if paper.key is None or not paper.title or (paper.doi and paper.doi in study.watch.dois):
        return None
    if not _may_be_ours(paper, study, classes):
        return None
    kind = ProposalKind.PREPRINT if paper.preprint else ProposalKind.PUBLISHED
    worst = _worst(notice.kind for notice in paper.notices if notice.doi in {"", paper.doi})
    if worst is ProposalKind.RETRACTED:
        sentence = f"A paper that may be on this study has been retracted: {_named(paper)}."
        return _draft(paper, study, worst, sentence, (), None)
    finding, rung = _place(study, kind)
    if finding is not None and rung is None:
        return None  # the fact sheet says so already
    what = "A preprint" if paper.preprint else "A paper"
    sentence = f"{what} about this study may have appeared: {_named(paper)}."
    if finding is not None:
        sentence += f" If it is the study's, the finding “{finding.id}” no longer holds."
    return _draft(paper, study, kind, sentence, (finding.id,) if finding else (), rung)


def _notice(paper: Paper, study: Study) -> ProposalDraft | None:
    """A paper that the fact sheet rests on was retracted, doubted or corrected."""
    hit = [
        (doi, notice.kind)
        for notice in paper.notices
        if (doi := notice.doi or paper.doi) is not None and doi in study.watch.dois
    ]
    kind = _worst(kind for _, kind in hit)
    if kind is None:
        return None
    doi = next(doi for doi, word in hit if _KINDS.get(word) is kind)
    resting = [f for f in study.findings.values() if doi in (f.reference.url or "").lower()]
    name = resting[0].reference.title if resting else _named(paper) if paper.doi == doi else f"doi:{doi}"
    said = {
        ProposalKind.RETRACTED: "was retracted",
        ProposalKind.CONCERN: "got an expression of concern",
        ProposalKind.CORRECTED: "was corrected",
    }[kind]
    sentence = f"A paper that the fact sheet knows {said}: {name}."
    if resting:
        sentence += f" Findings that rest on it: {', '.join(f.id for f in resting)}."
    return ProposalDraft(
        study_id=study.id,
        kind=kind,
        key=f"doi:{doi}",
        sentence=sentence,
        findings=tuple(f.id for f in resting),
        rung=None,
        title=paper.title,
        url=f"https://doi.org/{doi}",
        seen_in=paper.service,
    )


_KINDS = {
    "retraction": ProposalKind.RETRACTED,
    "concern": ProposalKind.CONCERN,
    "correction": ProposalKind.CORRECTED,
}


def _worst(kinds: Iterable[str]) -> ProposalKind | None:
    found = set(kinds)
    return next((kind for word, kind in _KINDS.items() if word in found), None)


def _place(study: Study, kind: ProposalKind) -> tuple[Finding | None, str | None]:
    """The finding that a paper moves and the rung it would reach; no rung if the study stands there already."""
    finding = study.finding_on(LADDER)
    if finding is None or finding.rung is None:
        return None, None
    ladder = study.ladders[LADDER]
    wanted = "preprint" if kind is ProposalKind.PREPRINT else "peer-reviewed"
    if wanted not in {rung.id for rung in ladder.rungs}:
        return finding, ladder.rungs[-1].id if finding.rung != ladder.rungs[-1].id else None
    return finding, wanted if ladder.level(wanted) > ladder.level(finding.rung) else None


def _may_be_ours(paper: Paper, study: Study, classes: Mapping[str, Sequence[str]]) -> bool:
    if paper.published and paper.published < earliest(study).isoformat()[: len(paper.published)]:
        return False
    if set(paper.types) & set(_NO_RESULTS) or (paper.doi and _NEWS_DOI.match(paper.doi)):
        return False
    whole = f"{paper.title}\n{paper.summary}"
    told = "\n".join((whole, *paper.trials)).casefold()
    named = any(number.casefold() in told for number in study.watch.numbers)
    who = ", ".join((*paper.people, *paper.affiliations))
    if not named and not (_ours_wrote(paper, study) and _on_subject(paper, f"{whole}\n{who}", study)):
        return False
    if find_mention(paper.title, f"{paper.summary}\n{who}", study).verdict is not About.ABOUT:
        return False
    return _tells_results(paper, study, classes)


def earliest(study: Study) -> date:
    """A paper that appeared before this day is none of the study's results."""
    return study.watch.since or study.as_of - BEFORE_SHEET


def _on_subject(paper: Paper, text: str, study: Study) -> bool:
    """Every group of the search's words is met: an index that weighs words gives what holds some of them."""
    if paper.searched and not paper.summary:
        return True
    text = text.casefold()
    return all(any(word.casefold() in text for word in group) for group in words_for(study))


def _ours_wrote(paper: Paper, study: Study) -> bool:
    """One of the study's people is an author, and its institution among the affiliations where the index tells them.

    A family name alone is shared by thousands; an index that tells affiliations shows whose paper it is.
    """
    institution = study.institution.casefold()
    names = latin_people(study)
    people = [name for name in names if name.casefold() not in institution]
    places = [institution, *(name.casefold() for name in names if name.casefold() in institution)]
    where = " ".join(paper.affiliations).casefold()
    there = any(place in where for place in places)
    if not people:
        return there
    met = [name for name in people if any(_is_author(name, author) for author in paper.people)]
    return bool(met) and (there or not where or len(met) > 1)


def _is_author(name: str, author: str) -> bool:
    """Is `Ada Byron` (or `Byron` alone) the author `Byron A`, `Byron, Ada`, or `Ada Byron`?"""
    wanted, given = (re.findall(r"[^\W\d_]+", text.casefold()) for text in (name, author))
    if not wanted or wanted[-1] not in given:
        return False
    others = [word for word in given if word != wanted[-1]]
    # A full name in the fact sheet is written with initials by some indexes; "De Winter" is a family name of two words.
    return len(wanted) == 1 or any(word == wanted[0] or (len(word) <= 3 and word[0] == wanted[0][0]) for word in others)


def _tells_results(paper: Paper, study: Study, classes: Mapping[str, Sequence[str]]) -> bool:
    watch = study.watch
    lexicon = Lexicon({**classes, "watch-needs": watch.needs, "watch-unless": watch.unless})
    title = Matcher(read(paper.title), lexicon)
    whole = Matcher(read(f"{paper.title}\n{paper.summary}"), lexicon)
    if _met(title, "paper-no-results") or _met(whole, "watch-unless"):
        return False
    if watch.needs:
        return _met(whole, "watch-needs")
    if _on_animals(study, lexicon):
        return True
    if any("trial" in kind or "case report" in kind for kind in paper.types):
        return True
    return _met(whole, "paper-people") and not (_met(title, "paper-animals") and not _met(title, "paper-people"))


def _met(matcher: Matcher, name: str) -> bool:
    return bool(matcher.class_found(name))


def _on_animals(study: Study, lexicon: Lexicon) -> bool:
    """A study that was made in animals names them in its own terms."""
    own = "\n".join(phrase for group in study.terms.must.values() for phrase in group)
    return _met(Matcher(read(own.replace("|", "\n")), lexicon), "paper-animals")


def _named(paper: Paper) -> str:
    title = " ".join(paper.title.split()).rstrip(".")
    title = f"{title[:197].rsplit(' ', 1)[0]} …" if len(title) > 200 else title
    parts = [f"“{title}”", paper.journal, paper.published]
    return ", ".join([part for part in parts if part] + [(paper.key or "").replace("pmid:", "PubMed ")])


def _draft(
    paper: Paper, study: Study, kind: ProposalKind, sentence: str, findings: tuple[str, ...], rung: str | None
) -> ProposalDraft:
    return ProposalDraft(
        study_id=study.id,
        kind=kind,
        key=paper.key or "",
        sentence=sentence,
        findings=findings,
        rung=rung,
        title=paper.title,
        url=paper.url,
        seen_in=paper.service,
    )


# --- the registry's page ---------------------------------------------------------------------------------------------

#: Lines that are other ones at each visit: counters, clocks, dates of access. "Last modified" is none of them.
_VOLATILE = re.compile(
    r"(date of access|accessed( on| at)?\b|access count|page ?views?|visitors?\b|view count|(access|hit|visitor) counter|"
    r"current (date|time)|today is|server time|session id|logged in|cookie|©|copyright|閲覧数|閲覧日|アクセス数|現在時刻)",
    re.IGNORECASE,
)
_ONLY_TIME = re.compile(r"[\d\s:/.,年月日時分秒+-]*(?:(?:AM|PM|UTC|GMT|JST)[\d\s:]*)?", re.IGNORECASE)


def page_lines(text: str, ignore: Sequence[str] = ()) -> str:
    """The lines of a page that mean something when they change."""
    kept = []
    for raw in text[:MOST_PAGE].split("\n"):
        line = " ".join(raw.split())
        if not line or _VOLATILE.search(line) or any(word.casefold() in line.casefold() for word in ignore):
            continue
        if ":" in line and _ONLY_TIME.fullmatch(line):
            continue  # a clock; a date alone may be the day of a registered change
        kept.append(line)
    return "\n".join(kept)


def registry_change(study: Study, before: str | None, after: str, url: str, title: str = "") -> ProposalDraft | None:
    """The registry's page as `page_lines` gave it at the last visit and now; None at the first visit, or if nothing changed."""
    if before is None or before == after:
        return None
    changed = [
        line
        for line in difflib.unified_diff(before.split("\n"), after.split("\n"), lineterm="", n=0)
        if line[:1] in "+-" and not line.startswith(("+++", "---"))
    ]
    more = len(changed) - MOST_LINES
    shown = [f"{line[0]} {line[1:301]}" for line in changed[:MOST_LINES]] + ([f"and {more} more"] if more > 0 else [])
    both = f"{before}\n\n{after}".encode("utf-8", "replace")
    first = next((line for line in shown if line.startswith("+")), shown[0])
    lines = "1 line" if len(changed) == 1 else f"{len(changed)} lines"
    return ProposalDraft(
        study_id=study.id,
        kind=ProposalKind.REGISTRY,
        key=f"registry:{hashlib.sha256(both).hexdigest()[:16]}",
        sentence=f"The registry's entry changed ({lines}), such as: “{first[2:162]}”.",
        findings=tuple(f.id for f in study.findings.values() if f.reference.url == url),
        rung=None,
        title=title or "Registry entry",
        url=url,
        seen_in="the registry's page",
        detail="\n".join(shown),
    )
