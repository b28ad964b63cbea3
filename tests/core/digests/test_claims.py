"""What goes too far, claim by claim."""

from __future__ import annotations

from dataclasses import replace

from monitor.core.digests.claims import claim_cards
from monitor.core.judgement import Drift
from monitor.core.mention import Verdict
from tests.core.digests.test_compose import flag, mention


def weight(found) -> float:
    return float(found.score)


def test_a_claim_stands_once_above_all_who_made_it():
    one = mention(1, flag(1, finding="walking"), score=90, story_id=7)
    two = mention(2, flag(2, finding="walking", drift=Drift.CAUSAL_OVERCLAIM), score=40, story_id=8)
    (card,) = claim_cards([two, one], weight)
    assert [telling.mention.id for telling in card.tellings] == [1, 2]
    assert (card.lead.id, card.mentions, card.first.id) == (1, 2, 1)
    assert card.tellings[0].sentence == "A man is walking again."


def test_two_claims_of_one_mention_are_two_cards_the_weightier_first():
    both = mention(1, flag(1, finding="walking", confidence=0.82), flag(2, finding="safety", confidence=0.95))
    assert [card.lead.flag.finding for card in claim_cards([both], weight)] == ["safety", "walking"]


def test_a_copy_is_no_telling_of_its_own():
    one = mention(1, flag(1), score=90, story_id=7)
    copy = mention(2, flag(2), score=80, story_id=7)
    (card,) = claim_cards([copy, one], weight)
    (telling,) = card.tellings
    assert (telling.mention.id, [m.id for m in telling.copies], card.mentions) == (1, [2], 2)


def test_what_was_called_wrong_is_on_trial_or_unsure_needs_nobody():
    wrong = mention(1, flag(1, review=Verdict.DISMISSED))
    trial = mention(2, flag(2, mailed=False))
    doubt = mention(3, flag(3, confidence=0.6))
    fixed = flag(4)
    assert claim_cards([wrong, trial, doubt, mention(4, replace(fixed, state="fixed"))], weight) == ()
