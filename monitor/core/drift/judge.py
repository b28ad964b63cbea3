"""The Judge: one study and one ruleset, compiled. Reads a text once and runs the passes over it, in their order.

cues -> attribution -> context -> evidence -> claims (`annotation`: the sentences with all of it) -> features -> classifier
-> ensemble, then the text as a whole (`document`), one flag per place (`flags`), and the score.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING

from monitor.core.drift.annotation import Annotated
from monitor.core.drift.claims import asserts
from monitor.core.drift.compile import compile_rules, right_numbers, sentences_of
from monitor.core.drift.document import answered, caveats_in, debunks, omissions
from monitor.core.drift.ensemble import CANDIDATE, Ensemble, Ruled, reads
from monitor.core.drift.features import Features
from monitor.core.drift.flags import NearFindings, flag_of, tidy
from monitor.core.drift.score import score
from monitor.core.judgement import Assessment
from monitor.core.model import Kind
from monitor.core.rules.phrase import Class
from monitor.core.rules.scan import Scanner
from monitor.core.text.doc import read
from monitor.core.text.lang import is_judged

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from monitor.core.drift.claims import Claim
    from monitor.core.drift.compile import CompiledRules
    from monitor.core.drift.ensemble import Silence
    from monitor.core.drift.ruleset import RuleSet
    from monitor.core.judgement import Flag
    from monitor.core.study import Study
    from monitor.core.text.doc import Doc, Sentence
    from monitor.core.text.ranges import Ranges

#: The flags of a text that corrects others count less.
DEBUNK_FACTOR = 0.5


class Judge:
    """Judges texts about one study with one ruleset. Immutable once made; can be used from many threads."""

    def __init__(self, study: Study, ruleset: RuleSet, *, everything: bool = False) -> None:
        """Compile; raises PhraseError for a phrase or word class that cannot be read (the loader finds these first).

        `everything` lets omission rules speak on texts of any length: a rule's examples need not be articles.
        """
        self._study, self._everything, self._digest = study, everything, ruleset.digest
        self._compiled = compile_rules(study, ruleset.rules, ruleset.classes)
        self._numbers = right_numbers(study)
        self._authors = frozenset(_said_by_authors(study))
        self.near = NearFindings(self._compiled)
        self._ensemble = None if ruleset.classifier is None else Ensemble(ruleset.classifier, self._compiled, self.near)

    def assess(self, title: str, text: str, *, kind: Kind, lang: str, on: date | None = None) -> Assessment:
        """Judge one text; see `drift.assess`."""
        flags, present = ([], ()) if self._holds_nothing(title, text, lang) else self._read(title, text, kind, lang, on)
        flags = tidy(flags)
        total, score_parts = score(flags)
        return Assessment(
            flags=tuple(flags),
            caveats_present=present,
            caveats_missing=tuple(
                c.slug
                for c in self._study.caveats
                if c.required and c.slug not in present and self._study.in_force(c.finding, on)
            ),
            score=total,
            ruleset=self._digest,
            score_parts=score_parts,
        )

    def _read(
        self, title: str, text: str, kind: Kind, lang: str, on: date | None
    ) -> tuple[list[Flag], tuple[str, ...]]:
        """The flags of a text that has to be read to tell, and the caveats that it tells."""
        parts = {where: self.annotate(read(part), lang) for where, part in (("title", title), ("text", text))}
        flags = [flag for where, part in parts.items() for flag in self.flags_in(part, where, lang)]
        headline, body = parts["title"].matcher, parts["text"].matcher
        present = caveats_in(parts.values(), self._study.caveats)
        if kind is Kind.ARTICLE:
            context, slots = parts["text"].context, parts["text"].slots
            flags.extend(
                omissions(self._compiled, body, context, slots, present=present, lang=lang, any_length=self._everything)
            )
        elif kind is Kind.POST:
            flags = _take_back(flags, answered(parts["text"]))
        flags = [flag for flag in flags if self._study.in_force(flag.finding, on)]
        if debunks(headline, body, present, flags):
            flags = [replace(flag, confidence=round(flag.confidence * DEBUNK_FACTOR, 2)) for flag in flags]
        return flags, present

    def _holds_nothing(self, title: str, text: str, lang: str) -> bool:
        """Does a text that the classifier does not read hold nothing that a rule or caveat could be found in? Its bare words say so, and
        it need not be read.
        """
        return not self.has_reader(lang) and not (self._scanner.possible(title) or self._scanner.possible(text))

    @cached_property
    def _scanner(self) -> Scanner:
        """All that can be found in a text: the rules' phrases, the caveats, and the benefit that calls for what is left out."""
        classes = ("benefit-claim", *(f"sheet-caveat-{caveat.slug}" for caveat in self._study.caveats))
        phrases = [pattern.parts for rule in self._compiled.rules for pattern in rule.patterns]
        return Scanner([*phrases, *((Class(name),) for name in classes)], self._compiled.lexicon)

    def annotate(self, doc: Doc, lang: str) -> Annotated:
        """A title or text after the passes that come before the classifier."""
        return Annotated(doc, self._compiled.lexicon, self._compiled.rules, lang)

    @property
    def compiled(self) -> CompiledRules:
        """The rules that it judges by."""
        return self._compiled

    def flags_in(self, part: Annotated, where: str, lang: str) -> list[Flag]:
        """The flags of a title or text by themselves, before the text as a whole is looked at."""
        by_sentence: list[list[Ruled]] = [[] for _ in part.doc.sentences]
        theirs = self._theirs(part)
        for hit in part.hits:
            if hit.match.sentence in theirs and hit.compiled.rule.when is None:
                continue
            flag = flag_of(hit.compiled.rule, hit.pattern, hit.match, doc=part.doc, where=where, study=self._study)
            by_sentence[hit.match.sentence].append(
                Ruled(flag, hit.compiled.rule, quoted=part.quoted(hit.match, flag.drift))
            )
        if self._ensemble is None or not reads(lang):
            return [ruled.flag for flags in by_sentence for ruled in flags]
        return list(self._ensemble.join(part, Features(part, self._numbers), by_sentence, where))

    def _theirs(self, part: Annotated) -> frozenset[int]:
        """The sentences that the study's authors wrote, word for word: who repeats one does not drift from the study. Only
        what contradicts the sheet itself is still told in them.
        """
        if not self._authors:
            return frozenset()
        return frozenset(at for at, said in enumerate(sentences_of(part.doc)) if said in self._authors)

    def seen(self, doc: Doc) -> list[tuple[Mapping[str, Sequence[int]], frozenset[str]]]:
        """Of each sentence of an English text what the classifier sees, and the rules that hit it outside quotation marks."""
        part = self.annotate(doc, "en")
        features = Features(part, self._numbers)
        hit: list[set[str]] = [set() for _ in doc.sentences]
        for found in part.hits:
            if not part.quoted(found.match, found.compiled.rule.drift):
                hit[found.match.sentence].add(found.compiled.rule.id)
        return [(features.of(sentence.index), frozenset(hit[sentence.index])) for sentence in doc.sentences]

    def alone(self, text: str, *, lang: str) -> bool:
        """Would the classifier take a sentence of the text for drift if no rule spoke? False where it does not read."""
        if self._ensemble is None or not reads(lang):
            return False
        part = self.annotate(read(text), lang)
        features = Features(part, self._numbers)
        return any(self._ensemble.alone(features.names(sentence.index)) for sentence in part.doc.sentences)

    def silence(self, part: Annotated, sentence: Sentence) -> Silence | None:
        """Why the classifier says nothing of a sentence by itself; None if it may speak, or if there is none."""
        return None if self._ensemble is None else self._ensemble.silence(part.doc, sentence)

    def has_reader(self, lang: str) -> bool:
        """Does the classifier read this language?"""
        return self._ensemble is not None and reads(lang)

    @property
    def look_here(self) -> float:
        """From this probability on the classifier raises a sentence by itself; 1 without one."""
        return 1.0 if self._ensemble is None else self._ensemble.look_here

    def likely_alone(self, part: Annotated, lang: str) -> Sequence[float]:
        """Of each sentence how likely it drifts by the classifier's reading alone, 0 to 1; none where it does not read."""
        if self._ensemble is None or not reads(lang):
            return ()
        features = Features(part, self._numbers)
        return [self._ensemble.probability(features.names(sentence.index)) for sentence in part.doc.sentences]

    def claims(self, text: str, *, lang: str) -> list[Claim]:
        """What each sentence that says anything of the study claims, in reading order."""
        annotated = self.annotate(read(text), lang)
        seen = (annotated.sentence(sentence.index) for sentence in annotated.doc.sentences)
        return [one.claim for one in seen if asserts(one.classes, one.evidence)]


def _said_by_authors(study: Study) -> Iterator[tuple[str, ...]]:
    """The sentences of the abstract and its title as folded words, and the findings that are one of them without a section's
    name before it ("Conclusions: ...").
    """
    if not study.abstract:
        return
    theirs = [*sentences_of(read(study.abstract)), *sentences_of(read(study.reference.title))]
    yield from theirs
    for finding in study.findings.values():
        for said in sentences_of(read(finding.sentence)):
            if any(one[-len(said) :] == said for one in theirs):
                yield said


def _take_back(flags: Iterable[Flag], where: Ranges) -> list[Flag]:
    """Flags that stand in these ranges of the text are candidates at most."""
    return [
        replace(flag, confidence=min(flag.confidence, CANDIDATE))
        if flag.span.where == "text" and where.hold(flag.span.start, flag.span.end)
        else flag
        for flag in flags
    ]


_JUDGES: OrderedDict[tuple[str, str], Judge] = OrderedDict()
_LOCK = Lock()
#: Back-tests hold two rulesets, each study one more; beyond that the oldest is compiled again when asked for.
MOST_JUDGES = 16


def can_lack(lang: str, *, partial: bool) -> bool:
    """Can be said what a text leaves out? Not if only a part of it was read, nor in a language without rules: it is judged as a
    post is.
    """
    return not partial and is_judged(lang)


def judge_for(study: Study, ruleset: RuleSet) -> Judge:
    """The compiled Judge of a study and ruleset; made once per digest."""
    key = (study.id, ruleset.digest)
    with _LOCK:
        if ruleset.digest and key in _JUDGES:
            _JUDGES.move_to_end(key)
            return _JUDGES[key]
    judge = Judge(study, ruleset)
    if ruleset.digest:
        with _LOCK:
            _JUDGES[key] = judge
            while len(_JUDGES) > MOST_JUDGES:
                _JUDGES.popitem(last=False)
    return judge
