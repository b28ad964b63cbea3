"""A fact sheet passes its own words: what it tells as found raises nothing, what it rules out raises a flag.

Asked of a sheet before it judges others: a phrase that finds nothing, and a finding that contradicts another one's
phrases, are told at their places. A sheet that fails still judges.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from monitor.core.drift.compile import reached, word_classes
from monitor.core.drift.judge import Judge
from monitor.core.judgement import DRIFT_CONFIDENCE, Drift
from monitor.core.model import Kind
from monitor.core.rules.lexicon import Lexicon
from monitor.core.rules.matcher import Matcher
from monitor.core.rules.phrase import parse
from monitor.core.rules.rule import When
from monitor.core.rules.wording import wording
from monitor.core.text.doc import is_cjk, read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from monitor.core.drift.ruleset import RuleSet
    from monitor.core.judgement import Flag
    from monitor.core.study import Keys, Quantity, Study

#: A phrase is a part of a sentence: it is alive if one of these makes a sentence of it that is flagged.
CARRIERS = ("{}.", "{name}: {}.", "The study {}.", "The patients {}.", "The treatment {}.", "The study was {}.")
#: Shared caveats that a study does not need which has reached a rung.
_NEEDLESS = {
    "caveat-no-control-group": ("evidence", "randomised"),
    "caveat-observational": ("evidence", "randomised"),
    "caveat-not-approved": ("approval", "approved"),
}
#: The numbers of a type that are tried when none beside the allowed ones is wrong.
_SHARES = tuple(percent / 100 for percent in (97, 93, 88, 77, 66, 55, 44, 33, 22, 11, 3))


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Words that a sheet rules out, where they stand in it, and as what drift they are to be flagged."""

    keys: Keys
    text: str
    drift: Drift


@dataclass(frozen=True, slots=True)
class Failed:
    """Words of a sheet that it does not pass. `what` is for the sheet's author, to follow the place."""

    keys: Keys
    what: str
    flag: Flag | None = None  # what was raised in words that should raise nothing


def failed_words(study: Study, ruleset: RuleSet) -> Iterator[Failed]:
    """Every word of its own that a study does not pass, with the rules alone and as the ruleset judges.

    Of what contradicts the sheet the rules alone must raise drift. With the classifier it must still raise a flag, be it a
    candidate: it was made for sentences, and these are pieces of such.
    """
    rules = Judge(study, replace(ruleset, classifier=None, digest=""))
    readers = [rules] if ruleset.classifier is None else [rules, Judge(study, ruleset)]
    own = [(keys, text, _language(text)) for keys, text in study.own_words()]
    own += [(keys, text, other) for other in study.translations for keys, text in study.own_words_in(other)]
    for keys, text, language in own:
        flag = next((flag for judge in readers for flag in _flags(judge, text, language) if flag.is_drift), None)
        if flag is not None:
            yield Failed(keys, f"says what was found, yet {flag.rule} flags “{flag.span.quote}” in it", flag)
    yield from _idle(study, ruleset)
    for words in contradictions(study, ruleset):
        carried = tuple(_carried(study, words.text))
        if not any(_raises(rules, words, text, least=DRIFT_CONFIDENCE) for text in carried):
            yield Failed(words.keys, f"finds nothing: “{words.text}” is not flagged as {words.drift}")
        elif not any(_raises(readers[-1], words, text, least=0.0) for text in carried):
            yield Failed(
                words.keys, f"loses its flag to the second reader: “{words.text}” is not flagged as {words.drift}"
            )


def _idle(study: Study, ruleset: RuleSet) -> Iterator[Failed]:
    """What stands in a sheet and can do nothing, or the wrong thing, whatever a text says."""
    read_by = {rule.about for rule in ruleset.rules if rule.when is When.ABOVE_LADDER}
    for ladder in study.ladders.values():
        on_it = study.finding_on(ladder.id)
        if ladder.id not in read_by:
            yield Failed(
                ("ladders", ladder.id),
                f"is read by no rule; there are rules for {', '.join(sorted(filter(None, read_by)))}",
            )
        elif on_it is None or on_it.rung is None:
            yield Failed(("ladders", ladder.id), "holds no finding, so nothing is above what was found")
        elif (
            not any(rung.says for rung in ladder.rungs[ladder.level(on_it.rung) + 1 :])
            and on_it.rung != ladder.rungs[-1].id
        ):
            yield Failed(("ladders", ladder.id), "says nothing above what was found, so no text can go too far")
    matcher_of = Lexicon(word_classes(study, ruleset.classes))
    for caveat in study.caveats:
        matcher = Matcher(read(caveat.sentence), matcher_of)
        if not any(matcher.holds(matcher_of.resolve(parse(phrase))) for phrase in caveat.says):
            yield Failed(("caveats", caveat.slug, "says"), "does not find the caveat's own sentence")
        ladder_id, rung = _NEEDLESS.get(_shared(caveat.says), ("", ""))
        if ladder_id and reached(study, (ladder_id, rung)):
            yield Failed(
                ("caveats", caveat.slug, "says"), f"is needed by no study that has reached “{rung}”, as this one has"
            )


def _shared(says: Sequence[str]) -> str:
    return next((phrase.strip("<>") for phrase in says if phrase.startswith("<caveat-")), "")


def _carried(study: Study, words: str) -> Iterator[str]:
    """Sentences that hold the words."""
    if is_cjk(words):
        yield f"{words}。"
        return
    for carrier in CARRIERS:
        sentence = carrier.format(words, name=study.institution)
        yield sentence[:1].upper() + sentence[1:]


def _raises(judge: Judge, words: Contradiction, text: str, *, least: float) -> bool:
    return any(flag.drift is words.drift and flag.confidence >= least for flag in _flags(judge, text, _language(text)))


def _flags(judge: Judge, text: str, language: str) -> Sequence[Flag]:
    return judge.assess("", text, kind=Kind.POST, lang=language).flags


def _language(text: str) -> str:
    """Of the sheet's own sentences, which are in English, and of its phrases, which may be Japanese."""
    return "ja" if is_cjk(text) else "en"


def contradictions(study: Study, ruleset: RuleSet) -> Iterator[Contradiction]:
    """What contradicts the sheet: each phrase of a `not` entry, each higher rung of a ladder that rules read, each quantity
    with a wrong number.
    """
    classes = word_classes(study, ruleset.classes)
    ladders = {rule.about: rule.drift for rule in ruleset.rules if rule.when is When.ABOVE_LADDER}

    def said(
        keys: Keys, phrases: Sequence[str], drift: Drift, number: Callable[[str], str] = str
    ) -> Iterator[Contradiction]:
        for at, phrase in enumerate(phrases):
            yield Contradiction((*keys, "says", at), wording(phrase, classes, number), drift)

    for finding in study.findings.values():
        for number, entry in enumerate(finding.excludes):
            yield from said(("findings", finding.id, "not", number), entry.says, entry.drift)
    for ladder in study.ladders.values():
        on_it = study.finding_on(ladder.id)
        if on_it is not None and on_it.rung is not None and ladder.id in ladders:
            for at in range(ladder.level(on_it.rung) + 1, len(ladder.rungs)):
                yield from said(("ladders", ladder.id, at), ladder.rungs[at].says, ladders[ladder.id])
    for quantity in study.quantities:
        yield from said(("quantities", quantity.id), quantity.says, Drift.NUMBER_ERROR, _wrong(quantity))


def _wrong(quantity: Quantity) -> Callable[[str], str]:
    """Words for a number of each type that the quantity neither allows nor ignores."""
    known = (*quantity.allowed, *quantity.ignore)
    edges = [edge for low, high in known for edge in (high * 3 + 1, high * 2, high + 1, low - 1)]

    def wrong(among: Sequence[float]) -> float:
        free = (value for value in among if value > 0 and not any(low <= value <= high for low, high in known))
        return next(free, among[0])

    whole = wrong([float(int(edge)) for edge in edges] or [7.0])
    words = {"share": f"{wrong(_SHARES) * 100:.0f} percent", "days": f"{whole:.0f} days"}
    return lambda kind: words.get(kind, f"{whole:.0f}")
