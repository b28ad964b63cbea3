"""What a person does not want to be told of is counted nowhere in their mail."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from monitor.core.digests.compose import compose
from monitor.core.digests.coverage import Coverage
from monitor.core.digests.digest import FeedHealth, StoryLine
from monitor.core.digests.subscribers import Wishes
from monitor.core.judgement import Drift, Severity
from monitor.core.model import Network
from monitor.library.wording import wording
from tests.core.digests.test_compose import NOW, STUDY, fixed_flag, flag, given, mention

DRIFTS = (Drift.OVERSTATED_OUTCOME, Drift.NUMBER_ERROR, Drift.SENSATIONAL_LANGUAGE)
NETWORKS = (Network.WEB, Network.X)
LANGUAGES = ("en", "ja", "de-AT")


def digest(what, **wishes):
    return compose(
        what,
        STUDY,
        wishes=Wishes(**wishes),
        now=NOW,
        local_date=NOW.date().isoformat(),
        ruleset="sha256:x",
        budget={},
    )


def test_networks_and_languages_that_are_not_wanted_are_not_told():
    web, post = mention(1, flag(1), lang="en"), mention(2, flag(2), network=Network.X, lang="en")
    german = mention(3, flag(3), lang="de-AT")
    stories = {7: StoryLine(id=7, title="T", members=9, new=3, first_source="A", first_at=NOW)}
    what = given(*(replace(one, story_id=7) for one in (web, post, german)), stories=stories)
    assert digest(what).new == 3
    on_web = digest(what, networks=(Network.WEB,))
    assert (on_web.new, on_web.drifting, on_web.networks, on_web.grew[0].new) == (2, 2, (("web", 2),), 2)
    assert digest(what, languages=("de",)).languages == (("German", 1),)
    none = digest(what, networks=(Network.REDDIT,))
    assert (none.quiet, none.needs, none.grew, none.subject) == (True, (), (), "Nothing new: 1 source read")


def test_a_kind_of_drift_that_is_not_wanted_is_told_by_nobody():
    both = mention(1, flag(1), flag(2, drift=Drift.NUMBER_ERROR, quote="So they say"))
    number = mention(2, flag(3, drift=Drift.NUMBER_ERROR))
    made = digest(given(both, number), drifts=(Drift.OVERSTATED_OUTCOME,))
    assert (made.new, made.drifting, len(made.needs)) == (2, 1, 1)
    assert made.needs[0].drift is Drift.OVERSTATED_OUTCOME


def test_what_drifts_otherwise_is_not_worth_sharing():
    """A text with a flag that this person does not want to hear of is still not one to pass on."""
    told = {"caveats_present": ("small-study", "not-peer-reviewed")}
    clean, flagged = mention(1, **told), mention(2, flag(2), **told)
    made = digest(given(clean, flagged), drifts=(Drift.NUMBER_ERROR,))
    assert [one.id for one in made.sharing] == [1]


@pytest.mark.parametrize(
    ("wishes", "count"),
    [({}, 2), ({"networks": (Network.X,)}, 1), ({"languages": ("ja",)}, 1), ({"drifts": (Drift.NUMBER_ERROR,)}, 0)],
)
def test_corrected_texts_are_told_as_they_would_have_been(wishes, count):
    one, other = fixed_flag(1, Network.X, "en"), fixed_flag(2, Network.WEB, "ja")
    assert len(digest(given(fixed=(one, other)), **wishes).fixed) == count


mentions = st.lists(
    st.tuples(st.sampled_from(NETWORKS), st.sampled_from(LANGUAGES), st.lists(st.sampled_from(DRIFTS), max_size=2)),
    max_size=6,
)


@for_all(
    mentions,
    st.sets(st.sampled_from(NETWORKS)),
    st.sets(st.sampled_from(("en", "ja", "de"))),
    st.sets(st.sampled_from(DRIFTS)),
)
def test_it_is_the_digest_of_what_is_wanted_alone(rows, networks, languages, drifts):
    everything = [
        mention(
            number,
            *(flag(10 * number + at, drift=drift) for at, drift in enumerate(kinds)),
            network=network,
            lang=lang,
            first_seen=NOW - timedelta(minutes=number),
        )
        for number, (network, lang, kinds) in enumerate(rows, 1)
    ]
    wanted = [
        replace(one, flags=tuple(f for f in one.flags if not drifts or f.flag.drift in drifts))
        for one in everything
        if (not networks or one.network in networks) and (not languages or one.lang[:2] in languages)
    ]
    asked = {"networks": tuple(networks), "languages": tuple(languages), "drifts": tuple(drifts)}
    # What is worth sharing is told by all flags, and where nothing is found the words say what was looked for.
    same = {"sharing": (), "calm": "", "opening": "", "subject": ""}
    assert replace(digest(given(*everything), **asked), **same) == replace(digest(given(*wanted)), **same)


# --- no clean bill for what was not looked for -----------------------------------------------------------------------


def test_that_nothing_needs_you_says_how_far_it_was_looked_for():
    high, number = mention(1, flag(1)), mention(2, flag(2, drift=Drift.NUMBER_ERROR, severity=Severity.LOW))
    some = digest(given(high), drifts=(Drift.NUMBER_ERROR,))
    assert some.subject == "0 drift, 1 new: nothing of the kinds you chose"
    assert "None goes too far in the kinds you chose." in some.opening
    assert some.calm == "Nothing needs you: none of the new mentions goes too far in the kinds you chose."
    mild = digest(given(number), threshold=Severity.HIGH)
    assert (mild.drifting, mild.needs) == (1, ())
    assert mild.calm == ("Nothing needs you: what goes too far is less severe than what you asked to be told in full.")
    assert digest(given(mention(3))).calm == (
        "Nothing needs you: none of the new mentions says more than the study found."
    )
    assert digest(given(high)).calm == digest(given(mention(4, lang="de"))).calm == digest(given()).calm == ""


def test_a_mail_of_a_part_says_of_which():
    coverage = Coverage(drifts=(Drift.NUMBER_ERROR,), networks=(Network.X, Network.WEB), languages=("ja", "de"))
    assert coverage.words(wording("en")) == "X, web, Japanese, German and wrong number"
    assert coverage.words(wording("ja")) == "X、ウェブ、日本語、ドイツ語、数値の誤り"
    assert Coverage().words(wording("es")) == ""


@pytest.mark.parametrize(
    ("networks", "feeds", "told"),
    [
        ((Network.MASTODON,), ("web",), "No source here reads Mastodon."),
        ((Network.X, Network.MASTODON), ("x",), "No source here reads Mastodon."),
        ((Network.MASTODON,), ("mastodon",), ""),
        ((Network.REDDIT,), ("web",), ""),  # its feeds are feeds of the web
        ((), ("web",), ""),
    ],
)
def test_that_nothing_was_found_where_no_source_reads_is_said(networks, feeds, told):
    health = tuple(FeedHealth(title=one, last_success_at=NOW, problem=None, network=one) for one in feeds)
    opening = digest(given(feeds=health), networks=networks).opening
    assert (told in opening) if told else ("No source here" not in opening)
    assert ("source was read" in opening) == (not told)
