"""Who gets mail, in a real browser: added, changed, paused until a day, resumed, ended; without script; and with hostile words."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from monitor.core.digests.subscribers import Standing
from monitor.pipeline.subscribe import confirm
from tests.browser.barriers import barriers

HOSTILE = '"><img src=x onerror=window.hacked=1><script>window.hacked=1</script>'


def of(site, address: str):
    store = site.service.store
    return store.subscription_of(address, site.service.library.default().id)


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize("width", [360, 1280])
def test_from_an_address_to_a_pause_and_the_end(site, width, script):
    page = site.open("/digests", width=width, script=script)
    page.get_by_role("link", name="Add a person").first.click()
    page.get_by_label("Address").fill("ada@example.org")
    page.get_by_label(re.compile("^Name")).fill("Ada")
    page.get_by_label("Hour").fill("06:30")
    page.get_by_label(re.compile("^Time zone")).fill("Asia/Tokio")
    page.get_by_role("button", name="Ask them").click()
    page.get_by_text("Did you mean Asia/Tokyo?").wait_for()
    assert page.get_by_label("Hour").input_value() == "06:30"
    page.get_by_label(re.compile("^Time zone")).fill("Asia/Tokyo")
    page.get_by_role("button", name="Ask them").click()
    page.get_by_text("A mail that asks went to them.").wait_for()
    made = of(site, "ada@example.org")
    assert (made.is_asked, made.wishes.zone, made.subscriber.name) == (True, "Asia/Tokyo", "Ada")
    assert confirm(site.service.deps, made.subscriber.id, made.id)

    page.get_by_role("link", name="Subscribers").click()
    page.get_by_role("link", name="Ada").click()
    page.get_by_label("A report of each week").check()
    page.get_by_label(re.compile("^Write at once")).fill("5")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved. The next mail comes by it.").wait_for()
    assert (of(site, "ada@example.org").wishes.weekly, of(site, "ada@example.org").wishes.urgent_from) == (True, 5)

    until = site.service.clock().date() + timedelta(days=10)
    page.get_by_label(re.compile("^Pause until")).fill(until.isoformat())
    page.get_by_role("button", name="Pause", exact=True).click()
    page.get_by_text("Paused. What is said meanwhile").wait_for()
    assert of(site, "ada@example.org").standing(site.service.clock()) is Standing.PAUSED
    page.get_by_role("button", name="End the pause").click()
    page.get_by_text("The pause is over").wait_for()
    page.get_by_text("End it", exact=True).click()
    page.get_by_role("button", name="End it for Ada").click()
    page.get_by_text("Ended. They get no more mail").wait_for()
    assert of(site, "ada@example.org").standing(site.service.clock()) is Standing.LEFT
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert [said for said in site.said if "status of 400" not in said] == []


@pytest.mark.parametrize("width", [360, 1280])
def test_hostile_words_in_every_field_run_nothing_and_break_nothing(site, width):
    store, now = site.service.store, site.service.clock()
    person = store.add_subscriber("eve@example.org", HOSTILE * 4, now=now, state="active")
    page = site.open("/subscribers", width=width)
    page.evaluate("document.querySelector('#add ~ form').noValidate = true")
    page.evaluate(
        "document.querySelectorAll('form [name]').forEach((one) => { one.type !== 'checkbox' && (one.type = 'text'); })"
    )
    for label in ("Address", "Hour"):
        page.get_by_label(label).fill(HOSTILE)
    page.get_by_label(re.compile("^Name")).fill(HOSTILE)
    page.get_by_label(re.compile("^Time zone")).fill(HOSTILE[:60])
    page.get_by_role("button", name="Ask them").click()
    page.get_by_text("fields cannot be read").wait_for()
    assert page.get_by_label(re.compile("^Name")).input_value() == HOSTILE
    made = store.subscribe(
        person.id,
        site.service.library.default().id,
        of_wishes(),
        now=now,
        due=of_wishes().next_due(now),
    )
    store.suppress(person.id, HOSTILE, now)
    for path in ("/subscribers", f"/subscribers/{made.id}", "/digests", "/"):
        page.goto(site.url + path)
        assert barriers(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert page.evaluate("window.hacked") is None, path
    assert [said for said in site.said if "status of 400" not in said] == []


def of_wishes():
    from monitor.core.digests.subscribers import Wishes

    return Wishes()
