"""What was said, taken along: searched in Japanese, exported, and opened again; and trends that lead to their mentions."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta

import openpyxl

from monitor.core.mention import Row
from monitor.core.model import Kind
from monitor.core.search.query import parse_query
from monitor.pipeline.imports import import_rows


def said(site, *days_ago: int) -> None:
    """A Japanese mention so many days ago, each."""
    rows = [
        {
            "url": f"https://kawara.example/{days}",
            "title": "慶応のiPS細胞で歩けるようになった",
            "text": f"慶應義塾大学のiPS細胞で、脊髄損傷の患者が歩けるようになった。第{days}報。",
            "published": (site.service.clock() - timedelta(days=days)).isoformat(),
            "source": "kawara.example",
            "kind": Kind.ARTICLE.value,
            "lang": "ja",
        }
        for days in days_ago
    ]
    found = [Row(line=number, fields=row, columns={}) for number, row in enumerate(rows, 1)]
    assert import_rows(site.service.deps, found, name="said").written == len(rows)


def test_a_search_in_japanese_is_exported_and_opened_again(site, tmp_path):
    said(site, 0)
    page = site.open("/mentions", accept_downloads=True)
    page.get_by_label("Search what was said").fill("脊髄損傷")
    page.get_by_role("button", name="Search").click()
    page.wait_for_load_state("networkidle")
    with page.expect_download() as waited:
        page.get_by_role("link", name="↓ CSV").click()
    path = tmp_path / "said.csv"
    waited.value.save_as(path)
    assert waited.value.suggested_filename.startswith("mentions-20")
    (row,) = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline=""))
    assert row["title"] == "慶応のiPS細胞で歩けるようになった"
    assert (row["export_query"], row["export_found"]) == ("脊髄損傷", "1")
    with page.expect_download() as waited:
        page.get_by_role("link", name="↓ Excel").click()
    path = tmp_path / "said.xlsx"
    waited.value.save_as(path)
    book = openpyxl.load_workbook(path)
    head, *rows = book["flags"].iter_rows(values_only=True)
    assert {dict(zip(head, row, strict=True))["outlet"] for row in rows} == {"kawara.example"}
    assert dict(book["About"].iter_rows(values_only=True))["query"] == "脊髄損傷"


def test_a_bar_tells_its_value_to_the_keyboard_and_leads_to_as_many_mentions(site):
    said(site, 3, 9, 20)
    page = site.open("/trends", script=False)
    bars = page.locator("svg.chart a")
    told = json.loads(page.request.get(f"{site.url}/trends.json").text())
    for at, day in enumerate(told["days"]):
        if day["mentions"]:
            bar = bars.nth(at)
            assert not bar.locator(".value").is_visible()
            bar.focus()
            assert bar.locator(".value").is_visible()
            assert bar.locator(".value").text_content().endswith(f": {day['mentions']}, {day['too_far']} too far")
            query = bar.get_attribute("href").partition("?q=")[2].replace("%20", " ").replace("%3A", ":")
            assert site.service.store.count(parse_query(query, site.service.clock())) == day["mentions"]
    rows = page.get_by_role("region", name="Mentions over time").locator("tbody tr")
    assert not rows.first.is_visible()
    page.emulate_media(media="print")
    assert rows.first.is_visible(), "paper has no lids"
    page.emulate_media(media="screen")
    page.locator("details summary").first.click()
    assert rows.count() == len(told["days"])


def test_a_report_prints_without_menus_and_with_addresses(site):
    page = site.open("/mentions/report")
    page.emulate_media(media="print")
    assert not page.locator("nav").first.is_visible()
    assert page.locator(".cite a").first.evaluate("(one) => getComputedStyle(one, '::after').content") != "none"


def test_a_search_in_japanese_is_saved_and_shared_with_somebody_without_a_sign_in(site):
    said(site, 0)
    page = site.open("/mentions", script=False)
    page.get_by_label("Search what was said").fill("慶大 OR cure")
    page.get_by_role("button", name="Search").click()
    page.get_by_text("Save this search").click()
    page.get_by_label("Name").fill("慶應, cured")
    page.get_by_role("button", name="Save", exact=True).click()
    assert page.get_by_role("link", name="慶應, cured").get_attribute("aria-current") == "true"
    page.goto(f"{site.url}/searches")
    page.get_by_text("Share, mail, follow, remove").click()
    link = page.locator("code[data-copy]").text_content()
    stranger = page.context.browser.new_context(locale="ja-JP").new_page()
    stranger.goto(site.url + link[link.index("/l/search/") :])
    assert stranger.get_by_role("heading", name="慶應, cured").is_visible()
    assert stranger.get_by_text("慶応のiPS細胞で歩けるようになった").is_visible()
    assert stranger.locator("form, nav").count() == 0
    page.get_by_role("button", name="Remove 慶應, cured").click()
    stranger.reload()
    assert stranger.get_by_role("heading", name="This link is incomplete").is_visible()
