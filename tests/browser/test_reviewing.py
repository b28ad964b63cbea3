"""A morning of reviewing in a real browser: by keyboard, for many at once, with undo, and the same without script."""

from __future__ import annotations

import re

import pytest

from monitor.core.mention import Verdict
from monitor.core.search.query import parse_query


def decided(site) -> list[tuple[str, str]]:
    """What is in force, newest first: (quote, verdict)."""
    return [(one.flag.flag.span.quote, one.review.verdict.value) for one in site.service.store.decisions()]


def mention_id(site, words: str) -> int:
    (found,) = site.service.store.search(parse_query(f'title:"{words}"', site.service.clock()), limit=2)
    return found.id


def test_five_verdicts_by_keyboard_and_one_undone(site):
    page = site.open("/")
    cards = page.locator("article.card")
    before = cards.count()
    assert before >= 2
    page.keyboard.press("j")  # the first card
    page.keyboard.press("u")
    page.get_by_text("You said: right.").first.wait_for()
    page.keyboard.press("z")
    page.get_by_text("Taken back: it is as it was before.").wait_for()
    assert decided(site) == []
    page.goto(f"{site.url}/mentions/{mention_id(site, 'is walking again')}")
    page.wait_for_load_state("networkidle")
    for number, (key, verdict) in enumerate((("u", "right"), ("d", "wrong"), ("u", "right"), ("d", "wrong")), start=1):
        page.keyboard.press("j")
        if page.locator(".row.current button[data-key=u]").count() == 0:
            break  # the text has fewer notes
        page.keyboard.press(key)
        page.get_by_text(f"You said: {verdict}.").first.wait_for()
        assert len(decided(site)) >= number
    assert {verdict for _, verdict in decided(site)} == {"upheld", "dismissed"}
    assert site.said == []


def test_enter_in_a_reason_decides_nothing(site):
    number = mention_id(site, "is walking again")
    for path, place in (("/", "article.card"), (f"/mentions/{number}", "article.note"), ("/mentions", "fieldset.card")):
        page = site.open(path)
        form = page.locator(place).first
        form.get_by_text("Say why").click()
        form.get_by_label("Reason").fill("a quotation")
        form.get_by_label("Reason").press("Enter")
        page.wait_for_timeout(300)
        assert page.get_by_text("You said").count() == 0, path
        assert form.get_by_label("Reason").input_value() == "a quotation"
    assert decided(site) == []


def test_keys_decide_nothing_before_a_row_is_chosen(site):
    for path in ("/", "/mentions", f"/mentions/{mention_id(site, 'is walking again')}"):
        page = site.open(path)
        for key in "udn":
            page.keyboard.press(key)
        page.wait_for_timeout(300)
        assert decided(site) == [], path
        assert page.locator("input[name=mention]:checked").count() == 0


def test_what_was_judged_says_so_in_its_place_and_the_next_is_a_key_away(site):
    page = site.open("/")
    first, second = (page.locator("article.card").nth(at).get_attribute("id") for at in (0, 1))
    page.keyboard.press("j")
    page.keyboard.press("u")
    page.locator(f"#{first}").get_by_text("✓ You said: right.").wait_for()
    page.keyboard.press("u")  # it is judged: nothing more happens
    page.keyboard.press("j")
    assert page.locator(".row.current").get_attribute("id") == second
    page.keyboard.press("d")
    page.get_by_text("You said: wrong.").wait_for()
    assert page.locator(f"#{second}").count() == 0
    assert page.locator(".row.current").count() == 0
    told = page.locator(".told").first
    assert re.search(r"It holds for \d+ flags? of \S+", told.inner_text())
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    page.wait_for_timeout(500)
    assert told.bounding_box()["y"] >= 0  # it stays in view
    page.goto(site.url)
    assert page.locator(f"article#{first}").count() == 0  # what was called right is not asked again
    assert page.get_by_role("heading", name="Called right").count() == 1
    assert site.said == []


@pytest.mark.parametrize("path", ["/", "mention"])
def test_what_was_typed_elsewhere_stays_when_one_decides(site, path):
    number = mention_id(site, "is walking again")
    page = site.open("/" if path == "/" else f"/mentions/{number}")
    cards = page.locator("article.row")
    cards.nth(1).get_by_text("Say why").click()
    cards.nth(1).get_by_label("Reason").fill("half a sen")
    field = cards.nth(1).get_by_label("Reason").get_attribute("id")
    cards.nth(0).get_by_role("button", name="Wrong").first.click()
    page.locator(".told").get_by_text("You said: wrong.").wait_for()
    assert page.locator(f"#{field}").is_visible()
    assert page.locator(f"#{field}").input_value() == "half a sen"
    page.locator(".told").get_by_role("button", name="Undo").click()
    page.locator(".told").get_by_text("Taken back").wait_for()
    assert page.locator(f"#{field}").input_value() == "half a sen"
    assert site.said == []


def test_a_verdict_keeps_its_reason_and_its_undo_stands_beside_it(site):
    number = mention_id(site, "is walking again")
    page = site.open(f"/mentions/{number}")
    note = page.locator("article.note").first
    note.get_by_text("Say why").click()
    note.get_by_label("Reason").fill("a quotation")
    note.get_by_role("button", name="Wrong").click()
    page.get_by_text("You said: wrong.").wait_for()
    assert "a quotation" in page.locator("article.note").first.inner_text()
    page.locator("article.note").first.get_by_role("button", name="Undo").click()
    page.get_by_text("Taken back: it is as it was before.").wait_for()
    assert decided(site) == []


def test_what_is_decided_leaves_today_and_the_search_at_once(site):
    page = site.open("/")
    quote = page.locator("article.card h3 .said").first.inner_text()
    page.locator("article.card").first.get_by_role("button", name="Wrong").click()
    page.get_by_text("You said: wrong.").wait_for()
    assert quote not in [each.inner_text() for each in page.locator("article.card h3 .said").all()]
    assert decided(site)
    assert {verdict for _, verdict in decided(site)} == {"dismissed"}


def test_many_mentions_at_once(site):
    page = site.open("/mentions?q=flagged%3Ayes")
    ticks = page.locator("input[name=mention]")
    many = ticks.count()
    assert many >= 3
    for at in range(many):
        ticks.nth(at).check()
    page.get_by_role("button", name="Not about the study").click()
    page.get_by_text("You said: not about the study.").wait_for()
    assert site.service.store.count(parse_query("flagged:yes", site.service.clock())) == 0
    page.keyboard.press("z")
    page.get_by_text("Taken back: it is as it was before.").wait_for()
    assert site.service.store.count(parse_query("flagged:yes", site.service.clock())) == many


def test_it_is_whole_without_script(site):
    page = site.open("/", script=False)
    page.locator("article.card").first.get_by_role("button", name="Right").click()
    assert "You said: right." in page.locator("main").inner_text()
    page.get_by_role("button", name="Undo").first.click()
    assert decided(site) == []
    page.goto(f"{site.url}/mentions")
    page.get_by_role("link", name="Narrow it down").click()
    assert "Language" in page.locator("#facets").inner_text()
    page.goto(f"{site.url}/mentions/{mention_id(site, 'is walking again')}")
    page.locator("article.note").first.get_by_role("button", name="Wrong").click()
    assert [verdict for _, verdict in decided(site)][:1] == [Verdict.DISMISSED]


def test_the_keys_move_open_and_copy(site):
    page = site.open("/mentions")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert page.locator(".row.current").count() == 1
    page.keyboard.press("x")
    assert page.locator(".row.current input[name=mention]").is_checked()
    page.keyboard.press("o")
    page.wait_for_url(re.compile(r"/mentions/\d+$"))
    page.keyboard.press("?")
    page.wait_for_url("**/help/keys")
    page.goto(f"{site.url}/mentions")
    page.keyboard.press("/")
    page.keyboard.type("jd")  # letters, while one types
    assert page.locator("#q").input_value() == "jd"


def test_times_are_the_readers(site):
    page = site.open(f"/mentions/{mention_id(site, 'is walking again')}")
    page.wait_for_load_state("networkidle")
    assert "UTC" not in page.locator("main").inner_text()
    assert "Asia/Tokyo" in (page.locator("main time").first.get_attribute("title") or "")


def test_hostile_words_run_nothing(site):
    page = site.open("/")
    for path in (
        "/",
        "/mentions",
        f"/mentions/{mention_id(site, 'onerror')}",
        "/mentions?q=%3Cscript%3Ewindow.hacked%3D1",
    ):
        page.goto(site.url + path)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("window.hacked") is None, path
    page.goto(f"{site.url}/mentions/{mention_id(site, 'onerror')}")
    note = page.locator("article.note").first
    note.get_by_text("Say why").click()
    note.get_by_label("Reason").fill("<img src=x onerror=window.hacked=1><script>window.hacked=1</script>")
    note.get_by_role("button", name="Right").click()
    page.get_by_text("You said: right.").first.wait_for()
    for path in ("/reviews", f"/mentions/{mention_id(site, 'onerror')}"):
        page.goto(site.url + path)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("window.hacked") is None, path
        assert "onerror" in page.locator("main").inner_text()
    assert site.said == []
