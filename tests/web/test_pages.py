"""Every page answers, changes nothing, and shows what others wrote as text and nothing else."""

import itertools
import json
import re
import sqlite3
import statistics
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from monitor.core.digests.signed_links import Action, sign
from monitor.core.errors import QueryError
from monitor.core.feed import Fetched
from monitor.core.items.stories import StoryKeys, StoryRelation
from monitor.core.mention import Review, TextFrom, Verdict
from monitor.core.model import FeedKind, Outcome
from monitor.core.proposals import ProposalState
from monitor.core.search.query import parse_query
from monitor.pipeline.poll import poll_feed
from monitor.web.app import POLICY, build_app
from monitor.web.render import browser_name, left
from tests.web.conftest import NOW, WALKS, draft

#: Each mention is a story of its own.
ALONE = StoryRelation(
    lambda _: StoryKeys(frozenset(), frozenset()), lambda _one, _other: False, lambda _one, _other: False, version=1
)
PAGES = (
    "/",
    "/mentions",
    "/mentions?q=walking",
    "/mentions?q=flagged%3Ayes",
    "/mentions?facets=1",
    "/mentions/facets?q=walking",
    "/reviews",
    "/reviews?rule=walking-again",
    "/reviews.jsonl",
    "/reviews.csv",
    "/letters",
    "/letters.json",
    "/letters.csv",
    "/outlets",
    "/outlets/1",
    "/trends",
    "/trends?since=2026-01-01&until=2026-03-03",
    "/trends.csv?table=lang",
    "/trends.json",
    "/claims",
    "/claims.json",
    "/claims.csv",
    "/claims/keio-ips-sci.overstated-outcome.walking",
    "/outlets.json",
    "/outlets.csv",
    "/stories",
    "/stories/1",
    "/stories/1.json",
    "/stories.json",
    "/stories.csv",
    "/digests",
    "/digests/1",
    "/digests/1/mail",
    "/help",
    "/help/keys",
    "/healthz",
    "/readyz",
    "/mentions.json",
    "/mentions.csv",
    "/mentions.atom",
    "/settings",
    "/people",
    "/keys",
    "/audit",
    "/account",
    "/sign-in",
    "/static/style.css",
    "/static/keys.js",
    "/static/htmx.min.js",
    "/static/icon.svg",
)
MISSING = (
    "/nothing",
    "/mentions/999",
    "/digests/999",
    "/letters/999",
    "/outlets/999",
    "/claims/nothing",
    "/claims/keio-ips-sci.overstated-outcome.never",
    "/claims.xlsx",
    "/trends.atom",
    "/mentions.docx",
    "/stories/999",
    "/help/nothing",
    "/help/..%2Fsettings",
    "/people/999",
    "/static/no",
)
OUR_SCRIPTS = {"/static/keys.js", "/static/htmx.min.js"}
SCRIPT = "<script>alert(1)</script>"


def ids(service) -> list[int]:
    from monitor.core.search.query import parse_query

    return [mention.id for mention in service.store.search(parse_query("", service.clock()), limit=50)]


def dump(service) -> list[str]:
    path = service.settings.database.removeprefix("sqlite:///")
    with sqlite3.connect(path) as connection:
        lines = list(connection.iterdump())
    connection.close()
    return lines


@pytest.mark.parametrize("path", PAGES)
def test_a_page_answers(browser, path):
    assert browser(path).status == 200


@pytest.mark.parametrize("path", MISSING)
def test_what_is_not_there_is_a_404_with_a_sentence(browser, path):
    answer = browser(path)
    assert answer.status == 404
    assert "<h1>" in answer.text or path.startswith("/static")


def test_every_mention_has_its_page(browser, seeded):
    assert {browser(f"/mentions/{number}").status for number in ids(seeded)} == {200}
    assert len(ids(seeded)) == 6


def test_get_and_head_change_nothing(browser, seeded):
    key = seeded.key
    tokens = [f"/l/{action}/{sign(key, action, (1, 1))}" for action in Action]
    before = dump(seeded)
    for path in (*PAGES, *MISSING, *tokens, *(f"/mentions/{number}" for number in ids(seeded))):
        browser(path)
        browser(path, "HEAD")
    assert dump(seeded) == before


@pytest.mark.parametrize("path", [path for path in PAGES if "." not in path and not path.endswith("z")])
def test_nothing_that_others_wrote_becomes_markup(browser, seeded, read, path):
    for page in (path, *(f"/mentions/{number}" for number in ids(seeded))):
        answer = browser(page)
        document = read(answer.text)
        assert [script for script in document.all("script") if script.get("src") not in OUR_SCRIPTS] == []
        assert document.all("img") == []
        assert [attrs for _, attrs in document.tags if any(name.startswith("on") for name in attrs)] == []
        assert [attrs for _, attrs in document.tags if "style" in attrs] == []
        links = [attrs.get("href") or "" for attrs in document.all("a")]
        assert [link for link in links if not link.startswith(("/", "#", "http://", "https://"))] == []


def test_hostile_words_are_shown_as_they_are(browser, seeded, read):
    words = [read(browser(f"/mentions/{number}").text).words for number in ids(seeded)]
    assert sum(SCRIPT in page for page in words) == 1


def test_the_policy_stands_on_every_page(browser):
    for path in (*PAGES, *MISSING):
        headers = browser(path).headers
        if path == "/digests/1/mail":
            assert headers["content-security-policy"].startswith(
                "default-src 'none'; style-src 'unsafe-inline'; sandbox"
            )
        else:
            assert headers["content-security-policy"] == POLICY
        assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "same-origin")


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8080"])
def test_another_name_pointed_here_gets_nothing(browser, host):
    answer = browser("/mentions", Host=host)
    assert (answer.status, json.loads(answer.text)) == (
        421,
        {"error": "This is not an address of Hypewatch; see HYPEWATCH_BASE_URL."},
    )


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost", "[::1]:8080"])
def test_this_machines_own_names_are_let_in(browser, host):
    assert browser("/mentions", Host=host).status == 200


# --- what the pages say ----------------------------------------------------------------------------------------------


def mention_page(seeded, browser, read, title):
    from monitor.core.search.query import parse_query

    found = {m.title: m.id for m in seeded.store.search(parse_query("", seeded.clock()), limit=50)}
    return read(browser(f"/mentions/{found[title]}").text)


def test_today_shows_what_may_have_happened_to_the_study_itself_until_it_is_decided(browser, seeded):
    from monitor.core.proposals import ProposalDraft, ProposalKind

    draft = ProposalDraft(
        study_id="keio-ips-sci",
        kind=ProposalKind.PUBLISHED,
        key="doi:10.5555/one",
        sentence=f"A paper about this study may have appeared: “{SCRIPT}”.",
        findings=(),
        rung=None,
        title="",
        url="javascript:alert(1)",
        seen_in="PubMed",
    )
    assert "About the study itself" not in browser("/").text
    (opened,) = seeded.store.propose([draft], now=seeded.clock())
    page = browser("/").text
    assert "may have appeared: “&lt;script&gt;alert(1)&lt;/script&gt;”. Seen in: PubMed." in page
    assert "javascript:" not in page
    seeded.store.decide_proposal(opened, ProposalState.DISMISSED, by="ed", why="no", now=seeded.clock())
    assert "About the study itself" not in browser("/").text


def test_today_leads_with_the_exact_words(browser, read):
    document = read(browser("/").text)
    words = " ".join(document.words.split())
    assert "6 mentions were first read here in the last 24 hours. 3 go too far, in 1 way." in words
    assert {"class": "sure"} in document.all("mark")
    assert "6 mentions in 30 days; 3 go too far." in words  # one day is a number, no chart
    assert "Each is counted once: when it was first read here, whenever it was published." in words
    assert document.all("svg") == []
    assert len(document.all("caption")) == 1


def counted_links(html: str) -> list[tuple[int, str]]:
    """The numbers on a page that are links to a search or to the reviews, each with where it leads."""
    found = re.findall(r'href="(/(?:mentions\?q=[^"]+|reviews))">([0-9][0-9,]*) [a-z]', html)
    return [(int(number.replace(",", "")), unescape(href)) for href, number in found]


def test_each_number_on_today_is_that_of_the_list_it_leads_to(browser, seeded, read, clock):
    # Published long ago and first read now; published now and first read long ago; in a language without rules; on trial.
    late = draft("late", "Late", WALKS.replace("A", "Some", 1), "is walking again", published=NOW - timedelta(days=9))
    early = draft("early", "Early", f"Early: {WALKS}", "is walking again", published=NOW - timedelta(hours=1))
    german = [
        draft(f"tag{at}", "Hoffnung", f"{at} Ein Mann steht nach iPS-Zellen der Keio.", lang="de") for at in range(3)
    ]
    trial = draft("trial", "Trial", f"Trial: {WALKS}", "is walking again")
    flag = replace(trial.assessment.flags[0], mailed=False)
    trial = replace(trial, assessment=replace(trial.assessment, flags=(flag,)))
    seeded.store.import_mentions([early], ALONE, now=NOW - timedelta(days=3))
    seeded.store.import_mentions([late, *german, trial], ALONE, now=NOW)
    number = next(f.id for m in map(seeded.store.mention, ids(seeded)) for f in m.flags if f.stands)
    seeded.store.review(Review(flag_id=number, verdict=Verdict.UPHELD, by="ada", at=NOW))
    for hours in (0, 1, 20, 21, 24, 25):
        clock.now = NOW + timedelta(hours=hours)
        page = browser("/")
        links = counted_links(page.text)
        assert links, hours
        for told, href in links:
            listed = browser(href)
            (found,) = re.findall(
                r"([0-9][0-9,]*) (?:mentions?|decisions?)(?: |<)", re.sub(r"<(?!/)[^>]*>", "", listed.text)
            )[:1]
            assert told == int(found.replace(",", "")), (hours, href)
            rows = listed.text.count('<li class="row"')
            assert told == rows, (hours, href)
    clock.now = NOW
    words = " ".join(read(browser("/").text).words.split())
    assert (
        "11 mentions were first read here in the last 24 hours. 4 go too far, in 1 way. 3 not judged (German)." in words
    )
    assert "12 mentions in 30 days; 5 go too far." in words
    assert len(counted_links(browser("/").text)) == 6


def test_today_tells_the_usual_day_as_the_digest_does(browser, seeded, read):
    for day in range(2, 12):
        drafts = [draft(f"d{day}-{at}", "T", f"{day} {at} Keio iPS", published=NOW) for at in range(day % 2 + 1)]
        seeded.store.import_mentions(drafts, ALONE, now=NOW - timedelta(days=day))
    words = " ".join(read(browser("/").text).words.split())
    told = seeded.store.digest_input(seeded.store.subscription(1), NOW)
    lived = list(itertools.dropwhile(lambda count: not count, told.daily))
    assert f"; {statistics.median(lived):g} is usual." in words


def test_a_mention_says_what_was_said_what_was_found_and_what_to_say(browser, seeded, read):
    document = mention_page(seeded, browser, read, "Man walking again")
    words = " ".join(document.words.split())
    for part in (
        "1 statement goes too far. It names 1 of 2 things a reader needs to judge it.",
        "“is walking again” goes too far: outcome overstated",
        "The study found One of the four patients can stand and is practising walking. UMIN-CTR",
        "You could say one of the four patients can stand and is practising walking",
        "Right u Wrong d Not about the study n",
        "Small study said",
        "No control group missing",
        "told by 2",
        "First said by First",
        "80 of 100: severity 60.0, confidence 20.0",
    ):
        assert part in words
    assert {"href": "https://registry.example/1", "rel": "noreferrer noopener"} in document.all("a")


def test_a_candidate_is_told_apart_from_what_is_confirmed(browser, seeded, read):
    document = mention_page(seeded, browser, read, "Hopes rise")
    assert {"class": "look", "id": "m1"} in document.all("mark")
    assert "worth a look: outcome overstated" in document.words
    assert "goes too far:" not in document.words


def test_a_correction_is_shown_as_a_change_and_its_flag_as_fixed(browser, seeded, read):
    document = mention_page(seeded, browser, read, "Not cured")
    words = " ".join(document.words.split())
    assert "“was cured” fixed outcome overstated; the text was corrected, today 10:00 UTC" in words
    assert "taken out A man was cured by Keio's iPS cells." in words
    assert "put in A man can stand after Keio's iPS cells." in words
    assert "Nothing goes too far, as far as the rules can tell." in words


def test_a_typo_in_a_field_says_which_there_are(browser, read):
    answer = browser("/mentions?q=sorce%3Afirst")
    document = read(answer.text)
    (problem,) = [attrs for attrs in document.all("div") if attrs.get("role") == "alert"]
    assert (answer.status, problem["id"]) == (400, "problem")
    assert "source" in document.words


def test_a_search_that_cannot_be_read_shows_its_place(browser):
    assert '<p class="said">cure <mark class="sure">OR</mark></p>' in browser("/mentions?q=cure+OR").text
    marked = browser(f"/mentions?q={quote('<b> (cure')}").text
    assert '<p class="said">&lt;b&gt; <mark class="sure">(</mark>cure</p>' in marked


def test_the_list_is_a_table_of_the_columns_that_were_chosen(browser, read):
    answer = browser("/mentions?column=score&column=outlet&column=drift&column=words&column=score&q=Keio")
    assert answer.status == 200
    heads = ["Headline", "Score", "Outlet", "Goes too far by", "In these words"]
    table = answer.text[answer.text.index("<thead>") : answer.text.index("</table>")]
    assert [table.index(head) for head in heads] == sorted(table.index(head) for head in heads)
    assert table.count('<th scope="col"') == len(heads)
    assert 'href="/outlets/' in table
    assert browser("/mentions?column=nonsense").status == 400
    for name in ("published", "author", "network", "lang", "story", "first-seen"):
        assert browser(f"/mentions?column={name}").status == 200


def test_how_a_search_was_read_is_said_where_it_could_surprise(browser, read):
    assert "Read as: (a AND b) OR c." in read(browser("/mentions?q=a+b+OR+c").text).words


def test_an_outlet_that_nobody_knows_is_said(browser, read):
    answer = browser("/mentions?q=source%3Anobody")
    assert answer.status == 400
    assert "There is no outlet or account 'nobody'." in read(answer.text).words


@pytest.mark.parametrize("q", ["sorce:first", "(((", "OR", '""', "since:yesterday"])
def test_a_search_that_cannot_be_read_is_told_alike_by_page_and_exports(browser, read, q):
    answers = {form: browser(f"/mentions{form}?q={quote(q)}") for form in ("", ".csv", ".json", ".atom")}
    assert {answer.status for answer in answers.values()} == {400}
    with pytest.raises(QueryError) as told:
        parse_query(q, datetime.now(UTC))
    for answer in answers.values():
        words = " ".join(read(answer.text).words.split())
        assert told.value.message in words
        assert told.value.hint in words


def test_exports_hold_exactly_the_view(browser):
    rows = json.loads(browser("/mentions.json?q=flagged%3Ayes").text)
    assert rows["query"] == "flagged:yes"
    text = browser("/mentions.csv?q=flagged%3Ayes").text
    titles = {row["title"] for row in rows["mentions"]}
    assert all(title.replace('"', '""') in text for title in titles)
    assert (
        browser("/mentions.csv").headers["content-disposition"]
        == 'attachment; filename="mentions-20260303T120000Z.csv"'
    )


def test_japanese_words_are_found(browser, read):
    words = read(browser(f"/mentions?q={quote('奇跡')}").text).words
    assert "1 mention for" in " ".join(words.split())


def test_every_page_has_its_landmarks_and_one_first_heading(browser, read):
    for path in ("/", "/mentions", "/digests", "/digests/1", "/help", "/nothing"):
        document = read(browser(path).text)
        names = [tag for tag, _ in document.tags]
        assert [names.count(tag) for tag in ("main", "h1", "header", "footer")] == [1, 1, 1, 1], path
        assert document.all("html") == [{"lang": "en"}]
        assert document.all("a")[0] == {"class": "skip", "href": "#main"}
        assert all(label.get("for") for label in document.all("label"))


def test_empty_pages_say_what_to_do_next(service, read):
    from starlette.testclient import TestClient

    browser = TestClient(build_app(service), base_url="http://localhost:8080")
    for path, command in (
        ("/", "Set up in four steps"),
        ("/start", "Follow this study"),
        ("/sources", "Add"),
        ("/studies", "Add a study"),
        ("/mentions", "How to begin"),
        ("/reviews", "Show what waits for a decision"),
        ("/mentions?q=cure", "Show all mentions"),
        ("/digests", "Add a person"),
        ("/subscribers", "Add a first person below"),
    ):
        answer = browser.get(path)
        assert (answer.status_code, command in answer.text) == (200, True), path


def test_no_page_holds_a_shell_command(browser, service):
    """But the guide, which tells of them (`/help/commands`)."""
    from starlette.testclient import TestClient

    empty = TestClient(build_app(service), base_url="http://localhost:8080")
    pages = [path for path in PAGES if "." not in path and not path.startswith("/help/")]
    for path in (*pages, "/sessions", "/rules", "/rules-history", "/help", "/mentions/999", "/backtests/999"):
        assert "hypewatch " not in browser(path).text, path
        assert "hypewatch " not in empty.get(path).text, path


# --- signed links ----------------------------------------------------------------------------------------------------


def link(service, action, numbers, **options):
    return f"/l/{action}/{sign(service.key, action, numbers, **options)}"


def state(service):
    store = service.store
    return (store.subscription(1).standing(service.clock()), store.subscription(1).paused_until, store.flag(1).review)


@pytest.mark.parametrize(
    ("action", "numbers", "changed"),
    [
        (Action.UNSUBSCRIBE, (1,), ("left", None, None)),
        (Action.WRONG, (1, 1), ("active", None, Verdict.DISMISSED)),
    ],
)
def test_get_shows_one_button_and_post_acts(browser, seeded, read, action, numbers, changed):
    path = link(seeded, action, numbers)
    before = state(seeded)
    asked = read(browser(path).text)
    buttons = {"unsubscribe": 1, "wrong": 3}[action]  # right, wrong, not about the study
    pressed = [
        button for button in asked.all("button") if "disabled" not in button
    ]  # Enter meets one that does nothing
    assert (len(pressed), [form["method"] for form in asked.all("form")]) == (buttons, ["post"])
    assert asked.all("nav") == []
    assert state(seeded) == before == ("active", None, None)
    for _ in range(2):
        assert browser(path, "POST", {"verdict": "dismissed"} if action is Action.WRONG else {}).status == 200
        assert state(seeded) == changed


def test_pausing_lasts_two_weeks(browser, seeded):
    browser(link(seeded, Action.PAUSE, (1,)), "POST")
    assert (state(seeded)[1] - seeded.clock()).days == 14


def test_a_confirmation_does_not_bring_back_who_left(browser, seeded):
    path = link(seeded, Action.CONFIRM, (1,))
    browser(link(seeded, Action.UNSUBSCRIBE, (1,)), "POST")
    browser(path, "POST")
    assert seeded.store.subscription(1).standing(seeded.clock()) == "left"


def test_a_mention_that_is_not_there_says_one_thing(browser, read):
    answer = browser("/mentions/999")
    words = " ".join(read(answer.text).words.split())
    assert answer.status == 404
    assert "There is no mention 999. It may have been withdrawn. Mentions, in the menu, lists those there are." in words
    assert "hypewatch mentions" not in words
    assert "`" not in " ".join(read(browser("/digests/999").text).words.split())


def test_links_that_were_tampered_with_are_404_and_do_nothing(browser, seeded):
    token = sign(seeded.key, Action.UNSUBSCRIBE, (1,))
    body, _, mac = token.partition(".")
    other = sign("another key", Action.UNSUBSCRIBE, (1,))
    spoiled = [
        f"/l/unsubscribe/{body}x.{mac}",
        f"/l/unsubscribe/{body}.{mac[:-2]}",
        f"/l/unsubscribe/{other}",
        f"/l/pause/{token}",
        f"/l/copy/{token}",
        f"/l/nothing/{token}",
        "/l/unsubscribe/.",
        f"/l/unsubscribe/{'A' * 5000}",
        f"/l/unsubscribe/{quote('é.é')}",
    ]
    for path in spoiled:
        assert [browser(path, method).status for method in ("GET", "POST")] == [404, 404], path
    assert state(seeded) == ("active", None, None)


def test_a_link_about_something_that_is_gone_is_a_404(browser, seeded):
    path = link(seeded, Action.WRONG, (999, 1))
    answers = [browser(path, method) for method in ("GET", "POST")]
    assert [answer.status for answer in answers] == [404, 404]
    assert all("This flag is not there any more." in answer.text for answer in answers)


def test_a_number_that_was_given_again_is_not_the_flag_of_an_older_mail(browser, seeded):
    raised = int(seeded.store.flag(1).raised_at.timestamp())
    assert browser(link(seeded, Action.WRONG, (1, 1, raised - 60)), "POST").status == 404
    assert seeded.store.flag(1).review is None
    assert browser(link(seeded, Action.WRONG, (1, 1, raised)), "POST", {"verdict": "dismissed"}).status == 200
    assert seeded.store.flag(1).review == "dismissed"


def test_on_another_address_only_a_signed_in_browser_reads(seeded):
    from starlette.testclient import TestClient

    seeded.settings = replace(seeded.settings, base_url="https://watch.example.org", host="0.0.0.0")
    app = build_app(seeded)
    browser = TestClient(app, base_url="https://watch.example.org", follow_redirects=False)
    assert [browser.get(path).status_code for path in ("/", "/mentions.json", "/digests/1")] == [401, 401, 401]
    assert [browser.get(path).status_code for path in ("/healthz", "/static/style.css")] == [200, 200]
    path = re.sub(r"^https://[^/]+", "", app.state.first_link)
    assert (browser.get(path).status_code, browser.get("/").status_code) == (200, 401)
    assert browser.get(path).status_code == 200, "looking at it, as scanners of mail do, uses nothing up"
    signed = browser.post(path)
    assert (signed.status_code, signed.headers["location"]) == (303, "/")
    cookie = signed.headers["set-cookie"].lower()
    assert all(part in cookie for part in ("httponly", "samesite=lax", "secure"))
    assert browser.get("/").status_code == 200


def test_two_flags_on_the_same_words_are_one_mark_of_the_surest(seeded):
    from dataclasses import replace

    from monitor.core.items.notes import notes
    from monitor.web.render import marked

    found = [(m, f) for m in map(seeded.store.mention, ids(seeded)) for f in m.flags if f.stands and f.flag.confirmed]
    mention, stored = found[0]
    text = mention.title if stored.flag.span.where == "title" else mention.text
    doubtful = replace(stored, id=stored.id + 1000, flag=replace(stored.flag, confidence=0.1))
    html = str(marked(text, notes([doubtful, stored]), stored.flag.span.where))
    assert re.findall(r'<mark class="(\w+)"', html) == ["sure"]
    assert re.findall(r'href="#n(\d+)"', html) == ["1"]


def test_a_host_that_fails_as_a_whole_is_one_line(browser, seeded, read):
    class Down:
        def fetch(self, url, validators=None, *, headers=None):
            status = 404 if "videos" in url else 410
            sentence = f"Nothing is there ({status})."
            outcome = Outcome.HARD if status == 404 else Outcome.GONE
            return Fetched(url=url, final_url=url, outcome=outcome, status=status, headers={}, body=b"", sentence=sentence)  # fmt: skip

    deps = replace(seeded.deps, fetcher=Down())
    for url in (*(f"https://videos.example/{number}" for number in range(12)), "https://lantern.example/feed"):
        feed = seeded.store.add_feed(FeedKind.FEED, url, title=f"At {url}", now=seeded.clock())
        poll_feed(deps, feed.id)
    page = read(browser("/").text).words
    assert "1 of 14 are read well." in page
    assert page.count("Nothing is there (404).") == 1
    assert "videos.example fails for 12 of 12 feeds and was never read well: not your feeds." in page
    assert "At https://lantern.example/feed is not read. Nothing is there (410)." in page
    assert "At https://videos.example/0" not in page


def test_who_decided_on_a_flag_and_why_is_told(browser, seeded):
    from monitor.core.mention import Review

    stored = next(f for m in map(seeded.store.mention, ids(seeded)) for f in m.flags if f.state == "active")
    seeded.store.review(
        Review(flag_id=stored.id, verdict=Verdict.UPHELD, by="<b>ada</b>", at=seeded.clock(), why="it is so")
    )
    mention = next(m for m in map(seeded.store.mention, ids(seeded)) if any(f.id == stored.id for f in m.flags))
    page = browser(f"/mentions/{mention.id}").text
    assert "<dt>Right</dt>" in page
    assert ": it is so" in page
    assert "said &lt;b&gt;ada&lt;/b&gt;, " in page


def test_a_language_without_rules_is_told_on_every_page_and_in_every_export(browser, seeded, read):
    seeded.store.import_mentions(
        [draft("tag", "Hoffnung", "Ein Mann steht wieder nach iPS-Zellen der Keio.", lang="de")],
        ALONE,
        now=NOW,
    )
    page = read(browser("/mentions?q=Hoffnung").text).words
    assert "not judged (German)" in page
    assert "nothing goes too far" not in page
    facets = read(browser("/mentions/facets?q=Hoffnung").text).words
    assert "German, not judged 1" in " ".join(facets.split())
    (row,) = json.loads(browser("/mentions.json?q=Hoffnung").text)["mentions"]
    assert (row["judged"], row["reason"], row["drift"]) == (False, "not judged (German)", [])
    assert "<summary>not judged (German)</summary>" in browser("/mentions.atom?q=Hoffnung").text
    assert "not judged (German)" in browser("/mentions.csv?q=Hoffnung").text
    told = read(browser(f"/mentions/{row['id']}").text).words
    assert "Not judged (German)." in " ".join(told.split())
    assert "Nothing goes too far" not in told
    assert "1 not judged (German)" in read(browser("/").text).words
    (judged,) = json.loads(browser("/mentions.json?q=Hopes").text)["mentions"]
    assert (judged["judged"], judged["reason"]) == (True, None)


@pytest.mark.parametrize("path", ["/backtests/999", "/flags/999/prevent", "/digests/999", "/mentions/999"])
def test_an_error_on_a_page_asks_for_no_command(browser, read, path):
    answer = browser(path)
    assert answer.status == 404
    assert "`hypewatch" not in answer.text
    assert "menu" in read(answer.text).words


def test_a_form_too_large_and_a_wrong_method_are_answered_by_a_page(seeded, read):
    from starlette.testclient import TestClient

    client = TestClient(build_app(seeded), base_url="http://127.0.0.1:8080", follow_redirects=False)
    large = client.post("/rules/our-x/check", files={"words": (None, "x" * 2_000_000)})
    assert (large.status_code, "The form could not be read." in read(large.text).words) == (400, True)
    method = client.post("/digests")
    assert (method.status_code, "This cannot be done" in read(method.text).words) == (405, True)
    assert method.headers["allow"] == "GET"


def test_how_long_is_left_is_said_as_a_person_would():
    assert [left(seconds) for seconds in (0, 1.2, 2, 600)] == [
        "About a second is left.",
        "About a second is left.",
        "About 2 seconds are left.",
        "About 10 minutes are left.",
    ]


def test_what_was_called_wrong_is_not_counted_as_going_too_far(browser, seeded, read):
    mention = next(m for m in map(seeded.store.mention, ids(seeded)) if m.title == "Man walking again")
    review = Review(flag_id=mention.flags[0].id, verdict=Verdict.DISMISSED, by="ada", at=NOW)
    seeded.store.review(review)
    told = " ".join(read(browser(f"/mentions/{mention.id}").text).words.split())
    assert "Nothing stands of what was marked: it was called wrong." in told
    assert "goes too far." not in told
    assert "The study found" not in told  # one line is enough for what does not stand
    listed = " ".join(read(browser("/mentions").text).words.split())
    assert "what was marked was called wrong" in listed
    assert "you called wrong" not in listed  # somebody else may have
    seeded.store.review(replace(review, verdict=Verdict.NOT_ABOUT, at=NOW + timedelta(minutes=1)))
    listed = " ".join(read(browser("/mentions").text).words.split())
    assert "called not about the study" in listed


def test_of_a_page_that_only_links_its_page_says_what_is_kept(browser, seeded, read):
    passed = draft("passed", "", f"Somebody sent me this: {WALKS}", "is walking again")
    passed = replace(
        passed, text_from=TextFrom.PASSAGE, relevance=replace(passed.relevance, because=("links to Paper",))
    )
    seeded.store.import_mentions([passed], ALONE, now=NOW)
    (mention,) = seeded.store.search(parse_query("sent", NOW))
    told = " ".join(read(browser(f"/mentions/{mention.id}").text).words.split())
    assert "Only the paragraphs that link to a mention are kept and judged" in told
    assert "links to Paper" in told
    opened = read(browser(f"/l/open/{sign(seeded.key, Action.OPEN, (mention.id, 1))}").text).words
    assert "Only a part of this text was judged." in opened
    assert "Somebody sent me this" in read(browser("/mentions?q=sent").text).words


def test_a_row_says_each_finding_once(browser, seeded, read):
    twice = draft("twice", "Twice", f"{WALKS} He is walking again, twice.", "is walking again")
    first, text = twice.assessment.flags[0], twice.text
    start = text.rindex("is walking again")
    second = replace(first, span=replace(first.span, start=start, end=start + len(first.span.quote)))
    seeded.store.import_mentions(
        [replace(twice, assessment=replace(twice.assessment, flags=(first, second)))], ALONE, now=NOW
    )
    page = browser("/mentions?q=title:twice").text
    assert page.count("is walking again</mark>") == 1
    (mention,) = seeded.store.search(parse_query("title:twice", NOW))
    told = " ".join(read(browser(f"/mentions/{mention.id}").text).words.split())
    assert "1 statement goes too far." in told


def test_days_and_states_of_digests_are_told_in_words(browser, seeded, read, clock):
    page = " ".join(read(browser("/digests").text).words.split())
    assert "The newest is the daily digest for today: sent. 1 person gets it; the next is due today 22:00 UTC." in page
    assert "2026-03-03" not in page
    clock.now = NOW + timedelta(days=1)
    assert "The newest is the daily digest for yesterday: sent." in " ".join(
        read(browser("/digests").text).words.split()
    )
    clock.now = NOW + timedelta(days=40)
    assert "The newest is the daily digest for 3 Mar: sent." in " ".join(read(browser("/digests").text).words.split())


def test_who_is_not_signed_in_gets_no_menu(seeded, read):
    from starlette.testclient import TestClient

    seeded.settings = replace(seeded.settings, base_url="https://watch.example.org", host="0.0.0.0")
    client = TestClient(build_app(seeded), base_url="https://watch.example.org", follow_redirects=False)
    refused = client.get("/mentions")
    assert (refused.status_code, read(refused.text).all("nav")) == (401, [])


def test_the_guide_begins_with_the_first_hour_and_a_page_comes_before_the_list(browser):
    page = browser("/help/glossary").text
    assert page.index("<h1>") < page.index('<nav id="guide"')
    links = re.findall(r'<li><a href="/help/([a-z-]+)"', page)
    assert links[:3] == ["start", "studies", "rules"]
    assert set(links) == {path.stem for path in (Path(__file__).parents[2] / "monitor" / "docs").glob("*.md")}, (
        "each page once"
    )
    assert len(links) == len(set(links))
    assert page.index("Every day") < page.index("Who runs it") < page.index("Who works on it")


def test_the_guide_is_searched_by_section_and_leads_to_its_heading(browser, read):
    page = browser("/help?q=hard+bounce").text
    links = re.findall(r'<a href="/help/([a-z-]+)#([\w-]+)">', page)
    assert links
    assert all(f'id="{anchor}"' in browser(f"/help/{name}").text for name, anchor in links)
    assert "bounce" in read(page).words.lower()
    assert "No page tells of “xyzzy”" in browser("/help?q=xyzzy").text
    assert browser("/help?q=").text.count('name="q"') == 1


@pytest.mark.parametrize("q", ["<script>alert(1)</script>", "(((", "\\", "a" * 1900, "%00", "…"])
def test_whatever_is_searched_in_the_guide_stays_text(browser, q):
    answer = browser("/help?" + urlencode({"q": q}))
    assert answer.status == 200
    assert "<script>alert" not in answer.text


def test_a_browser_is_told_as_a_person_would():
    chrome = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36"
    assert [
        browser_name(agent)
        for agent in (
            f"Mozilla/5.0 (X11; Linux x86_64) {chrome}",
            f"Mozilla/5.0 (Windows NT 10.0) {chrome} Edg/120.0",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1 Version/17.0 Mobile/15E148 Safari/604.1",
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:120.0) Gecko/20100101 Firefox/120.0",
            "curl/8.0",
            "",
        )
    ] == [
        "Chrome on Linux",
        "Edge on Windows",
        "Safari on an iPhone",
        "Firefox on a Mac",
        "curl/8.0",
        "a browser without a name",
    ]
