"""A draft made to pass its own words before anybody sees it: what contradicts its text, or finds nothing, is taken out again.

The same questions as `hypewatch studies check` asks; here their answer mends the draft. What only a person can mend, a
sentence that the rules take for drift, becomes a question.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from monitor.core.drafting.asking import CONFIRM, naming, rewording
from monitor.core.drafting.blanks import FINDING, MAIN
from monitor.core.drafting.quantities import Kept
from monitor.core.drift.compile import word_classes
from monitor.core.evaluation.own_words import failed_words
from monitor.core.rules.lexicon import Lexicon
from monitor.core.rules.matcher import Matcher
from monitor.core.rules.phrase import parse
from monitor.core.rules.rule import When
from monitor.core.text.doc import read

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from monitor.core.drafting.draft import SheetDraft
    from monitor.core.drift.ruleset import RuleSet
    from monitor.core.evaluation.own_words import Failed
    from monitor.core.judgement import Flag
    from monitor.core.question import Question
    from monitor.core.study import Keys, Quantity, Study

#: Taking a phrase out uncovers another one's failure at most so often.
MOST_ROUNDS = 8
_HIDDEN = "the words around it are not read as a number of the study when they stand alone"


def settled(draft: SheetDraft, ruleset: RuleSet) -> SheetDraft:
    """The draft without what it fails by its own words; a round asks all of it, and mends all that it can."""
    for _ in range(MOST_ROUNDS):
        failed = tuple(failed_words(draft.study, ruleset))
        if not failed:
            break
        mended = _mended(draft, failed, ruleset)
        if mended.study == draft.study:
            break
        draft = mended
    open_ = any(question.required for question in draft.study.questions)
    return replace(draft, study=replace(draft.study, draft=draft.study.draft or open_))


def _mended(draft: SheetDraft, failed: Iterable[Failed], ruleset: RuleSet) -> SheetDraft:
    study = draft.study
    out: set[Keys] = set()
    for one in failed:
        if one.flag is None:
            out.add(one.keys)
            continue
        words = next(text for keys, text in study.own_words() if keys == one.keys) if _own(study, one.keys) else ""
        rule = next((rule for rule in ruleset.rules if rule.id == one.flag.rule), None)
        if rule is not None and rule.when is When.DIFFERS:
            study = _allowing(study, words, one.flag)
        elif rule is not None and rule.when is not None and (hits := _behind(study, words, one.flag, ruleset)):
            out |= hits
        else:
            study = _asked(study, one.keys, one.flag)
    lost = {quantity.id for quantity in study.quantities}
    study = _without(study, out)
    lost -= {quantity.id for quantity in study.quantities}
    gone = tuple(
        Kept(finding=quantity.finding, written=_range(quantity), why=_HIDDEN)
        for quantity in draft.study.quantities
        if quantity.id in lost
    )
    return replace(draft, study=study, kept=(*draft.kept, *gone))


def _own(study: Study, keys: Keys) -> bool:
    return any(at == keys for at, _ in study.own_words())


def _range(quantity: Quantity) -> str:
    return ", ".join(f"{low:g}" if low == high else f"{low:g} to {high:g}" for low, high in quantity.allowed)


def _behind(study: Study, words: str, flag: Flag, ruleset: RuleSet) -> set[Keys]:
    """The phrases of the sheet that found the flagged words: of higher rungs, and of what findings rule out."""
    lexicon = Lexicon(word_classes(study, ruleset.classes))
    matcher = Matcher(read(words), lexicon)

    def hit(phrase: str) -> bool:
        found = matcher.find(lexicon.resolve(parse(phrase)))
        return any(match.start < flag.span.end and flag.span.start < match.end for match in found)

    hits: set[Keys] = set()
    for ladder in study.ladders.values():
        for at, rung in enumerate(ladder.rungs):
            hits |= {("ladders", ladder.id, at, "says", n) for n, phrase in enumerate(rung.says) if hit(phrase)}
    for finding in study.findings.values():
        for at, entry in enumerate(finding.excludes):
            hits |= {
                ("findings", finding.id, "not", at, "says", n) for n, phrase in enumerate(entry.says) if hit(phrase)
            }
    return hits


def _allowing(study: Study, words: str, flag: Flag) -> Study:
    """The study with the numbers allowed that stand in the flagged words."""
    lexicon = Lexicon({})
    matcher = Matcher(read(words), lexicon)
    made = []
    for quantity in study.quantities:
        caught = {
            (number, number)
            for phrase in quantity.says
            for match in matcher.find(lexicon.resolve(parse(phrase)))
            if match.start < flag.span.end and flag.span.start < match.end
            for number in match.numbers
        }
        made.append(replace(quantity, allowed=tuple(sorted({*quantity.allowed, *caught}))))
    return replace(study, quantities=tuple(made))


def _asked(study: Study, keys: Keys, flag: Flag) -> Study:  # noqa: PLR0911 - one line for each place in a sheet
    """A sentence that no phrase of the sheet makes drift: a person says it in other words. A generated one goes."""
    name = keys[1] if keys[:1] == ("findings",) and len(keys) > 2 else None
    if keys[:1] == ("caveats",):
        return replace(study, caveats=tuple(one for one in study.caveats if one.slug != keys[1]))
    if keys == ("abstract",):
        return replace(study, abstract="")
    if keys == ("name",):
        return replace(study, name=_plainly(study), questions=_with(study.questions, naming(study.name)))
    if keys == ("reference",) or keys[-1] == "source":
        return _without_title(study)
    if not isinstance(name, str) or name not in study.findings:
        return study
    finding = study.findings[name]
    if keys[2] == "correction":
        return replace(study, findings={**study.findings, name: replace(finding, correction=None)})
    if keys[2] != "sentence" or finding.sentence == FINDING:
        return study
    question = rewording(name, finding.sentence, flag.span.quote)
    if finding.ladder is None and name != MAIN and not any(q.finding == name for q in study.quantities):
        # It says no more than that it goes too far: the sheet is better without it.
        kept = {key: one for key, one in study.findings.items() if key != name}
        caveats = tuple(one for one in study.caveats if one.finding != name)
        return replace(study, findings=kept, caveats=caveats)
    return replace(
        study,
        findings={**study.findings, name: replace(finding, sentence=FINDING)},
        questions=_with(study.questions, question),
    )


def _with(questions: Sequence[Question], new: Question) -> tuple[Question, ...]:
    """The questions with one more, asked before the last: whether all is right."""
    others = [one for one in questions if one.id not in {new.id, CONFIRM}]
    return (*others, new, *(one for one in questions if one.id == CONFIRM))


def _plainly(study: Study) -> str:
    """A name that claims nothing."""
    what = next(iter((*study.classes.get("treatment", ()), *study.classes.get("condition", ()))), study.id)
    return f"Study of {what}"


def _without_title(study: Study) -> Study:
    """The study with a plain name in the place of its source's title, which goes too far."""
    plain = replace(study.reference, title=f"Text on the {_plainly(study)[:1].lower()}{_plainly(study)[1:]}")
    findings = {
        key: replace(one, reference=plain) if one.reference == study.reference else one
        for key, one in study.findings.items()
    }
    return replace(study, reference=plain, findings=findings)


def _without(study: Study, out: set[Keys]) -> Study:
    """The study without the phrases at these places, and without what has none left."""
    ladders = {
        ladder.id: replace(
            ladder,
            rungs=tuple(
                replace(
                    rung,
                    says=tuple(p for n, p in enumerate(rung.says) if ("ladders", ladder.id, at, "says", n) not in out),
                )
                for at, rung in enumerate(ladder.rungs)
            ),
        )
        for ladder in study.ladders.values()
    }
    findings = {}
    for finding in study.findings.values():
        entries = []
        for at, entry in enumerate(finding.excludes):
            place = ("findings", finding.id, "not", at, "says")
            says = tuple(p for n, p in enumerate(entry.says) if (*place, n) not in out)
            if says:
                entries.append(replace(entry, says=says))
        numbered = tuple(replace(entry, id=f"{finding.id}-{at}") for at, entry in enumerate(entries))
        findings[finding.id] = replace(finding, excludes=numbered)
    quantities = []
    for quantity in study.quantities:
        says = tuple(p for n, p in enumerate(quantity.says) if ("quantities", quantity.id, "says", n) not in out)
        if says:
            quantities.append(replace(quantity, says=says))
    caveats = tuple(one for one in study.caveats if ("caveats", one.slug, "says") not in out)
    return replace(study, ladders=ladders, findings=findings, quantities=tuple(quantities), caveats=caveats)
