"""Sources in a real browser: an address is pasted, looked at, added, tested, paused, resumed and removed; without script too."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>The Lantern</title><link>http://lantern.example/</link>
<item><guid isPermaLink="false">1</guid><title>From Keio &lt;img src=x onerror=window.hacked=1&gt;</title>
<description>Keio put iPS cells into an injured spinal cord.</description></item></channel></rss>"""
PAGE = '<html><head><link rel="alternate" type="application/rss+xml" href="/feed.xml"></head><body>x</body></html>'


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("width", "script"), [(360, False), (1280, True)])
def test_from_a_pasted_page_to_its_removal(site, web, fakes, width, script):
    site.service.settings = replace(site.service.settings, allow_private_networks=(web.host,), host_gap=0.0)
    del site.service.__dict__["deps"], site.service.__dict__["door"]  # they were opened with the settings of before
    web["/feed.xml"] = fakes.answer(FEED)
    web["/"] = fakes.answer(PAGE, content_type="text/html")
    page = site.open("/", width=width, script=script)
    page.get_by_role("link", name="Sources", exact=True).click()
    page.get_by_text("Nothing is read yet.").wait_for()
    page.get_by_label(re.compile("^Add a source")).fill(web.url("/"))
    page.get_by_role("button", name="Look at it").click()
    page.get_by_text("It can be read.").wait_for()
    page.get_by_text("From Keio").wait_for()
    page.get_by_label("Reach").select_option("4")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_text("Added.").wait_for()
    (feed,) = site.service.store.feeds()
    assert (feed.url, feed.title, feed.weight) == (web.url("/feed.xml"), "The Lantern", 4)
    page.get_by_role("button", name="Test it now").click()
    page.get_by_text("It can be read: 1 item came.").wait_for()
    page.get_by_role("button", name="Pause").click()
    page.get_by_text("Paused. Nothing is read from it").wait_for()
    page.get_by_role("button", name="Resume").click()
    page.get_by_text("It is read again").wait_for()
    page.get_by_role("button", name="Remove this source").click()
    page.get_by_text("Removed. What it brought stays.").wait_for()
    assert site.service.store.feeds() == ()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if script:
        assert page.evaluate("window.hacked") is None
    assert site.said == []
