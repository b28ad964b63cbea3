"""Links of one person in a mail that was rendered for many."""

import re
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from monitor.core.digests.signed_links import LIVES, Action, mail_number, verify
from monitor.mail.places import Places

KEY, NOW = "k" * 32, datetime(2026, 3, 4, 7, tzinfo=UTC)
LINK = re.compile(r"/l/([a-z]+)/([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)")
FILLED = tuple(action for action in Action if action is not Action.CONFIRM)


@given(st.sampled_from(FILLED), st.integers(0, 2**62), st.integers(1, 2**62), st.integers(0, 2**96 - 1))
def test_a_place_becomes_the_link_of_its_person(action, number, subscription_id, mail):
    places = Places("https://watch.example.org", KEY, "a|2026-03-04")
    filled = places.filler(subscription_id, mail, NOW)(places.place(action, number))
    (found,) = LINK.findall(filled)
    ids = verify(KEY, found[1], action, NOW)
    assert found[0] == action
    if action in LIVES:
        assert ids == (number, subscription_id, int(NOW.timestamp()))
        assert verify(KEY, found[1], action, NOW + 2 * LIVES[action]) is None
    else:
        assert ids == ((subscription_id, mail) if action is Action.ISSUE else (subscription_id,))


def test_each_reader_has_links_of_their_own_in_what_is_otherwise_the_same_mail(days, printer, printed, subscription):
    made = days["heavy"]
    other = replace(subscription, id=9, subscriber=replace(subscription.subscriber, id=8, email="bo@example.org"))
    ours, theirs = printed(made), printed(made, other)
    for one, whose in ((ours, subscription), (theirs, other)):
        links = LINK.findall(one.html) + LINK.findall(one.text)
        assert len(links) > 20
        for action, token in links:
            ids = verify(printer.key, token, Action(action), NOW)
            at = 0 if len(ids) == 1 or action == "issue" else 1
            assert ids[at] == whose.id, action
            if action == "issue":
                assert ids[1] == mail_number(one.message_id)
    assert LINK.sub("", ours.html) == LINK.sub("", theirs.html)
    assert LINK.sub("", ours.text) == LINK.sub("", theirs.text)
    mark = Places(printer.base_url, printer.key, f"{made.study_id}|{made.local_date}").mark
    assert mark not in ours.html + ours.text + ours.mime.decode()


def test_a_headline_cannot_say_a_place(heavy, compose_it, printed, printer, subscription):
    """Whoever does not know the key cannot write what becomes a link of each reader."""
    other = Places(printer.base_url, "another key", "keio-ips-sci|2026-03-04").place(Action.UNSUBSCRIBE)
    hostile = tuple(replace(m, title=f"{m.title} {other}") for m in heavy.mentions)
    made = compose_it(replace(heavy, mentions=hostile))
    mail = printed(made)
    assert other in mail.text.replace("\n  ", " ") or other in mail.html
    tokens = {token for action, token in LINK.findall(mail.html) if action == "unsubscribe"}
    assert len(tokens) == 1
