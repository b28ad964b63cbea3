"""A letter in a real browser: drafted from a mention, changed, copied, noted as sent, reminded, taken back; and without script."""

from __future__ import annotations

import re

from monitor.core.letters.letter import LetterState
from tests.browser.test_reviewing import mention_id


def test_from_the_words_to_a_letter_that_is_asked_for_and_back(site):
    page = site.open(
        f"/mentions/{mention_id(site, 'is walking again')}", permissions=["clipboard-read", "clipboard-write"]
    )
    page.locator("article.note").first.get_by_role("button", name="Draft a letter").click()
    page.wait_for_url(re.compile(r"/letters/\d+"))
    text = page.get_by_label("Text", exact=True)
    assert "On record:" in text.input_value()
    page.get_by_label("To the outlet’s address").fill("desk@harbour-wire.example")
    text.fill(text.input_value().replace("Dear editor,", "Dear Ms Hall,"))
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved.").wait_for()
    page.get_by_role("button", name="Copy").first.click()
    page.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()").startswith("Dear Ms Hall,")
    with page.expect_download() as loading:
        page.get_by_role("link", name="Download as a mail").click()
    assert "X-Unsent: 1" in loading.value.path().read_text(encoding="ascii")
    page.get_by_role("button", name="I have asked them").click()
    page.get_by_text("They were asked today").wait_for()
    (held,) = site.service.store.letters()
    assert (held.state, held.recipient) == (LetterState.ASKED, "desk@harbour-wire.example")
    page.goto(f"{site.url}/")
    page.get_by_role("link", name="1 letter waits").click()
    page.locator("a.open").first.click()
    page.get_by_role("button", name="I have reminded them").click()
    page.get_by_text("and reminded once").wait_for()
    page.get_by_role("button", name="Undo: reminded").click()
    page.get_by_text("Taken back: it is as it was before.").wait_for()
    assert site.service.store.letter(held.id).state is LetterState.ASKED
    assert site.said == []


def test_the_same_without_script_from_today(site):
    page = site.open("/", script=False)
    page.get_by_role("button", name="Draft a letter").first.click()
    assert re.search(r"/letters/\d+", page.url)
    page.get_by_label("Language").select_option("ja")
    page.get_by_role("button", name="Write it anew").click()
    assert "ご担当者様" in page.get_by_label("Text", exact=True).input_value()
    page.get_by_role("button", name="I have asked them").click()
    page.get_by_role("button", name="They refused").click()
    page.get_by_text("They refused").first.wait_for()
    assert site.service.store.letters()[0].state is LetterState.REFUSED
