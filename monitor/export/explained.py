"""Why a rule flags or does not, for people: a sentence for each step, and the shape that commands and pages give as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from monitor.core.drift.explanation import Aside, Check
from monitor.core.judgement import DRIFT_CONFIDENCE, flag_fields
from monitor.core.model import Kind
from monitor.core.rules.phrase import unmatched_signs
from monitor.core.rules.rule import Within
from monitor.core.text.lang import language_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from monitor.core.drift.explanation import Checked, Explanation

#: What each guard says of the words, to follow "The words are there, but".
GUARDS: Mapping[str, str] = {
    "negated": "they are denied",
    "refuted": "they are refuted",
    "elsewhere": "they are told of another study, or of animals",
    "hedged": "they are told as a possibility",
    "aim": "they are told as an aim or a hope",
    "question": "they are a question",
    "before": "they tell of the time before the treatment",
    "condition": "they are bound to a condition",
    "team": "they are the team's own words, told as theirs",
    "asked": "they are asked",
    "name": "they are part of a name",
}
#: Of which sentences the second reader says nothing.
SILENCES: Mapping[str, str] = {
    "short": "it has too few words for a judgement by words",
    "question": "it is a question",
    "own-words": "the fact sheet itself says so",
}
_WHERE: Mapping[str, str] = {
    Within.PHRASE.value: "within the words",
    Within.SENTENCE.value: "in the sentence",
    Within.TEXT.value: "in the text",
}


def sentence(step: Checked) -> str:
    """One step as a sentence for a person."""
    return _SENTENCES[step.check](step)


def unheard(phrase: str) -> str:
    """Why a phrase with signs is left out where a rule is tried."""
    signs = unmatched_signs(phrase)
    return f"“{phrase}” cannot match as it stands: a phrase finds words, and not {'the sign' if len(signs) == 1 else 'the signs'} {signs}. It is left out here."


def said(words: Sequence[Any]) -> str:
    """Spans or words in quotation marks, with commas between."""
    return ", ".join(f"“{getattr(word, 'quote', word)}”" for word in words)


def explanation_row(found: Explanation) -> dict[str, Any]:
    """An explanation as output holds it."""
    return {
        "rule": found.rule,
        "flagged": found.flag is not None,
        "stopped_by": found.stopped.check.value if found.stopped else None,
        "steps": [step_row(step) for step in found.steps],
        "flag": None if found.flag is None else flag_fields(found.flag),
    }


def step_row(step: Checked) -> dict[str, Any]:
    """A step as output holds it; empty parts are left out."""
    row: dict[str, Any] = {"check": step.check.value, "passed": step.passed, "says": sentence(step)}
    spans = [
        {"start": span.start, "end": span.end, "quote": span.quote} | ({"in": "title"} if span.where == "title" else {})
        for span in step.spans
    ]
    parts = {
        "words": spans,
        "phrase": step.phrase,
        "missing": list(step.missing),
        "name": step.name,
        "aside": step.aside.value if step.aside else None,
        "before": step.before,
        "after": step.after,
    }
    return row | {key: value for key, value in parts.items() if value not in (None, "", [])}


def _status(step: Checked) -> str:
    return (
        f"The rule is in use ({step.name})."
        if step.passed
        else f"The rule is not in use: its status is {step.name}. Make it active or trial."
    )


def _studies(step: Checked) -> str:
    return "The rule is for this study." if step.passed else f"The rule is for {', '.join(step.missing)} only."


def _below(step: Checked) -> str:
    if step.passed:
        return f"The study has not reached {step.name}, up to which the rule speaks."
    return f"The study has reached {step.name}: what the rule flags may be said of it."


def _language(step: Checked) -> str:
    named = language_name(step.name)
    if step.passed and step.name in {"", "und"}:
        return "The language of the text cannot be told, so every rule reads it."
    if step.passed:
        return f"The rule reads texts in {named}."
    spoken = ", ".join("every language that is judged" if code == "*" else language_name(code) for code in step.missing)
    return f"The text is in {named}, and the rule is for {spoken}."


def _about(step: Checked) -> str:
    if step.passed:
        return f"It is about the study: it names {step.phrase}."
    if step.name:
        return f"It is about another study ({step.name})."
    if step.missing:
        return f"It is not about the study: it names none of {'; and none of '.join(step.missing)}."
    return "It is not about the study: a word stands in it that rules the study out."


def _whole(step: Checked) -> str:
    if step.passed:
        return "It is a whole article."
    return f"Only whole articles are asked what they leave out, and this is {'a post' if step.name == Kind.POST else 'a part'}."


def _length(step: Checked) -> str:
    return (
        "It is long enough for caveats."
        if step.passed
        else "It is too short for caveats: they are asked of 120 words or more."
    )


def _benefit(step: Checked) -> str:
    return (
        f"It asserts a benefit: {said(step.spans)}." if step.passed else "It asserts no benefit, so it owes no caveat."
    )


def _untold(step: Checked) -> str:
    if step.passed:
        return "It leaves out what the rule asks for."
    if step.spans:
        return f"It tells what the rule asks for: {said(step.spans)}."
    return f"It tells the caveats that the rule asks for: {step.phrase or ', '.join(step.missing)}."


def _words(step: Checked) -> str:
    if step.passed:
        return f"The rule's words are there: {said(step.spans)}."
    if not step.phrase:
        return "The rule has no words for this study: its fact sheet gives it none."
    if not step.missing:
        return f"The words of “{step.phrase}” are there, but not in this order, or too far apart."
    if step.missing == (step.phrase,):  # a phrase of one part: it is missing as a whole
        return f"The rule's words are not there. Nearest comes “{step.phrase}”."
    return f"The rule's words are not there. Nearest comes “{step.phrase}”: {said(step.missing)} is missing."


def _number(step: Checked) -> str:
    if step.passed:
        return f"The number differs from the fact sheet's: {said(step.spans)}."
    return f"The number is right: {said(step.spans)} is what the fact sheet says ({step.name})."


def _guard(step: Checked) -> str:
    if step.passed:
        return "They mean what they say: nothing denies, doubts or hopes them."
    what = GUARDS.get(step.name, f"they are taken back ({step.name})")
    place = {
        Aside.LATER: f" by the next sentence: {said(step.spans)}",
        Aside.BEFORE: f", as a sentence before says: {said(step.spans)}",
        Aside.BESIDE: f": {said(step.spans)}",
        Aside.FORM: "",
    }[step.aside or Aside.FORM]
    return f"The words are there, but {what}{place}."


def _slot(step: Checked) -> str:
    told = f": {said(step.spans)}" if step.spans else ""
    if step.passed:
        return f"Nothing says that they are told of anything but the {step.name}{told}."
    return f"The words are there, but told of something or somebody else than the study's {step.name}{told}."


def _unless(step: Checked) -> str:
    if step.passed:
        return "No exception of the rule holds."
    return f"Stopped by the exception “{step.phrase}”: {said(step.spans)} stands {_WHERE.get(step.name, 'there')}."


def _needs(step: Checked) -> str:
    if step.passed:
        return f"What the rule needs stands near: {said(step.spans)}."
    return f"What the rule needs is missing; near the words must stand one of {said(step.missing)}."


def _unruled(step: Checked) -> str:
    if step.passed:
        return f"No other rule speaks of the likeliest sentence: {said(step.spans)}."
    return f"The rule {step.name} speaks of the likeliest sentence ({said(step.spans)}), so the second reader does not."


def _sentence(step: Checked) -> str:
    if step.passed:
        return "It is a sentence that the second reader judges."
    return f"The second reader says nothing of the likeliest sentence ({said(step.spans)}): {SILENCES[step.name]}."


def _quoted(step: Checked) -> str:
    return (
        f"The words {said(step.spans)} stand in quotation marks: they are somebody's, so the flag is only worth a look."
    )


def _reader(step: Checked) -> str:
    if step.before is not None and step.spans:
        return f"The second reader thinks {said(step.spans)} likely faithful: {_per_cent(step.after)} for drift, and it speaks from {_per_cent(step.before)} on."
    if step.before is None:
        return f"The second reader takes {said(step.spans)} for drift ({_per_cent(step.after)})."
    sure = f"the rule alone is {_per_cent(step.before)} sure, with the second reader {_per_cent(step.after)}"
    if not step.passed:
        return f"The second reader takes the sentence for faithful: {sure}, so the flag is only worth a look."
    return f"How sure it is: {sure}."


def _per_cent(share: float | None) -> str:
    return f"{(share or 0) * 100:.0f} %"


def _spreads(step: Checked) -> str:
    return f"The text answers or corrects such claims, so the flag counts less ({_per_cent(step.before)}, now {_per_cent(step.after)})."


def _date(step: Checked) -> str:
    if step.passed:
        return f"What it is compared with held on the day of the text ({step.name})."
    return f"What it is compared with did not hold on the day of the text ({step.name})."


def _place(step: Checked) -> str:
    if step.passed:
        return f"Flagged: {said(step.spans)}."
    if step.name:
        return (
            f"The rule {step.name} flags the same words as the same kind of drift, and more strongly: {said(step.spans)}."
            if step.spans
            else f"The rule {step.name} says so already."
        )
    return "Another flag on the same words stands for it."


_SENTENCES: Mapping[Check, Callable[[Checked], str]] = {
    Check.STATUS: _status,
    Check.STUDIES: _studies,
    Check.BELOW: _below,
    Check.LANGUAGE: _language,
    Check.ABOUT: _about,
    Check.WHOLE: _whole,
    Check.LENGTH: _length,
    Check.BENEFIT: _benefit,
    Check.UNTOLD: _untold,
    Check.WORDS: _words,
    Check.NUMBER: _number,
    Check.NEEDS: _needs,
    Check.GUARD: _guard,
    Check.SLOT: _slot,
    Check.UNLESS: _unless,
    Check.UNRULED: _unruled,
    Check.SENTENCE: _sentence,
    Check.QUOTED: _quoted,
    Check.READER: _reader,
    Check.SPREADS: _spreads,
    Check.DATE: _date,
    Check.PLACE: _place,
}


def answer(found: Explanation) -> str:
    """The explanation in one sentence: flagged, worth a look, or what stopped it."""
    if found.flag is None:
        return "No flag."
    if found.flag.confidence < DRIFT_CONFIDENCE:
        return f"Flagged as worth a look: “{found.flag.span.quote}”."
    return f"Flagged: “{found.flag.span.quote}”."
