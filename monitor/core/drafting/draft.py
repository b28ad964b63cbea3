"""A text of a study becomes a draft of its fact sheet. Nothing is concluded: what a text does not say is a question."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from monitor.core.drafting import asking, guesses
from monitor.core.drafting.blanks import (
    DESIGN,
    FINDING,
    INSTITUTION,
    MAIN,
    REVIEWED,
    SAFETY,
    STUDIED,
    TITLE,
)
from monitor.core.drafting.design import Design, design_of, registry_numbers, registry_page
from monitor.core.drafting.designs import (
    EVIDENCE,
    LOOKED_BACK,
    NOT_BLINDED,
    NOT_REVIEWED,
    PUBLICATION,
    SELF_REPORTED,
    SHORT,
    SIDE_EFFECTS,
    SMALL,
    TOLD,
    caveat,
    fitting,
    outcome_ladder,
    ruled_out,
    rung_of,
)
from monitor.core.drafting.numbers import ANIMALS, KEPT, PEOPLE, Kind, Told, numbers_of
from monitor.core.drafting.quantities import NOT_TOLD, Kept, quantities_of, with_its_own_numbers
from monitor.core.drafting.source_text import MOST_CHARACTERS, Section, SourceText, clean, source_text
from monitor.core.errors import UsageError
from monitor.core.judgement import Reference
from monitor.core.papers import doi_of
from monitor.core.study import Caveat, Finding, Study, Terms, Watch
from monitor.core.text.doc import is_cjk, read

if TYPE_CHECKING:
    from datetime import date

    from monitor.core.drafting.source_text import Part
    from monitor.core.papers import Paper

#: More findings than this nobody confirms.
MOST_FINDINGS = 60
LONGEST_NAME = 120

_REPORTS = re.compile(
    r"\b(?:found|find|show(?:s|ed)?|extend(?:s|ed)?|inhibit(?:s|ed)?|improved?|reduced?|increased?|decreased?|observed|reported|occurred|received|results?"
    r"|trial|enrolled|randomi[sz]ed|safety|adverse|associated|association|suggests?|lower|higher|greater|fewer|longer|shorter"
    r"|lost|gained|survived|died|developed|differ(?:ed|ence)|no effect|lived|restored|recovered|regained|declined|rose|fell"
    r"|included|followed|assigned|treated|measured|detected|identified|predicted|estimated|remained|achieved|linked)\b",
    re.IGNORECASE,
)
_HARM = re.compile(
    r"\b(?:adverse|side[- ]effects?|safety|tolerab\w+|tolerated|toxicit\w+|complications?|harms?|nausea)\b",
    re.IGNORECASE,
)
_HARMED = re.compile(
    r"nausea|vomiting|diarrh|headache|fever|rash|bleeding|fatigue|pain was|common adverse|side[- ]effects? (?:were|was|included|occurred)"
)
_MEANS = re.compile(
    r"\b(?:conclusions?|in conclusion|in summary|these (?:findings|results|data)|our (?:findings|results|data))\b",
    re.IGNORECASE,
)
_OUTCOME = re.compile(
    r"\b(?:improved?|reduce[ds]?|increase[ds]?|decrease[ds]?|extend(?:s|ed)?|associated|lower|higher|fewer|longer|restored|recovered"
    r"|regained|inhibited|prevented|rose|fell|lost|sensitivity|efficacy|projected|did not differ|developed|changed?|risk)\b",
    re.IGNORECASE,
)
_SHOWS = re.compile(r"\bwe (?:now )?(?:show|report that|found|find|demonstrate|observed)\b", re.IGNORECASE)
#: With it begins what a study says of itself; what stands before it in a text without sections is background.
_ITSELF = re.compile(
    r"\b(?:we|our|ours|here|this (?:study|trial|cohort|survey|report)|in th(?:is|ese)|the (?:study|trial)|were (?:enrolled|randomi[sz]ed|treated|followed))\b",
    re.IGNORECASE,
)
_DONE = re.compile(
    r"\bwe (?:compared|assigned|randomly|surveyed|evaluated|did|screened|report|conducted|recruited|enrolled)\b|\bto (?:compare|examine)\b",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r"^\(?(?:funded|funding|supported by|clinicaltrials\.gov|trial registration|registered|registration|©|copyright|this work was (?:funded|supported))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetDraft:
    """A sheet in the making: the study as far as it is known, its open questions (`study.questions`), and the
    numbers that are in a finding's sentence only.
    """

    study: Study
    kept: tuple[Kept, ...] = ()
    numbers: int = 0  # how many the findings hold; those in names are none

    @property
    def checked(self) -> int:
        """How many of the numbers are checked against what others write."""
        return self.numbers - len(self.kept)


def draft_sheet(study_id: str, text: str, *, today: date, paper: Paper | None = None, url: str = "") -> SheetDraft:
    """A draft from a pasted abstract or release, with what an index knows of the paper. Raises UsageError for what is none."""
    if len(text) > MOST_CHARACTERS:
        raise UsageError(
            f"The text has {len(text):,} characters, which no abstract and no press release has.",
            f"Take the abstract alone, or shorten it to {MOST_CHARACTERS:,} characters.",
        )
    source = source_text(text, paper.title if paper else "")
    design = design_of(f"{source.title}\n{source.body}")
    whole = Reference(title=source.title or TITLE, url=(paper.url if paper and paper.key else url) or _address(text))
    findings, numbers = _findings(source, whole, today)
    quantities, kept = quantities_of(source.doc, numbers)
    study = Study(
        id=study_id,
        name=_name(source, study_id),
        as_of=today,
        institution=_institution(source, paper) or INSTITUTION,
        reference=whole,
        terms=Terms(must={}, about_if=()),
        people=guesses.people_of(paper),
        findings=findings,
        ladders={},
        quantities=quantities,
        caveats=(),
        confusable=(),
        classes=_classes(source, design.design),
        abstract="" if source.release else source.body,
        watch=_watch(source, paper),
        draft=True,
    )
    study = replace(study, terms=_terms(study, source, paper))
    study = with_design(study, design.design, f"{source.title}\n{source.body}")
    study = _published(study, paper)
    study = replace(study, caveats=(*study.caveats, *_told_caveats(study, source, numbers)))
    study = replace(study, quantities=with_its_own_numbers(study.quantities, [words for _, words in study.own_words()]))
    study = replace(study, questions=asking.first_questions(study, design, paper))
    counted = sum(told.kind is not Kind.NAME for found in numbers.values() for told in found)
    kept = tuple(one for one in kept if one.why != KEPT[Kind.NAME])
    return SheetDraft(study=study, kept=kept, numbers=counted)


def without_questions(draft: SheetDraft) -> SheetDraft:
    """The form alone, for who fills in its CAPITALS by hand."""
    return replace(draft, study=replace(draft.study, questions=()))


def resumed(study: Study) -> SheetDraft:
    """A draft that was written down and read again, perhaps edited since: its questions are the study's."""
    numbers = 0
    kept: list[Kept] = []
    for finding in study.findings.values():
        doc = read(finding.sentence)
        for one in (told for sentence in doc.sentences for told in numbers_of(doc, sentence)):
            if finding.id == DESIGN or one.kind is Kind.NAME:
                continue
            numbers += 1
            if why := KEPT.get(one.kind) or ("" if _allows(study, one.value) else NOT_TOLD):
                kept.append(Kept(finding=finding.id, written=one.written, why=why))
    return SheetDraft(study=study, kept=tuple(kept), numbers=numbers)


def _allows(study: Study, value: float) -> bool:
    return any(low <= value <= high for quantity in study.quantities for low, high in quantity.allowed)


# --- findings --------------------------------------------------------------------------------------------------------


def _findings(
    source: SourceText, reference: Reference, today: date
) -> tuple[dict[str, Finding], dict[str, list[Told]]]:
    """The sentences that report something or hold a number, and the numbers of each, in the order of the text."""
    found: list[tuple[Part, list[Told]]] = []
    for part in _told(source.parts):
        told = list(numbers_of(source.doc, part.sentence))
        counts = any(one.kind not in {Kind.NAME, Kind.YEAR} for one in told)
        if part.section is Section.ASIDE or _ASIDE.match(part.words) or part.words.endswith("?"):
            continue
        reports = _reports(part) and part.section is not Section.BACKGROUND
        if counts or reports:
            found.append((part, told))
    found = found[:MOST_FINDINGS]
    main = _main(found)
    harm = next((at for at, (part, _) in enumerate(found) if at != main and _HARM.search(part.words)), None)
    findings: dict[str, Finding] = {}
    numbers: dict[str, list[Told]] = {}
    for at, (part, told) in enumerate(found):
        key = MAIN if at == main else SAFETY if at == harm else f"finding-{at + 1}"
        if part.section is Section.BACKGROUND and key != MAIN:
            key = f"background-{at + 1}"
        findings[key] = Finding(id=key, sentence=part.words, reference=reference, as_of=today)
        numbers[key] = told
    if MAIN not in findings:
        findings[MAIN] = Finding(id=MAIN, sentence=FINDING, reference=reference, as_of=today)
    return findings, numbers


def _told(parts: tuple[Part, ...]) -> list[Part]:
    """The sentences, those that come before the study speaks of itself as background where no section is named."""
    if any(part.section for part in parts):
        return list(parts)
    begins = next((at for at, part in enumerate(parts) if _ITSELF.search(part.words)), 0)
    return [replace(part, section=Section.BACKGROUND) if at < begins else part for at, part in enumerate(parts)]


def _reports(part: Part) -> bool:
    if is_cjk(part.words):
        return len(part.words) >= 10
    long = len(part.words.split()) >= 5
    return long and (part.section in {Section.RESULTS, Section.CONCLUSION} or _REPORTS.search(part.words) is not None)


def _main(found: list[tuple[Part, list[Told]]]) -> int | None:
    """The sentence that says what the study found: the first of the conclusion, else the first that tells an outcome."""
    reporting = [at for at, (part, _) in enumerate(found) if _reports(part) and part.section is not Section.BACKGROUND]
    results = [at for at in reporting if found[at][0].section is not Section.METHODS]
    concluding = [at for at in results if found[at][0].section is Section.CONCLUSION]
    outcomes = [at for at in results if _OUTCOME.search(found[at][0].words) and not _DONE.search(found[at][0].words)]
    shown = [at for at in results if _SHOWS.search(found[at][0].words)]
    meant = [at for at in results if _MEANS.search(found[at][0].words)]
    return next(iter((*concluding, *shown, *outcomes, *meant, *reversed(reporting))), len(found) - 1 if found else None)


# --- the design ------------------------------------------------------------------------------------------------------


def with_design(study: Study, design: Design, text: str) -> Study:
    """The study with what its design settles: rungs, how it is told, caveats, what it rules out. What another design had settled goes."""
    goes = {slug for other in Design for _, slug, _ in fitting(other)}
    caveats = tuple(kept for kept in study.caveats if kept.slug not in goes)
    if design is Design.UNKNOWN:
        return _without_design(replace(study, caveats=caveats))
    tells = Finding(
        id=DESIGN,
        sentence=TOLD[design],
        reference=study.reference,
        as_of=study.as_of,
        ladder=EVIDENCE.id,
        rung=rung_of(design, text),
        correction=TOLD[design],
        excludes=ruled_out(design, text),
    )
    outcome = outcome_ladder(design)
    if "outcome" in study.ladders:
        outcome = study.ladders["outcome"]
    findings = {**study.findings, DESIGN: tells}
    if MAIN in findings:  # whoever edits a draft may give it another name
        findings[MAIN] = replace(findings[MAIN], ladder="outcome", rung="as-found")
    return replace(
        study,
        findings=findings,
        ladders={**study.ladders, "outcome": outcome, EVIDENCE.id: EVIDENCE},
        caveats=(*(caveat(fit, DESIGN) for fit in fitting(design, text)), *caveats),
    )


def _without_design(study: Study) -> Study:
    """The study as long as nobody knows how it was made: it holds no place on the ladder of evidence."""
    findings = {key: one for key, one in study.findings.items() if key != DESIGN}
    if MAIN in findings:
        findings[MAIN] = replace(findings[MAIN], ladder="outcome", rung="as-found")
    ladders = {key: one for key, one in study.ladders.items() if key != EVIDENCE.id}
    return replace(study, findings=findings, ladders={"outcome": outcome_ladder(Design.UNKNOWN), **ladders})


def with_rung(study: Study, rung: str, journal: str = "") -> Study:
    """The study with the place that its results have reached on the way to a journal."""
    sentence = {
        "peer-reviewed": f"The results appeared in a peer-reviewed journal{f', {journal}' if journal else ''}.",
        "preprint": "The results appeared as a preprint and are not peer reviewed.",
        "announced": "The results were announced and are not peer reviewed.",
    }[rung]
    finding = Finding(
        id=REVIEWED, sentence=sentence, reference=study.reference, as_of=study.as_of, ladder=PUBLICATION.id, rung=rung
    )
    caveats = tuple(kept for kept in study.caveats if kept.slug != NOT_REVIEWED[1])
    if rung != "peer-reviewed":
        caveats = (*caveats, caveat(NOT_REVIEWED, REVIEWED))
    return replace(
        study,
        findings={**study.findings, REVIEWED: finding},
        ladders={**study.ladders, PUBLICATION.id: PUBLICATION},
        caveats=caveats,
    )


def _published(study: Study, paper: Paper | None) -> Study:
    if paper is None:
        return study
    return with_rung(study, "preprint" if paper.preprint else "peer-reviewed", guesses.wordable(paper.journal))


#: Fewer people than this, and chance alone can make the result.
SMALL_BELOW = 100
YEAR = 365.0


def _told_caveats(study: Study, source: SourceText, numbers: dict[str, list[Told]]) -> list[Caveat]:
    text = source.body.lower()
    found: list[Caveat] = []
    told = [one for rows in numbers.values() for one in rows]
    people = [one.value for one in told if one.kind is Kind.COUNT and one.unit in PEOPLE]
    animals = any(one.unit in ANIMALS for one in told)
    times = [one.value for one in told if one.kind is Kind.DURATION]
    counted = next((key for key, rows in numbers.items() if any(one.unit in PEOPLE for one in rows)), MAIN)
    about = DESIGN if DESIGN in study.findings else MAIN
    design = study.findings[about].rung
    if people and max(people) < SMALL_BELOW and not animals:
        found.append(caveat(SMALL, counted))
    if design in {"randomised", "uncontrolled"} and people and times and max(times) < YEAR:
        found.append(caveat(SHORT, about))
    if re.search(r"open-label|unblinded|unmasked|not blinded", text):
        found.append(caveat(NOT_BLINDED, about))
    if re.search(r"retrospective", text):
        found.append(caveat(LOOKED_BACK, about))
    if re.search(r"questionnaire|self-report|self report", text):
        found.append(caveat(SELF_REPORTED, about))
    if SAFETY in study.findings and _HARMED.search(text):
        found.append(caveat(SIDE_EFFECTS, SAFETY))
    return found


# --- who and what ----------------------------------------------------------------------------------------------------


def _name(source: SourceText, study_id: str) -> str:
    title = source.title or study_id
    if len(title) <= LONGEST_NAME:
        return title
    return title[:LONGEST_NAME].rsplit(" ", 1)[0].rstrip(" ,;:")


def _institution(source: SourceText, paper: Paper | None) -> str:
    return guesses.institution_in([*(paper.affiliations if paper else ()), source.title, source.body])


def _address(text: str) -> str | None:
    doi = doi_of(text)
    return f"https://doi.org/{doi}" if doi else None


def _watch(source: SourceText, paper: Paper | None) -> Watch:
    numbers = registry_numbers(f"{source.body} {' '.join(paper.trials) if paper else ''}")
    doi = (paper.doi if paper else None) or doi_of(source.body)
    return Watch(dois=(doi,) if doi else (), numbers=numbers, registry=registry_page(numbers))


def _classes(source: SourceText, design: Design) -> dict[str, tuple[str, ...]]:
    given = guesses.wordable(guesses.treatment_in(source.title, source.body))
    condition = guesses.wordable(guesses.condition_in(source.title, source.body))
    classes: dict[str, tuple[str, ...]] = {}
    if given:
        classes["treatment"] = (given.lower(),)
    if condition:
        classes["condition"] = (condition.lower(),)
    if design is Design.ANIMALS:
        named = [word for word in ("mice", "rats", "monkeys", "pigs", "zebrafish") if word in source.body.lower()]
        # Here they are the patients, and no other study's animals.
        classes["mask-elsewhere"] = ("mouse|mice|rats|rodents|animals", *named[1:])
        classes["patients"] = (*named, "animals")
    return framed(classes)


def framed(classes: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """The classes with what a number of this study stands beside: what was given, and to whom."""
    frame = (*classes.get("treatment", ()), *classes.get("condition", ()), *classes.get("patients", ()))
    return {**classes, "study-frame": frame} if frame else classes


def _terms(study: Study, source: SourceText, paper: Paper | None) -> Terms:
    who = [name for name in (*study.people, study.institution, paper.journal if paper else "") if name]
    what = [
        *study.classes.get("treatment", ()),
        *study.classes.get("condition", ()),
        *guesses.title_words(source.title),
    ]
    terms = Terms(
        must={
            "who": tuple(dict.fromkeys(filter(None, map(guesses.wordable, who)))) or (INSTITUTION,),
            "what": tuple(dict.fromkeys(filter(None, map(guesses.wordable, what)))) or (STUDIED,),
        },
        about_if=(("who", "what"),),
        also=study.watch.numbers,
    )
    return terms if clean(source.body) else replace(terms, must={**terms.must, "what": (STUDIED,)})
