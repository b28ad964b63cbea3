"""Answers to a draft's questions, put where they belong in the sheet."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from monitor.core.drafting import asking, guesses
from monitor.core.drafting.blanks import APPROVED, BLANKS, FINDING, INSTITUTION, SAFETY, STUDIED, TITLE
from monitor.core.drafting.blanks import INTEREST as INTERESTS
from monitor.core.drafting.design import Design
from monitor.core.drafting.designs import APPROVAL, INTEREST, NO_HARM_STUDIED, NOT_APPROVED, caveat
from monitor.core.drafting.draft import SheetDraft, framed, with_design, with_rung
from monitor.core.drafting.quantities import readable
from monitor.core.drafting.source_text import clean
from monitor.core.errors import UsageError
from monitor.core.question import Asked
from monitor.core.study import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from monitor.core.question import Question
    from monitor.core.study import Caveat, Study

Answer = str | bool | list[str] | tuple[str, ...]
#: No answer is longer; no list has more items.
MOST_CHARACTERS, MOST_ITEMS = 1_000, 20
_YES, _NO = frozenset({"yes", "y", "true"}), frozenset({"no", "n", "false"})
#: Closes a question that is not required without an answer.
NONE = frozenset({"none", "-"})


def questions(draft: SheetDraft) -> tuple[Question, ...]:
    """What is still open, in the order in which it is asked."""
    return draft.study.questions


def answer(draft: SheetDraft, answers: Mapping[str, Answer]) -> SheetDraft:
    """The draft with the answers (by a question's id) filled in; "" and "?" leave a question open. Raises UsageError for an
    answer that cannot be, and for one to a question that is not asked.
    """
    asked = {question.id: question for question in draft.study.questions}
    study = draft.study
    for key, given in answers.items():
        if key not in asked:
            raise UsageError(
                f"Nothing is asked by the name {key!r}.", f"Open are: {', '.join(asked) or 'no questions'}."
            )
        if said := problem_of(asked[key], given):
            raise UsageError(f"{asked[key].asks} {said}")
    for key in (key for key in asked if key in answers):
        given = _as_text(answers[key])
        if given in {"", "?"} or (key == asking.CONFIRM and given.lower() in _NO):
            continue
        if not (given.lower() in NONE and not asked[key].required):
            items = _items(answers[key])
            study = _APPLY.get(key, _reworded(key))(study, _choice(asked[key], given), items)
        study = replace(study, questions=tuple(left for left in study.questions if left.id != key))
    still = any(question.required for question in study.questions) or _blank(study)
    return replace(draft, study=replace(study, draft=still))


def _blank(study: Study) -> bool:
    held = [study.institution, study.reference.title, *(one.sentence for one in study.findings.values())]
    return bool(BLANKS & {*held, *(word for words in study.terms.must.values() for word in words)})


def problem_of(question: Question, given: Answer) -> str:
    """Why this is no answer to the question, as a sentence; "" if it is one."""
    text = _as_text(given)
    if text in {"", "?"} or (text.lower() in NONE and not question.required):
        return ""
    if question.kind is Asked.YES_NO:
        return "" if text.lower() in _YES | _NO else "Answer yes or no."
    if question.kind is Asked.CHOICE:
        known = text.lower() in {choice.lower() for choice in question.choices} or _number(question, text) is not None
        return "" if known else f"Answer with one of: {', '.join(question.choices)}."
    items = _items(given) if question.kind is Asked.LIST else (text,)
    if any(len(item) > MOST_CHARACTERS for item in items) or len(items) > MOST_ITEMS:
        return f"That is too long: at most {MOST_ITEMS} answers of {MOST_CHARACTERS:,} characters each."
    if question.kind is Asked.LIST:
        bad = next((item for item in items if not guesses.wordable(item) or not readable(guesses.wordable(item))), None)
        return f"“{bad}” holds no word that a text could be searched for." if bad is not None else ""
    return "" if any(char.isalnum() for char in text) else "Answer in words."


def _as_text(given: Answer) -> str:
    if isinstance(given, bool):
        return "yes" if given else "no"
    return "; ".join(map(str, given)) if isinstance(given, list | tuple) else " ".join(clean(str(given)).split())


def _items(given: Answer) -> tuple[str, ...]:
    items = given if isinstance(given, list | tuple) else _as_text(given).replace(";", ",").split(",")
    return tuple(dict.fromkeys(kept for item in items if (kept := " ".join(clean(str(item)).split()))))


def _number(question: Question, text: str) -> int | None:
    """A choice may be told by its number, from 1."""
    return int(text) - 1 if text.isdecimal() and len(text) < 4 and 0 < int(text) <= len(question.choices) else None


def _choice(question: Question, text: str) -> str:
    if question.kind is not Asked.CHOICE:
        return text
    at = _number(question, text)
    if at is not None and text not in question.choices:
        return question.choices[at]
    return next((choice for choice in question.choices if choice.lower() == text.lower()), text)


# --- where each goes -------------------------------------------------------------------------------------------------


def _title(study: Study, text: str, _items: Sequence[str]) -> Study:
    reference = replace(study.reference, title=text)
    findings = {
        key: replace(one, reference=reference) if one.reference.title == TITLE else one
        for key, one in study.findings.items()
    }
    what = tuple(dict.fromkeys((*_known(study.terms.must.get("what", ())), *guesses.title_words(text))))
    return _with_terms(replace(study, reference=reference, findings=findings), "what", what)


def _institution(study: Study, text: str, _items: Sequence[str]) -> Study:
    study = replace(study, institution=text)
    return _with_terms(study, "who", (*_known(study.terms.must.get("who", ())), guesses.wordable(text)))


def _people(study: Study, _text: str, items: Sequence[str]) -> Study:
    names = tuple(map(guesses.wordable, items))
    classes = {**study.classes, "team": names, "team-names": names}
    study = replace(study, people=names, classes=classes)
    return _with_terms(study, "who", (*_known(study.terms.must.get("who", ())), *names))


def _design(study: Study, text: str, _items: Sequence[str]) -> Study:
    return with_design(study, Design(text), f"{study.reference.title}\n{study.abstract}")


def _published(study: Study, text: str, _items: Sequence[str]) -> Study:
    return with_rung(study, asking.PUBLISHED[text])


def _words(name: str) -> Callable[[Study, str, Sequence[str]], Study]:
    def apply(study: Study, _text: str, items: Sequence[str]) -> Study:
        words = tuple(guesses.wordable(item).lower() for item in items)
        was = study.classes.get(name, ())
        what = (*(word for word in _known(study.terms.must.get("what", ())) if word.lower() not in was), *words)
        return _with_terms(replace(study, classes=framed({**study.classes, name: words})), "what", what)

    return apply


def _approval(study: Study, text: str, _items: Sequence[str]) -> Study:
    if text == asking.NO_APPROVAL:
        return study
    approved = text == asking.APPROVED
    finding = Finding(
        id=APPROVED,
        sentence="The treatment is approved." if approved else "The treatment is not approved.",
        reference=study.reference,
        as_of=study.as_of,
        ladder=APPROVAL.id,
        rung="approved" if approved else "in-trial",
    )
    study = replace(
        study,
        findings={**study.findings, APPROVED: finding},
        ladders={**study.ladders, APPROVAL.id: APPROVAL},
    )
    return study if approved else _with_caveat(study, caveat(NOT_APPROVED, APPROVED))


def _harm(study: Study, text: str, _items: Sequence[str]) -> Study:
    if text.lower() in _YES:
        return study
    finding = Finding(id=SAFETY, sentence=NO_HARM_STUDIED[2], reference=study.reference, as_of=study.as_of)
    return _with_caveat(replace(study, findings={**study.findings, SAFETY: finding}), caveat(NO_HARM_STUDIED, SAFETY))


def _too_far(study: Study, _text: str, items: Sequence[str]) -> Study:
    ladder = study.ladders.get("outcome")
    if ladder is None:
        return study
    top = ladder.rungs[-1]
    top = replace(top, says=tuple(dict.fromkeys((*map(guesses.wordable, items), *top.says))))
    return replace(study, ladders={**study.ladders, "outcome": replace(ladder, rungs=(*ladder.rungs[:-1], top))})


def _interest(study: Study, text: str, _items: Sequence[str]) -> Study:
    finding = Finding(id=INTERESTS, sentence=text, reference=study.reference, as_of=study.as_of)
    study = replace(study, findings={**study.findings, INTERESTS: finding})
    return _with_caveat(study, replace(caveat(INTEREST, INTERESTS), required=False))


def _confirm(study: Study, _text: str, _items: Sequence[str]) -> Study:
    return study


def _reworded(key: str) -> Callable[[Study, str, Sequence[str]], Study]:
    def apply(study: Study, text: str, _items: Sequence[str]) -> Study:
        found = study.findings.get(key)
        if found is None:
            return study
        return replace(study, findings={**study.findings, key: replace(found, sentence=text)})

    return apply


def _name(study: Study, text: str, _items: Sequence[str]) -> Study:
    return replace(study, name=text)


_APPLY: dict[str, Callable[[Study, str, Sequence[str]], Study]] = {
    "name": _name,
    "title": _title,
    "institution": _institution,
    "people": _people,
    "design": _design,
    "published": _published,
    "treatment": _words("treatment"),
    "condition": _words("condition"),
    "approval": _approval,
    "harm": _harm,
    "too-far": _too_far,
    "interest": _interest,
    asking.CONFIRM: _confirm,
}


def _known(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(word for word in words if word not in {INSTITUTION, STUDIED, FINDING})


def _with_terms(study: Study, group: str, words: Sequence[str]) -> Study:
    kept = tuple(dict.fromkeys(filter(None, words)))
    must = {**study.terms.must, **({group: kept} if kept else {})}
    return replace(study, terms=replace(study.terms, must=must))


def _with_caveat(study: Study, new: Caveat) -> Study:
    return replace(study, caveats=(*(kept for kept in study.caveats if kept.slug != new.slug), new))
