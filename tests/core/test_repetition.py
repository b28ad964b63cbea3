"""Which claim it is, and in which words it is made."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.errors import NotFoundError
from monitor.core.judgement import Drift
from monitor.core.repetition import ClaimKey, Wording, claim_key, wordings

SLUG = st.from_regex(r"[a-z0-9][a-z0-9-]{1,20}", fullmatch=True)


@given(SLUG, st.sampled_from(Drift), st.just("") | SLUG)
def test_an_id_leads_back_to_its_claim(study, drift, finding):
    key = ClaimKey(study, drift, finding)
    assert claim_key(str(key)) == key


@pytest.mark.parametrize(
    "text", ["", ".", "..", "keio", "keio.", "keio.no-drift", ".overstated-outcome", "keio/overstated-outcome"]
)
def test_what_is_no_id_is_told(text):
    with pytest.raises(NotFoundError):
        claim_key(text)


def test_spellings_of_the_same_words_are_one_told_as_most_spell_them():
    found = wordings(
        [("Walking  again", 2), ("walking again", 5), ("WALKING AGAIN", 1), ("cured", 3), ("École", 1), ("école", 1)],
        most=3,
    )
    assert found == (
        Wording(quote="walking again", times=8),
        Wording(quote="cured", times=3),
        Wording(quote="école", times=2),
    )
    assert wordings([], most=3) == ()
