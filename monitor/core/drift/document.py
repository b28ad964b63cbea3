"""The whole text: which caveats does it tell, in any wording, what does an account of a benefit leave out, and does it
correct the hype rather than spread it?
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from monitor.core.drift.attribution import Speaker
from monitor.core.drift.compile import Pattern, speaks
from monitor.core.drift.flags import fill, flag_of
from monitor.core.drift.slots import Filler
from monitor.core.judgement import Drift
from monitor.core.rules.rule import Slot, Within
from monitor.core.text.ranges import Ranges

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from monitor.core.drift.annotation import Annotated, SentenceContext
    from monitor.core.drift.compile import CompiledRule, CompiledRules
    from monitor.core.drift.context import Context
    from monitor.core.drift.slots import Slots
    from monitor.core.judgement import Flag
    from monitor.core.rules.matcher import Match, Matcher
    from monitor.core.rules.rule import Rule
    from monitor.core.study import Caveat, Study
    from monitor.core.text.doc import Doc

#: A text that corrects others tells at least so many caveats itself.
DEBUNK_CAVEATS = 2
#: Sentences that refute; of texts written for the project, only debunks with caveats had so many.
DEBUNK_REFUTES = 3
#: So many flags inside quotations, and half of all: of 62 such texts only debunks quoted so, and spread hype did not.
DEBUNK_QUOTES = 2
#: Word classes of the fact sheet by which a sentence answers a claim.
ANSWERS = frozenset({"sheet-caveats", "sheet-agrees"})
#: A text this long has room for caveats (guide: 120 words); shorter ones are passing mentions.
LONG_ENOUGH = 120
#: Fewer of the required caveats than this, and the account is not fair.
ENOUGH_CAVEATS = 2


def caveats_in(parts: Iterable[Annotated], caveats: Sequence[Caveat]) -> tuple[str, ...]:
    """Slugs of the caveats that a title or text tells. One that is refuted, or put on the wrong people, is not told."""
    told = [(part, _distorted(part)) for part in parts]
    return tuple(
        caveat.slug
        for caveat in caveats
        if any(
            found.sentence not in distorted and not part.refuted_before(found)
            for part, distorted in told
            for found in part.matcher.class_found(f"sheet-caveat-{caveat.slug}")
        )
    )


def _distorted(part: Annotated) -> frozenset[int]:
    """The sentences that a rule finds distorted: a caveat pinned on those it does not belong to."""
    return frozenset(hit.match.sentence for hit in part.hits if hit.compiled.rule.drift is Drift.ATTRIBUTION_DISTORTION)


def omissions(
    compiled: CompiledRules,
    matcher: Matcher,
    context: Context,
    slots: Slots,
    *,
    present: Sequence[str],
    lang: str,
    any_length: bool = False,
) -> Iterator[Flag]:
    """What omission rules say of a text that is long enough and asserts a benefit; points at the first such sentence.

    A rule `about` one caveat asks for that one; a rule with phrases of its own asks for its finding once the text holds
    one of them; any other asks for enough of the caveats that are required. `present` are the slugs of those it tells.
    """
    rules = [omission for omission in compiled.omissions if speaks(omission.rule, lang)]
    if not rules or not (any_length or long_enough(matcher.doc)):
        return
    benefit = first_benefit(matcher, context, slots)
    if benefit is None:
        return
    study = compiled.study
    required = [caveat for caveat in study.caveats if caveat.required]
    enough = not required or sum(caveat.slug in present for caveat in required) >= ENOUGH_CAVEATS
    for omission in rules:
        rule = omission.rule
        if rule.any:
            yield from _unsaid(compiled, omission, matcher)
            continue
        if any(matcher.holds(parts) for parts in omission.unless[Within.TEXT]):
            continue
        if rule.about is None:
            lacking = [] if enough else [caveat for caveat in required if caveat.slug not in present]
        else:
            lacking = [c for c in study.caveats if c.slug == rule.about and c.slug not in present]
        if lacking:
            yield _omission(study, rule, matcher.doc, benefit, lacking)


def first_benefit(matcher: Matcher, context: Context, slots: Slots) -> Match | None:
    """The first words that assert a benefit of the study's: a therapist works and a shelf stands as well."""
    return next(
        (
            found
            for found in matcher.class_found("benefit-claim")
            if not any(context.hold(name, found) for name in ("negated", "refuted", "elsewhere", "question"))
            and _of_ours(matcher, slots, found)
        ),
        None,
    )


def _of_ours(matcher: Matcher, slots: Slots, found: Match) -> bool:
    """Is a benefit told of the study's treatment or patients? Only a treatment "works", whoever else does."""
    if slots.filled(Slot.TREATMENT, found) is Filler.OWN:
        return slots.filled(Slot.PATIENTS, found) is not Filler.ELSE
    works = any(work.first <= found.first < work.last for work in matcher.class_in("benefit-works", found.sentence))
    return not works and slots.filled(Slot.PATIENTS, found) in {Filler.OWN, Filler.BACK}


def _unsaid(compiled: CompiledRules, omission: CompiledRule, matcher: Matcher) -> Iterator[Flag]:
    """A flag at the first words that call for a finding which the text does not tell."""
    finding = compiled.study.finding(omission.rule.finding)
    if finding is None or any(
        matcher.holds(parts) for parts in (*compiled.said[finding.id], *omission.unless[Within.TEXT])
    ):
        return
    for pattern in omission.patterns:
        found = next(matcher.find(pattern.parts), None)
        if found is not None:
            yield flag_of(omission.rule, pattern, found, doc=matcher.doc, where="text", study=compiled.study)
            return


def _omission(study: Study, rule: Rule, doc: Doc, benefit: Match, lacking: Sequence[Caveat]) -> Flag:
    pattern = Pattern(parts=(), finding=lacking[0].finding)
    flag = flag_of(rule, pattern, benefit, doc=doc, where="text", study=study)
    told = " ".join(caveat.sentence for caveat in lacking)
    message = fill(rule.message.replace("{missing}", told), flag.span.quote, study.finding(flag.finding))
    return replace(flag, message=message, correction=f"Add: {told}")


def long_enough(doc: Doc) -> bool:
    """Has the text room for caveats? Japanese and Chinese have no spaces to count: two characters are about a word."""
    if len(doc.words) >= LONG_ENOUGH:
        return True
    cjk = 0 if doc.text.isascii() else sum("\u3040" <= char <= "\u9fff" for char in doc.text)
    return len(doc.words) + cjk // 2 >= LONG_ENOUGH


def debunks(title: Matcher, text: Matcher, caveats: Sequence[str], flags: Sequence[Flag]) -> bool:
    """Does the text correct the hype rather than spread it? Its title or first sentence says so, or it refutes again and
    again, or most of what is flagged in it are quotations; and it tells caveats.

    Claims are then quoted to be refuted, in more ways than guards can follow, so its flags are only worth a look.
    """
    if len(caveats) < DEBUNK_CAVEATS:
        return False
    says = title.sentences_with("debunks") or 0 in text.sentences_with("debunks")
    refutes = text.sentences_with("debunks") | text.sentences_with("guard-refuted")
    return bool(says) or len(refutes) >= DEBUNK_REFUTES or _quotes_what_it_flags(text, flags)


def answered(post: Annotated) -> Ranges:
    """Where a post tells what somebody else says, and its writer answers in the next sentence with what the study found or a
    caveat: "Walking by summer, says the advert. One of four stands." Such a claim is passed on to be answered. Of articles
    this does not hold: there a faithful sentence stands behind most claims.
    """
    sentences = post.doc.sentences
    hit = {found.match.sentence for found in post.hits}
    told = (
        at
        for at in range(len(sentences) - 1)
        if post.sentence(at).speaker is Speaker.OTHER and at + 1 not in hit and _answers(post.sentence(at + 1))
    )
    return Ranges(post.doc.span(sentences[at].start, sentences[at].end)[:2] for at in told)


def _answers(seen: SentenceContext) -> bool:
    return seen.speaker is Speaker.WRITER and not seen.classes.isdisjoint(ANSWERS)


def _quotes_what_it_flags(text: Matcher, flags: Sequence[Flag]) -> bool:
    spans = [flag.span for flag in flags if flag.is_drift and flag.span.where == "text"]
    quotations = Ranges(text.doc.span(*quotation)[:2] for quotation in text.doc.quotations)
    quoted = sum(quotations.hold(span.start, span.end) for span in spans)
    return quoted >= DEBUNK_QUOTES and quoted >= len(spans) / 2
