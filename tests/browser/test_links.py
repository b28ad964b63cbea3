"""The pages behind a mail's links in a real browser: every state of each without barriers, on a phone and a desk, in light and dark; and
the whole way from a mail to other wishes and back, also without script.
"""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from monitor.core.digests.signed_links import Action, mail_number, sign
from monitor.core.search.query import parse_query
from monitor.pipeline.deliver import deliver_digest
from monitor.pipeline.subscribe import change, pause, subscribe
from tests.browser.barriers import barriers
from tests.browser.test_look import show


def link(site, action, *ids: int) -> str:
    return f"/l/{action}/{sign(site.service.key, action, ids)}"


def somebody(site, address: str, *, confirmed: bool = True, **wishes) -> int:
    deps = site.service.deps
    return subscribe(deps, address, study_id=deps.library.default().id, confirmed=confirmed, **wishes).id


def texts(site) -> list[int]:
    found = site.service.store.search(parse_query("", site.service.clock()), limit=50)
    return [mention.id for mention in found]


def states(site) -> list:
    """Every page in each of its states, for people of three languages."""
    service, store = site.service, site.service.store
    ada = somebody(site, "ada@example.org")
    rin, sol = somebody(site, "rin@example.org", language="ja"), somebody(site, "sol@example.org", language="es")
    bo = somebody(site, "bo@example.org", confirmed=False)
    mail = deliver_digest(service.deps, rin)
    assert mail is not None
    flag = store.search(parse_query("flagged:yes", service.clock()))[0].flags[0].id
    made = int(service.clock().timestamp())
    settings = link(site, Action.SETTINGS, ada)
    save = {
        "then": "save",
        "at": "08:00",
        "zone": "Asia/Tokyo",
        "days": "0",
        "threshold": "low",
        "language": "en",
        "urgent_most": "2",
        "hush_from": "21:00",
        "hush_until": "07:00",
    }
    steps = [
        settings,
        (settings, save),
        (settings, save | {"zone": "x" * 300, "at": "", "days": "9", "hush_from": "nine"}),
        (settings, {"then": "pause", "until": "2020-01-01"}),
        (settings, {"then": "pause", "until": str((service.clock() + timedelta(days=30)).date())}),
        (settings, {"then": "leave"}),
        (settings, {"then": "back"}),
        link(site, Action.SETTINGS, bo),
        link(site, Action.SETTINGS, rin),
        (link(site, Action.SETTINGS, sol), {"then": "nothing"}),
        *(link(site, Action.OPEN, number, person) for number in texts(site)[:2] for person in (ada, rin)),
        link(site, Action.OPEN, 1, sol),
        link(site, Action.ISSUE, ada, 1),
    ]
    confirming = link(site, Action.CONFIRM, store.subscription(bo).subscriber.id, bo)
    steps += [confirming, (confirming, {}), (confirming, {})]
    for person in (ada, rin):
        for action in (Action.PAUSE, Action.UNSUBSCRIBE):
            path = link(site, action, person)
            steps += [path, (path, {}), (path, {}), path]
        wrong = link(site, Action.WRONG, flag, person, made)
        steps += [wrong, (wrong, {"verdict": "dismissed"}), wrong, (wrong, {"verdict": "undo"})]
    return steps


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("width", [360, 1280])
def test_no_barrier_in_any_state(site, width):
    page = site.open("/help/keys", width=width)
    wrong = []
    for step in states(site):
        where = show(page, site, step)
        wrong += [f"{where[:40]}, {found}" for found in barriers(page)]
        small = page.evaluate(
            "[...document.querySelectorAll('main button, main .btn, main .tick, main select, main input:not([type=checkbox])')]"
            ".filter((one) => one.offsetHeight && one.offsetHeight < 43.5).map((one) => one.outerHTML.slice(0, 80))"
        )
        wrong += [f"{where[:40]}: lower than 44 px: {one}" for one in small]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            wrong.append(f"{where[:40]} is wider than {width}")
        assert page.locator("h1").count() == 1, where
    assert wrong == [], "\n".join(dict.fromkeys(wrong))
    assert [said for said in site.said if "status of 4" not in said] == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("script", [True, False])
def test_from_a_mail_to_other_wishes_and_away_and_back(site, script):
    service = site.service
    ada = somebody(site, "ada@example.org")
    mail = deliver_digest(service.deps, ada)
    assert mail is not None
    page = site.open(link(site, Action.ISSUE, ada, mail_number(mail.message_id)), script=script)
    text = page.get_by_role("link", name="Read it").first.get_attribute("href")
    assert text == re.search(r"\S+/l/open/\S+", mail.text)[0]
    page.get_by_role("link", name="Read it").first.click()
    page.get_by_role("link", name="Original").wait_for()
    assert page.locator("mark.sure").count() > 0
    page.get_by_role("link", name="Wrong flag").first.click()
    page.get_by_role("button", name="Right", exact=True).click()
    page.get_by_text("Thank you. You said: right.").wait_for()

    # A page about a flag may be passed on, and leads nobody to its reader's settings: the mail itself does.
    assert page.get_by_role("link", name="Change what you get").count() == 0
    page.goto(re.search(r"\S+/l/settings/\S+", mail.text)[0])
    page.get_by_label("Hour").fill("06:30")
    page.get_by_label("Time zone").fill("tokio")
    page.get_by_label("Sunday").uncheck()
    page.get_by_label("A report of each week").check()
    page.get_by_role("button", name="Save").click()
    page.get_by_text("“tokio” is no time zone.").wait_for()
    assert page.get_by_label("A report of each week").is_checked()
    page.get_by_label("Time zone").fill("Asia/Tokyo")
    page.get_by_label("Language of the mail").select_option("ja")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("保存しました").wait_for()
    wishes = service.store.subscription(ada).wishes
    assert (wishes.zone, wishes.weekly, wishes.weekdays, wishes.language) == (
        "Asia/Tokyo",
        True,
        (0, 1, 2, 3, 4, 5),
        "ja",
    )

    page.get_by_role("button", name="配信を停止する").click()
    page.get_by_text("配信を停止しているため、メールは届きません。").first.wait_for()
    assert service.store.subscription(ada).left_at is not None
    page.get_by_role("button", name="再び受け取る").click()
    page.get_by_text("ダイジェストの配信を再開しました。").wait_for()
    assert service.store.subscription(ada).left_at is None
    assert [said for said in site.said if "status of 422" not in said] == []  # the form that was refused


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_buttons_of_a_mail_in_a_browser_lead_on(site):
    """The mail's own page may do nothing; what it leads to works all the same."""
    ada = somebody(site, "ada@example.org")
    mail = deliver_digest(site.service.deps, ada)
    change(site.service.deps, ada, language="es")
    page = site.open(link(site, Action.ISSUE, ada, mail_number(mail.message_id)))
    page.get_by_role("link", name="Pause for two weeks").click()
    page.get_by_role("button", name="Pausar dos semanas").click()
    page.get_by_text("Hecho. Está en pausa.").wait_for()
    pause(site.service.deps, ada, site.service.clock())
    page.get_by_role("button", name="Terminar la pausa").click()
    page.get_by_text("Ya no está en pausa.").wait_for()
    assert site.said == []
