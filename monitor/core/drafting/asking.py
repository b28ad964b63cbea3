"""What a draft asks: every field that a text leaves unsure, as a question that a press officer can answer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from monitor.core.drafting.blanks import FINDING, INSTITUTION, MAIN, SAFETY, TITLE
from monitor.core.drafting.design import Design
from monitor.core.question import BETWEEN, Asked, Question

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitor.core.drafting.design import Seen
    from monitor.core.papers import Paper
    from monitor.core.study import Study

PUBLISHED = {
    "in a peer-reviewed journal": "peer-reviewed",
    "as a preprint": "preprint",
    "announced, and not published": "announced",
}
APPROVED, NOT_APPROVED, NO_APPROVAL = "yes", "no", "it is nothing that is approved"
CONFIRM = "confirm"


def first_questions(study: Study, seen: Seen, paper: Paper | None) -> tuple[Question, ...]:
    """What is to be asked of a new draft, in the order in which it is easily answered."""
    return tuple(_questions(study, seen, paper))


def _questions(study: Study, seen: Seen, paper: Paper | None) -> Iterator[Question]:
    if study.reference.title == TITLE:
        yield Question(
            id="title",
            key="sources.paper.title",
            asks="What is the title of the paper or release?",
            why="Every flag tells where the finding stands.",
        )
    if study.institution == INSTITUTION:
        yield Question(
            id="institution",
            key="institution",
            asks="Which institution did the study?",
            why="A text that names it and what was studied is about the study.",
        )
    if not study.people:
        yield Question(
            id="people",
            key="people",
            asks="Who led the study? Give the surnames that a news story would name.",
            why="Many stories name a researcher and no institution.",
            kind=Asked.LIST,
            required=False,
        )
    if study.findings[MAIN].sentence == FINDING:
        yield Question(
            id=MAIN,
            key="findings.main.sentence",
            asks="What did the study find, in one sentence?",
            why="Claims are compared with what was found.",
        )
    if not seen.sure:
        yield design_question("" if seen.design is Design.UNKNOWN else seen.design.value)
    if paper is None:
        yield Question(
            id="published",
            key="findings.peer-review",
            asks="How did the results appear?",
            why="A text that calls unreviewed results peer reviewed is wrong.",
            kind=Asked.CHOICE,
            choices=tuple(PUBLISHED),
            proposal=_appeared(study.abstract),
        )
    yield Question(
        id="treatment",
        key="classes.treatment",
        asks="Which words does a news story use for what was given, done or looked at?",
        why="Claims are looked for beside these words; a mention of the study holds one of them.",
        kind=Asked.LIST,
        proposal=BETWEEN.join(study.classes.get("treatment", ())),
    )
    yield Question(
        id="condition",
        key="classes.condition",
        asks="Which words does it use for the condition or the matter that was studied?",
        why="They tell a cure of this condition from a cure of another.",
        kind=Asked.LIST,
        proposal=BETWEEN.join(study.classes.get("condition", ())),
        required=bool(study.classes.get("condition")),
    )
    if seen.design.treats or seen.design is Design.UNKNOWN:
        yield Question(
            id="approval",
            key="findings.approval",
            asks="Is it approved for this use anywhere?",
            why="Patients look for clinics that offer what they read is approved.",
            kind=Asked.CHOICE,
            choices=(APPROVED, NOT_APPROVED, NO_APPROVAL),
        )
        if SAFETY not in study.findings:
            yield Question(
                id="harm",
                key="findings.safety",
                asks="Did the study look for side effects?",
                why="Of a study that did not look for harm nobody can say that it found none.",
                kind=Asked.YES_NO,
                required=False,
            )
    yield Question(
        id="too-far",
        key="ladders.outcome.1.says",
        asks="Which words would say more than the study found? Cures are known already.",
        why="These words are flagged wherever a text claims them of the study.",
        kind=Asked.LIST,
        required=False,
    )
    yield Question(
        id="interest",
        key="findings.interest.sentence",
        asks="Who paid for the study, and what do its authors gain by it? Answer in one sentence.",
        why="A fair account names interests, and one that denies them is wrong.",
        required=False,
    )
    yield Question(
        id=CONFIRM,
        key="",
        asks="Have you read every line of the sheet, and is it right?",
        why="It was drafted by a program, and texts are judged by it.",
        kind=Asked.YES_NO,
    )


def _appeared(text: str) -> str:
    """How the text itself says that the results appeared; "" if it does not."""
    journal, preprint, announced = PUBLISHED
    lowered = text.lower()
    if re.search(r"preprint|medrxiv|biorxiv|not (?:been |yet )*peer.reviewed", lowered):
        return preprint
    if re.search(r"presented (?:today |yesterday )?at|conference|congress", lowered):
        return announced
    return journal if re.search(r"published (?:today |online )?in|doi\.org|\b10\.\d{4}", lowered) else ""


def design_question(proposal: str) -> Question:
    return Question(
        id="design",
        key="findings.efficacy",
        asks="What kind of study is it?",
        why="The design decides whether a text may say that one thing caused another.",
        kind=Asked.CHOICE,
        choices=tuple(design.value for design in Design if design is not Design.UNKNOWN),
        proposal=proposal,
    )


def rewording(finding: str, sentence: str, quote: str) -> Question:
    """Of a sentence that goes too far for a finding."""
    return Question(
        id=finding,
        key=f"findings.{finding}.sentence",
        asks=f"How would you say in one sentence what was found here? The text says: “{sentence}”",
        why=f"The rules take “{quote}” for drift, so it cannot stand as a finding.",
    )


def naming(was: str) -> Question:
    """Of a title that goes too far for a name."""
    return Question(
        id="name",
        key="name",
        asks="What shall the study be called here, in a few plain words?",
        why=f"The title, “{was}”, goes too far by the rules themselves.",
    )
