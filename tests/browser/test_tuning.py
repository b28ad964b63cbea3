"""Tuning in a real browser: a wrong flag that leads to an exception, why a rule did not fire, a rule from marked words with its
back-test, save, undo, redo, import and export; and the same without script.
"""

from __future__ import annotations

import re

from monitor.core.search.query import parse_query
from tests.browser.test_reviewing import mention_id

HOSTILE = "<img src=x onerror=window.hacked=1><script>window.hacked=1</script>"


def settled(page) -> None:
    """Wait until the back-test that is shown has ended."""
    page.wait_for_url("**/backtests/**")
    page.get_by_text("Looked through:").wait_for(timeout=60_000)


def write(page) -> None:
    page.fill("#f-why", "Nobody is reported as walking.")
    page.fill("#f-correction", "One of the four patients can stand.")


def test_a_wrong_flag_leads_to_an_exception(site):
    page = site.open(f"/mentions/{mention_id(site, 'is walking again')}")
    before = site.service.store.count(parse_query("rule:above-outcome", site.service.clock()))
    note = page.locator("article.note").first
    note.get_by_role("button", name="Wrong").click()
    page.get_by_role("link", name="Keep it from happening again").click()
    page.wait_for_url("**/prevent")
    proposed = page.input_value("#phrase")
    assert page.locator("#w-exception").is_checked()
    page.locator("#w-lower").check()
    page.fill("#phrase", proposed)  # who writes an exception wants one
    assert page.locator("#w-exception").is_checked()
    page.get_by_role("button", name="See what else would change").click()
    settled(page)
    page.fill("#note", "they mean the picture")
    page.get_by_role("button", name="Save, and judge old mentions again").click()
    page.wait_for_url(re.compile(r"/rules-history/\d+"))
    assert proposed in page.locator("main").inner_text()
    assert site.service.store.count(parse_query("rule:above-outcome", site.service.clock())) <= before
    assert site.said == []


def test_why_did_it_not_fire(site):
    page = site.open(f"/mentions/{mention_id(site, 'hoping')}")
    page.get_by_text("Why did a rule not flag it?").click()
    page.select_option("#why-rule", "above-outcome")
    page.get_by_role("button", name="Tell me why").click()
    page.wait_for_url("**/why?rule=above-outcome")
    assert "No flag. Here is why:" in page.locator("#tried").inner_text()
    page.fill("#tm", "")
    page.fill("#t", "Nobody is walking again.")
    page.get_by_text("they are denied").wait_for()
    page.fill("#t", "He is walking again.")
    page.get_by_role("heading", name="Flagged: “walking again”").wait_for()
    assert site.said == []


def test_a_notes_number_is_no_words_to_make_a_rule_of(site):
    page = site.open(f"/mentions/{mention_id(site, 'is walking again')}")
    chosen = """whole => {
        const number = document.querySelector('#body a.n'), range = document.createRange();
        whole ? range.selectNodeContents(number) : range.selectNodeContents(number.parentNode);
        document.getSelection().removeAllRanges();
        document.getSelection().addRange(range);
        return new Promise(done => setTimeout(() => done(document.querySelector('#words').value), 200));
    }"""
    assert page.evaluate(chosen, True) == ""
    said = page.evaluate(chosen, False)
    assert said
    assert not re.search(r"\d|note", said)


def test_a_rule_from_marked_words_is_tried_saved_undone_redone_and_taken_along(site):
    page = site.open(f"/mentions/{mention_id(site, 'hoping')}")
    page.evaluate("""() => {
        const walker = document.createTreeWalker(document.querySelector('#body'), NodeFilter.SHOW_TEXT);
        let text = walker.nextNode();
        while (text && !text.data.includes('hopes to walk again')) text = walker.nextNode();
        const at = text.data.indexOf('hopes to walk again');
        const range = document.createRange();
        range.setStart(text, at);
        range.setEnd(text, at + 'hopes to walk again'.length);
        document.getSelection().removeAllRanges();
        document.getSelection().addRange(range);
    }""")
    page.locator("#words").wait_for()
    page.wait_for_function("document.querySelector('#words').value === 'hopes to walk again'")
    page.get_by_role("button", name="Begin the rule").click()
    page.wait_for_url("**/rules/new?**")
    assert page.input_value("#f-words") == "hopes to walk again"
    write(page)
    page.get_by_text("It can be saved as it stands").wait_for()
    page.fill("#f-words", "C++")
    page.get_by_text("holds the signs ++").first.wait_for()
    page.fill("#f-words", "hopes to walk again")
    page.get_by_role("button", name="See what would change").click()
    settled(page)
    assert "+ new" in page.locator("main").inner_text()
    page.fill("#note", "hope told as news")
    page.get_by_role("button", name="Save, and judge old mentions again").click()
    page.wait_for_url("**/rules-history/1")
    page.goto(f"{site.url}/rules-history")
    page.get_by_role("button", name="Undo the last save").click()
    page.get_by_text("undo of version 1").wait_for()
    page.get_by_role("button", name="Redo").click()
    page.get_by_text("redo of version 1").wait_for()
    page.goto(f"{site.url}/rules")
    with page.expect_download() as download:
        page.get_by_role("link", name="Export yours").click()
    kept = download.value.path()
    page.goto(f"{site.url}/rules-history")
    page.get_by_role("button", name="Undo the last save").click()
    page.get_by_text("undo of version").first.wait_for()
    page.goto(f"{site.url}/rules")
    page.set_input_files("#file", {"name": "rules.json", "mimeType": "application/json", "buffer": kept.read_bytes()})
    page.get_by_role("button", name="Bring in").click()
    settled(page)
    page.get_by_role("button", name="Save for new mentions only").click()
    page.wait_for_url(re.compile(r"/rules-history/\d+"))
    assert list(site.service.store.rules_history(limit=1)[0].files) == ["our-hopes-to-walk-again.yaml"]
    assert site.said == []


def test_it_is_whole_without_script(site):
    page = site.open("/rules/new?words=walks+again", script=False)
    write(page)
    page.fill("#t", "Nobody walks again.")
    page.get_by_role("button", name="Try").click()
    assert "they are denied" in page.locator("#tried").inner_text()
    assert page.input_value("#f-why") == "Nobody is reported as walking."
    page.fill("#f-words", "C++")
    page.get_by_role("button", name="See what would change").click()
    assert "holds the signs ++" in page.locator("main").inner_text()
    page.fill("#f-words", "walks again")
    page.get_by_role("button", name="See what would change").click()
    for _ in range(60):
        if page.get_by_role("button", name="Go on", exact=True).count() == 0:
            break
        page.get_by_role("button", name="Go on", exact=True).click()
    assert "Looked through:" in page.locator("main").inner_text()
    page.get_by_role("button", name="Save, and judge old mentions again").click()
    page.goto(f"{site.url}/rules-history")
    page.get_by_role("button", name="Undo the last save").click()
    page.get_by_role("button", name="Redo").click()
    assert [version.step.value for version in site.service.store.rules_history(limit=5)] == ["redo", "undo", "save"]


def test_hostile_words_in_every_field_run_nothing(site):
    page = site.open("/rules/new?words=walks+again")
    for field in ("why", "correction", "message", "passes"):
        page.fill(f"#f-{field}", f"{HOSTILE} {{match}}" if field == "message" else HOSTILE)
    page.fill("#t", f"He walks again. {HOSTILE}")
    page.get_by_role("heading", name="Flagged:").wait_for()
    page.get_by_role("button", name="See what would change").click()
    settled(page)
    page.fill("#note", HOSTILE)
    page.get_by_role("button", name="Save, and judge old mentions again").click()
    page.wait_for_url("**/rules-history/1")
    for path in (
        "/rules",
        "/rules/our-walks-again",
        "/rules-history",
        "/rules-history/1",
        "/backtests/1",
        "/rules?q=" + HOSTILE,
    ):
        page.goto(site.url + path)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("window.hacked") is None, path
    assert site.said == []
