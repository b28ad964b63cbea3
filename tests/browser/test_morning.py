"""The rest of a press officer's day without a terminal: the first run, a study from its abstract; and people who are let in, may
read and not save, and a program with a key. On both databases, and once without script.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from monitor import settings
from monitor.core.model import Kind
from monitor.pipeline.assess_text import assess_text
from monitor.service import Service
from monitor.web.sessions import sign_in_link
from tests.browser.conftest import filled, served
from tests.conftest import free_port

ABSTRACT = (Path(__file__).parents[1] / "data" / "abstracts" / "randomised-structured.txt").read_text(encoding="utf-8")
FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>The Lantern</title><link>http://lantern.example/</link>
<item><guid isPermaLink="false">1</guid><title>Keio: paralysed man is walking again &lt;img src=x onerror=window.hacked=1&gt;</title>
<description>Keio University put iPS cells into an injured spinal cord, and the paralysed man is walking again.</description></item>
</channel></rss>"""
HOME = '<html><head><link rel="alternate" type="application/rss+xml" href="/feed.xml"></head><body>x</body></html>'
PASSWORD = "four quiet lanterns at sea"
WAYS = [("sqlite", True), ("postgresql", True), ("sqlite", False)]


def open_service(database_url, tmp_path, **more):
    given = {"HYPEWATCH_HOME": str(tmp_path), "HYPEWATCH_DATABASE_URL": database_url, "HYPEWATCH_HOST_GAP": "0"}
    return Service(settings.load(given | {"HYPEWATCH_PORT": str(free_port())} | more))


@pytest.mark.parametrize(("database_url", "script"), WAYS, indirect=["database_url"])
def test_the_first_run_and_a_study_from_its_abstract(database_url, tmp_path, chromium, web, fakes, script):
    web["/feed.xml"] = fakes.answer(FEED)
    web["/"] = fakes.answer(HOME, content_type="text/html")
    service = open_service(database_url, tmp_path, HYPEWATCH_ALLOW_PRIVATE_NETWORKS=web.host)
    with served(service, chromium) as site:
        page = site.open("/", script=script, width=360)
        page.get_by_role("link", name="Set up in four steps").click()
        page.get_by_role("button", name="Follow this study").click()
        page.get_by_label(re.compile("^News sites")).fill(f"{web.url('/')}\nhttps://127.0.0.1:1/nothing")
        page.get_by_role("button", name="Look at them and add them").click()
        page.get_by_text("The Lantern").wait_for()
        assert page.get_by_label(re.compile("^News sites")).input_value() == "https://127.0.0.1:1/nothing"
        page.get_by_role("link", name="Go on with those there are").click()
        page.get_by_label("Your address").fill("ada@example.org")
        page.get_by_label(re.compile("^Time zone")).fill("Europe/Madrid")
        page.get_by_role("button", name="This is me").click()
        page.get_by_role("button", name="Write a test mail to ada@example.org").click()
        page.get_by_role("button", name="Read the sources now").click()
        page.get_by_text("1 mention of the study is stored, 1 goes too far.").wait_for()
        page.get_by_role("link", name="Go to Today").click()
        page.get_by_role("heading", name=re.compile("^Needs you")).wait_for()

        page.get_by_role("link", name="Studies", exact=True).click()
        page.get_by_role("link", name="Add a study").click()
        page.get_by_label(re.compile("^Abstract")).fill(ABSTRACT)
        page.get_by_label(re.compile("^A short name")).fill("Tovorelin")
        page.get_by_role("button", name="Draft the fact sheet").click()
        page.get_by_label(re.compile("^Which institution")).fill("Tarn University")
        page.get_by_role("group", name=re.compile("^How did the results appear")).get_by_label(
            "In a peer-reviewed journal"
        ).check()
        page.get_by_role("group", name=re.compile("^Is it approved")).get_by_label("No", exact=True).check()
        page.get_by_role("group", name=re.compile("^Have you read every line")).get_by_label("Yes", exact=True).check()
        page.get_by_role("button", name="Save the answers").click()
        page.get_by_text("Saved. What is stored is judged again by itself.").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        study = service.library.study("tovorelin")
        judged = assess_text(
            "", ABSTRACT, study, service.library.ruleset(study.id), kind=Kind.ARTICLE, lang="en", assume=True
        )
        assert [flag for flag in judged.assessment.flags if flag.is_drift] == []

        page.get_by_role("link", name="Add a finding").click()
        page.get_by_label(re.compile("^What the study found")).fill("Nobody was followed for longer than 64 weeks.")
        page.get_by_label(re.compile("^Source")).select_option(index=1)
        page.get_by_role("button", name="Save", exact=True).click()
        page.get_by_role("heading", name="Nobody was followed for longer than 64 weeks.").wait_for()
        assert "hacked" not in page.evaluate("Object.keys(window)")
        assert [said for said in site.said if "status of 400" not in said] == []
    service.store.close()


@pytest.mark.parametrize(("database_url", "script"), WAYS, indirect=["database_url"])
def test_a_colleague_may_read_and_not_save_and_a_program_comes_in_by_its_key(database_url, tmp_path, chromium, script):
    port = free_port()
    named = {"HYPEWATCH_PORT": str(port), "HYPEWATCH_BASE_URL": f"http://watch.localhost:{port}"}
    service = filled(open_service(database_url, tmp_path, **named))
    with served(service, chromium) as site:
        site.url = f"http://watch.localhost:{port}"
        path = sign_in_link(service).removeprefix(site.url)
        first = site.open(path, script=script)
        first.get_by_role("button", name="Sign in").click()
        own = invited(first, site, "ada@example.org", "Owner")
        colleague = invited(first, site, "bo@example.org", "Reader")

        ada = let_in(site, own, script)
        ada.goto(f"{site.url}/account")
        ada.get_by_label(re.compile("^New password")).fill(PASSWORD)
        ada.get_by_role("button", name="Set it").click()
        ada.goto(f"{site.url}/keys")
        ada.get_by_label(re.compile("^What is it for")).fill("Weekly table")
        ada.get_by_role("group", name="What may it do?").get_by_role("checkbox").first.check()
        ada.get_by_role("button", name="Make it").click()
        key = ada.get_by_role("status").locator("code").first.inner_text()
        assert asked(site, "/mentions.json", Authorization=f"Bearer {key}") == 200
        ada.goto(f"{site.url}/keys")
        assert key not in ada.content()
        ada.get_by_role("button", name="Revoke Weekly table").click()
        assert asked(site, "/mentions.json", Authorization=f"Bearer {key}") == 401

        bo = let_in(site, colleague, script)
        bo.goto(f"{site.url}/studies/keio-ips-sci")
        bo.get_by_role("heading", name="What the study found").wait_for()
        assert bo.get_by_role("link", name=re.compile("^Change")).count() == 0
        assert bo.get_by_role("button", name=re.compile("Right|Save|Add")).count() == 0
        assert bo.goto(f"{site.url}/studies/keio-ips-sci/edit?part=findings.walking").status == 403
        cookie = next(one["value"] for one in bo.context.cookies() if one["name"] == "hypewatch")
        sent = asked(site, "/sources", Cookie=f"hypewatch={cookie}", data=b"kind=feed&url=https://new.example/rss")
        assert (sent, service.store.feeds()) == (403, ())

        again = site.open("/sign-in", script=script)
        again.get_by_label("Address").fill("ada@example.org")
        again.get_by_label(re.compile("^Password")).fill(PASSWORD)
        again.get_by_role("button", name="Sign in").click()
        again.get_by_role("heading", name=re.compile("^Needs you")).wait_for()
        again.goto(f"{site.url}/audit")
        assert "bo@example.org" in again.inner_text("main")
    service.store.close()


def invited(page, site, address, role):
    """The link that lets somebody in, as the page shows it to be passed on."""
    page.goto(f"{site.url}/people")
    page.get_by_label(re.compile("^Address")).fill(address)
    page.get_by_role("group", name="Role").get_by_label(re.compile(f"^ *{role}:")).check()
    page.get_by_role("button", name="Invite", exact=True).click()
    return page.get_by_role("status").locator("code").inner_text()


def let_in(site, link, script):
    page = site.open(link.removeprefix(site.url), script=script)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Account", exact=True).wait_for()
    return page


def asked(site, path, data=None, **headers):
    """The status of an answer to a program. Only browsers find `watch.localhost`; the pages answer to this machine's address too."""
    url = f"{site.url.replace('watch.localhost', '127.0.0.1')}{path}"
    try:
        return urlopen(Request(url, data=data, headers=headers)).status
    except HTTPError as error:
        return error.code
