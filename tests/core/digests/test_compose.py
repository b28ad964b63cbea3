"""What a digest says and leaves out: ranking, thresholds, the line at the top, the subject."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitor.core.digests.compose import compose, needs_you, tells_fixed
from monitor.core.digests.digest import DigestInput, FeedHealth, FixedFlag, FixedText, StoryLine
from monitor.core.digests.lines import SUBJECT_MAX
from monitor.core.digests.subscribers import Wishes
from monitor.core.feeds.health import HostFault, Silence
from monitor.core.judgement import Drift, Flag, Severity, Span
from monitor.core.mention import FlagState, Mention, Source, StoredFlag, TextFrom, Verdict
from monitor.core.model import DateConfidence, Kind, Network
from monitor.core.text.excerpt import sentence_around
from monitor.core.translation import Said
from monitor.library.wording import wording as catalogue
from tests.fakes.studies import bare_study

NOW = datetime(2026, 3, 3, 7, 0, tzinfo=UTC)

STUDY = bare_study("s", "Study")
TEXT = "A man is walking again. So they say."


def flag(number: int = 1, *, quote: str = "walking again", text: str = TEXT, review: str | None = None, **changes):
    start = text.index(quote)
    values = {
        "rule": "r",
        "drift": Drift.OVERSTATED_OUTCOME,
        "severity": Severity.HIGH,
        "confidence": 0.9,
        "span": Span(start=start, end=start + len(quote), quote=quote),
        "message": "m",
    }
    return StoredFlag(
        id=number,
        mention_id=number,
        flag=Flag(**(values | changes)),
        ruleset="sha256:x",
        state=FlagState.ACTIVE,
        raised_at=NOW,
        raised_in=1,
        review=review,
    )


def mention(number: int, *flags: StoredFlag, weight: int = 2, followers: int | None = None, **changes) -> Mention:
    source = Source(
        id=number, key=f"s{number}", name=f"Source {number}", network=Network.WEB, weight=weight, followers=followers
    )
    values = {
        "id": number,
        "study_id": "s",
        "identity": f"i{number}",
        "kind": Kind.ARTICLE,
        "network": Network.WEB,
        "source": source,
        "url": None,
        "title": f"Title {number}",
        "text": TEXT,
        "author": "",
        "lang": "en",
        "published": NOW - timedelta(hours=10 - number / 10),
        "date_confidence": DateConfidence.EXACT,
        "first_seen": NOW,
        "text_from": TextFrom.PAGE,
        "revision": 1,
        "because": (),
        "score": 50,
        "caveats_present": (),
        "caveats_missing": (),
        "flags": flags,
    }
    return Mention(**(values | changes))


def fixed_flag(number: int, network: Network, lang: str) -> FixedFlag:
    """A flag whose text was corrected."""
    closed = replace(flag(number), state=FlagState.FIXED)
    return FixedFlag(flag=closed, mention_id=number, source="S", title="T", url=None, network=network, lang=lang)


def given(*mentions: Mention, **changes) -> DigestInput:
    values = {
        "mentions": mentions,
        "stories": {},
        "fixed": (),
        "feeds": (FeedHealth(title="Wire", last_success_at=NOW, problem=None),),
        "since": NOW - timedelta(days=1),
        "daily": (0,) * 28,
        "daily_flagged": (0,) * 28,
    }
    return DigestInput(**(values | changes))


def digest(what: DigestInput, threshold: Severity = Severity.LOW, **changes):
    return compose(
        what,
        STUDY,
        now=NOW,
        local_date=NOW.date().isoformat(),
        wishes=Wishes(threshold=threshold),
        ruleset="sha256:x",
        budget={"x": 100},
        **changes,
    )


# --- what needs you --------------------------------------------------------------------------------------------------


def told(*mentions: Mention, threshold: Severity = Severity.LOW) -> list[int]:
    """The mentions whose claim needs somebody, in the order of the cards and on each card."""
    return [telling.mention.id for card in needs_you(mentions, threshold) for telling in card.tellings]


def one_item(*mentions: Mention, **changes):
    (item,) = digest(given(*mentions, **changes)).needs
    return item


def test_drift_times_reach_ranks():
    assert told(
        mention(1, flag(), score=80, weight=1),
        mention(2, flag(), score=70, weight=5),
        mention(3, flag(), score=10, weight=5),
        mention(4, flag(), score=80, followers=1_000_000),
    ) == [4, 2, 1, 3]


@pytest.mark.parametrize(
    "quiet",
    [
        flag(confidence=0.79),
        flag(mailed=False),
        flag(review=Verdict.DISMISSED),
        flag(review=Verdict.NOT_ABOUT),
        replace(flag(), state=FlagState.FIXED),
        replace(flag(), state=FlagState.WITHDRAWN),
        flag(severity=Severity.LOW),
    ],
    ids=["candidate", "on trial", "dismissed", "not about", "fixed", "withdrawn", "below the threshold"],
)
def test_what_is_not_mailed(quiet):
    assert told(mention(1, quiet), threshold=Severity.MEDIUM) == []


def test_an_upheld_flag_is_told():
    assert told(mention(1, flag(review=Verdict.UPHELD))) == [1]


def test_one_voice_for_a_story_with_its_copies_and_who_said_it_first():
    members = [mention(n, flag(n), story_id=7, weight=w) for n, w in ((1, 1), (2, 5), (3, 2), (4, 1))]
    item = one_item(*members)
    assert (item.lead.mention_id, item.mentions, item.first_said_by, item.lead.copies) == (
        2,
        4,
        "Source 1",
        ("Source 1", "Source 3", "Source 4"),
    )


def test_who_said_it_first_may_have_been_told_before():
    story = StoryLine(id=7, title="t", members=3, new=1, first_source="Old Wire", first_at=NOW - timedelta(days=3))
    item = one_item(mention(1, flag(), story_id=7), stories={7: story})
    assert (item.first_said_by, item.lead.copies) == ("Old Wire", ())


def test_the_worst_flag_speaks_for_its_claim():
    flags = (
        flag(1, severity=Severity.MEDIUM, confidence=1.0),
        flag(2, confidence=0.85),
        flag(3, confidence=0.95),
        flag(4, confidence=0.85, correction="say this"),
    )
    item = one_item(mention(1, *flags))
    assert (item.lead.flag_id, item.correction) == (4, Said(words="say this"))


def test_what_the_study_found_is_told_once_however_many_say_otherwise():
    told = [mention(n, flag(n, finding="walking", found="Nobody walks."), story_id=n) for n in range(1, 8)]
    item = one_item(*told)
    assert (len(item.voices), item.more, item.mentions) == (4, 3, 7)


def test_three_claims_need_you_seven_more_are_told_and_the_rest_counted():
    made = digest(given(*(mention(n, flag(n, finding=f"f{n}"), score=100 - n) for n in range(1, 15))))
    assert ([i.lead.mention_id for i in made.needs], [i.lead.mention_id for i in made.also], made.also_more) == (
        [1, 2, 3],
        [4, 5, 6, 7, 8, 9, 10],
        4,
    )


def test_of_one_text_the_claim_that_misleads_most_comes_first():
    text = "It established a new treatment. He is walking again. The cells went into the brain."
    flags = (
        flag(
            1,
            quote="established a new treatment",
            text=text,
            drift=Drift.STATUS_ERROR,
            finding="approval",
            confidence=0.97,
        ),
        flag(2, quote="walking again", text=text, finding="walking", confidence=0.9),
        flag(3, quote="into the brain", text=text, drift=Drift.MECHANISM_ERROR, finding="place", confidence=0.9),
    )
    made = digest(given(mention(1, *flags, text=text)))
    assert [item.lead.said for item in made.needs] == ["walking again", "into the brain", "established a new treatment"]


@pytest.mark.parametrize(
    ("changes", "when"),
    [
        ({}, "Mon 2 Mar, 21:06"),
        ({"date_confidence": DateConfidence.DAY}, "Mon 2 Mar"),
        ({"date_confidence": DateConfidence.NONE}, "read Tue 3 Mar"),
        ({"published": NOW - timedelta(days=400)}, "27 Jan 2025"),
    ],
    ids=["to the minute", "a day", "not told", "of another year"],
)
def test_a_date_says_as_much_as_is_known(changes, when):
    assert one_item(mention(1, flag(), **changes)).lead.when == when


def test_old_material_that_is_found_now_is_told_as_such():
    made = digest(given(mention(1), mention(2, published=NOW - timedelta(days=400))))
    assert "1 of them was published earlier and is found only now." in made.opening


def test_candidates_are_counted_once_and_not_beside_what_is_confirmed():
    made = digest(given(mention(1, flag(1, confidence=0.3)), mention(2, flag(2), flag(3, confidence=0.3)), mention(3)))
    assert made.look_here == 1


def test_worth_sharing_is_accurate_long_and_caveated():
    caveats = ("small-study", "no-control-group")
    good, better = mention(1, caveats_present=caveats), mention(2, caveats_present=(*caveats, "safety-was-the-aim"))
    flagged = mention(3, flag(3, confidence=0.2), caveats_present=caveats)
    post = mention(4, kind=Kind.POST, caveats_present=caveats)
    thin = mention(5, caveats_present=caveats[:1])
    assert digest(given(good, better, flagged, post, thin)).sharing == (better, good)


def test_a_corrected_text_is_one_line_whatever_it_was_flagged_for():
    closed = [
        replace(flag(n, quote=q), state=FlagState.FIXED)
        for n, q in ((1, "A man"), (2, "walking again"), (3, "they say"))
    ]
    closed[0] = replace(closed[0], flag=replace(closed[0].flag, severity=Severity.LOW))
    told = [
        FixedFlag(flag=f, mention_id=9, source="Wire", title="New title", url=None, network=Network.WEB, lang="en")
        for f in closed
    ]
    other = FixedFlag(flag=closed[1], mention_id=8, source="Radio", title="", url=None, network=Network.WEB, lang="en")
    made = digest(given(fixed=(*told, other)))
    assert made.fixed == (
        FixedText(mention_id=9, source="Wire", title="New title", url=None, said="walking again", more=2),
        FixedText(mention_id=8, source="Radio", title="", url=None, said="walking again", more=0),
    )
    assert (made.subject, made.quiet) == ("2 corrected, nothing new: 1 source read", False)


# --- the lines -------------------------------------------------------------------------------------------------------

WELL = FeedHealth(title="Wire", last_success_at=NOW, problem=None)
ILL = FeedHealth(title="Radio", last_success_at=None, problem="It did not answer.")


@pytest.mark.parametrize(
    ("what", "opening", "subject"),
    [
        (given(), "Nothing new since Mon 2 Mar, 07:00. The source was read.", "Nothing new: 1 source read"),
        (
            given(feeds=(WELL, ILL)),
            "Nothing new since Mon 2 Mar, 07:00. 1 of 2 sources could not be read.",
            "Nothing new: 1 of 2 sources read",
        ),
        (
            given(mention(1), first=True),
            "Your first digest. 1 mention since Mon 2 Mar, 07:00. None overstates. About 1 min.",
            "0 drift, 1 new: nothing needs you",
        ),
        (
            given(mention(1, flag()), mention(2), feeds=(WELL, WELL)),
            "2 mentions since Mon 2 Mar, 07:00. 1 overstates. About 1 min.",
            "1 drift, 2 new: “walking again” in Source 1",
        ),
        (
            given(mention(1, flag()), daily=(0,) * 20 + (1, 2, 3, 4, 5, 6, 7, 8)),
            "1 mention since Mon 2 Mar, 07:00 (on a usual day 4.5: the median of 8 days). 1 overstates. About 1 min.",
            "1 drift, 1 new: “walking again” in Source 1",
        ),
    ],
    ids=["quiet", "quiet and blind", "first", "one drifts", "with a usual day"],
)
def test_the_line_at_the_top_and_the_subject(what, opening, subject):
    made = digest(what)
    assert (made.opening, made.subject) == (opening, subject)


def test_the_usual_day_is_not_told_before_there_was_a_week():
    assert "usual" not in digest(given(mention(1), daily=(0,) * 22 + (3,) * 6)).opening


@pytest.mark.parametrize("words", [1, 5, 20, 80])
@pytest.mark.parametrize("name", ["S", "A very long name of an outlet that nobody would ever print whole"])
def test_a_subject_is_never_longer_than_60(words, name):
    text = "very " * words + "walking"
    what = mention(1, flag(quote=text, text=text), text=text)
    made = digest(given(replace(what, source=replace(what.source, name=name))))
    assert len(made.subject) <= SUBJECT_MAX
    assert made.subject.startswith("1 drift, 1 new: ")


def test_a_quiet_day_has_nothing_new_and_nothing_fixed():
    assert digest(given()).quiet
    assert not digest(given(mention(1))).quiet


def test_a_week_ends_with_today():
    made = digest(given(mention(1, flag()), daily=(*(0,) * 22, 1, 2, 3, 4, 5, 6), daily_flagged=(0,) * 27 + (2,)))
    assert made.week_words == "Wed 1/0, Thu 2/0, Fri 3/0, Sat 4/0, Sun 5/0, Mon 6/2, Tue 1/1"
    assert (made.moved, digest(given(mention(1))).moved) == (True, False)


def test_the_last_bar_of_a_mail_of_several_days_is_one_day():
    days = {"daily": (0,) * 27 + (4,), "daily_flagged": (0,) * 27 + (1,)}
    older = mention(2, flag(2), first_seen=NOW - timedelta(days=2))
    made = digest(given(mention(1, flag(), first_seen=NOW - timedelta(hours=3)), older, **days))
    assert (made.new, made.drifting) == (2, 2)
    assert made.week_words.endswith("Mon 4/1, Tue 1/1")


def test_a_host_that_fails_is_told_once_and_a_silent_feed_by_its_history():
    failed = "videos.example has nothing at this address (404)."
    fault = HostFault(
        host="videos.example", failing=frozenset({1, 2, 3}), asked=4, since=NOW - timedelta(hours=5), sentence=failed
    )
    made = digest(
        given(
            feeds=(
                *(
                    FeedHealth(title=f"Channel {n}", last_success_at=NOW, problem=failed, with_host=True)
                    for n in range(3)
                ),
                FeedHealth(title="Old Quay", last_success_at=None, problem="It is empty."),
                FeedHealth(title="Wire", last_success_at=NOW, problem=None, silence=Silence(usual=5, days=6)),
                FeedHealth(title="Lantern", last_success_at=NOW, problem=None),
            ),
            host_faults=(fault,),
        )
    )
    since = "Tue 3 Mar, 02:00"
    assert made.unread == (
        f"videos.example fails for 3 of 4 feeds since {since}: not your feeds. {failed}",
        "Old Quay: never read yet. It is empty.",
    )
    assert made.silent == ("Wire: It used to bring 5 a day and has brought nothing for 6 days.",)
    assert made.read == ("Wire", "Lantern")
    assert "4 of 6 sources could not be read." in made.opening


def test_what_was_spent_is_told_by_its_name():
    assert digest(given(spent={"x": 40})).spent == ("X: 40 of 100 paid reads used this month.",)


@pytest.mark.parametrize(
    ("text", "quote", "around"),
    [
        ("One. A man is walking again. Two.", "walking again", "A man is walking again."),
        ("Is he walking? Yes.", "walking", "Is he walking?"),
        ("彼は歩いた。奇跡だ。", "歩いた", "彼は歩いた。"),
        ("line\nwalking on\nline", "walking", "walking on"),
        ("walking", "walking", "walking"),
    ],
)
def test_the_sentence_around_the_words(text, quote, around):
    start = text.index(quote)
    assert sentence_around(text, start, start + len(quote)) == around


def test_a_long_sentence_is_cut_around_the_words():
    text = "word " * 100 + "walking again" + " word" * 100
    start = text.index("walking")
    cut = sentence_around(text, start, start + 13)
    assert "walking again" in cut
    assert len(cut) <= 260
    assert (cut[0], cut[-1]) == ("…", "…")


@pytest.mark.parametrize(
    ("changes", "review", "told"),
    [
        ({}, None, True),
        ({}, Verdict.UPHELD, True),
        ({}, Verdict.DISMISSED, False),
        ({"confidence": 0.1}, None, False),
        ({"mailed": False}, None, False),
    ],
    ids=["as mailed", "upheld", "called wrong", "a candidate", "on trial"],
)
def test_a_correction_is_news_of_what_a_digest_would_have_told(changes, review, told: bool):
    assert tells_fixed(replace(flag(**changes, review=review), state=FlagState.FIXED)) is told


def test_a_text_in_a_language_without_rules_is_told_as_not_judged_and_never_as_accurate():
    told = ("small-study", "no-control-group")
    german = [mention(number, lang="de", caveats_present=told) for number in (1, 2)]
    made = digest(
        given(*german, mention(3, lang="en", caveats_present=told), mention(4, lang="", caveats_present=told))
    )
    assert made.unjudged == (("not judged (German)", 2),)
    assert (made.new, made.judged) == (4, 2)
    assert {shared.id for shared in made.sharing} == {3, 4}
    assert "None overstates. 2 not judged (German)." in made.opening
    assert made.subject == "0 drift, 4 new: 2 not judged"
    alone = digest(given(*german))
    assert (alone.judged, alone.sharing) == (0, ())
    assert "overstate" not in alone.opening
    assert ("German", 2) in alone.languages


def test_what_a_rule_of_your_own_flags_is_told_in_any_language():
    made = digest(given(mention(1, flag(), lang="de")))
    assert (made.drifting, made.unjudged) == (1, ())


@pytest.mark.parametrize(
    ("language", "words"), [("en", "An account on X"), ("ja", "Xのアカウント"), ("es", "Una cuenta en X")]
)
def test_an_account_of_which_only_the_number_is_known_is_told_in_the_readers_language(language, words):
    nobody = Source(id=9, key="x:id:121381991114083", name="An account on X", network=Network.X)
    post = {"kind": Kind.POST, "network": Network.X, "story_id": 7}
    known = {"first_source": "An account on X", "first_key": nobody.key}
    story = StoryLine(id=7, title="T", members=3, new=2, first_at=NOW - timedelta(days=3), **known)
    corrected = replace(fixed_flag(5, Network.X, "en"), source=nobody.name, source_key=nobody.key)
    what = given(
        replace(mention(1, flag(1), **post), source=nobody),
        mention(2, flag(2), weight=5, **post),
        stories={7: story},
        fixed=(corrected,),
    )
    made = digest(what, wording=catalogue(language))
    (item,) = made.needs
    assert (item.lead.source, item.lead.copies, item.first_said_by) == ("Source 2", (words,), words)
    assert (made.grew[0].first_source, made.fixed[0].source) == (words, words)
