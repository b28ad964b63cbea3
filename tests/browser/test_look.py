"""How the pages look to a machine that looks for barriers: axe-core's rules (WCAG 2.2 AA), nothing wider than the screen, and
no complaint of the browser, at two widths in both schemes. The pages are those of the route table.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from monitor.core.changes import Area
from monitor.core.digests.bounces import Bounce
from monitor.core.digests.signed_links import Action, sign
from monitor.core.feed import PollPlan
from monitor.core.letters.letter import LetterState
from monitor.core.letters.points import Signer, askable
from monitor.core.mention import Review, Verdict
from monitor.core.model import FeedKind, Outcome, Work
from monitor.core.outgoing.hook import EVENTS, AfterCall, CallState, Event, NewCall
from monitor.core.outgoing.hook import Service as HookKind
from monitor.core.proposals import ProposalDraft, ProposalKind
from monitor.core.search.nodes import Query
from monitor.core.search.query import parse_query
from monitor.core.session import Role, secret_hash
from monitor.library.rule_template import rule_template
from monitor.pipeline.backtests import begin_backtest
from monitor.pipeline.deliver import deliver_digest
from monitor.pipeline.letters import draft_for
from monitor.pipeline.people import invite, make_key
from monitor.pipeline.subscribe import subscribe
from monitor.pipeline.tune import save_rules
from monitor.web.access import ACCESS
from monitor.web.first_run import STEPS
from monitor.web.sessions import sign_in_link
from tests.browser.barriers import barriers

SUBMIT = """([action, fields, upload]) => {
    const form = document.createElement('form');
    Object.assign(form, {method: 'post', action, enctype: upload ? 'multipart/form-data' : 'application/x-www-form-urlencoded'});
    for (const [name, value] of Object.entries(fields)) {
        const field = document.createElement('textarea');
        Object.assign(field, {name, value});
        form.append(field);
    }
    if (upload) {
        const file = Object.assign(document.createElement('input'), {type: 'file', name: 'file'}), held = new DataTransfer();
        held.items.add(new File([upload], upload.startsWith('{') ? 'file.jsonl' : 'ours.yaml'));
        file.files = held.files;
        form.append(file);
    }
    document.body.append(form);
    form.submit();
}"""
OWN_RULE = (
    rule_template("our-walk", "walks again")
    .replace("Write here why these words mislead.", "Nobody walks.")
    .replace("Write here what could be said instead.", "He can stand.")
)
RELEASE = (
    "A paralysed man is walking again after Keio University put iPS cells into his spinal cord. The study had four patients"
    " and no control group, and was not peer reviewed. The treatment will soon be available to everybody.\n\nNobody cheers."
)
WIDER = OWN_RULE.replace("walks again", "walk*")
#: What a study is drafted from.
ABSTRACT = (Path(__file__).parents[1] / "data" / "abstracts" / "randomised-structured.txt").read_text(encoding="utf-8")
#: A paper on the study has appeared.
PAPER = ProposalDraft(
    study_id="keio-ips-sci",
    kind=ProposalKind.PUBLISHED,
    key="doi:10.1000/1",
    sentence="A paper on the study has appeared.",
    findings=("peer-review",),
    rung="peer-reviewed",
    title="Cells in the injured cord",
    url="https://doi.org/10.1000/1",
    seen_in="PubMed",
)
#: Routes that are no page: files, numbers for machines, a part of a page, and forms that lead on to a page that is walked.
NO_PAGE = {
    ("GET", "/mentions.{form}"),
    ("GET", "/mentions/facets"),
    ("GET", "/searches.{form}"),
    ("POST", "/searches/{search_id}/remove"),
    ("POST", "/searches/{search_id}/mail"),
    ("POST", "/searches/{search_id}/mail/{subscription_id}/stop"),
    ("GET", "/reviews.{form}"),
    ("GET", "/rules.json"),
    ("GET", "/rules.{form}"),
    ("GET", "/digests.{form}"),
    ("GET", "/letters.{form}"),
    ("GET", "/letters/{letter_id}/letter.eml"),
    ("GET", "/outlets.{form}"),
    ("GET", "/trends.{form}"),
    ("GET", "/claims.{form}"),
    ("GET", "/stories.{form}"),
    ("GET", "/stories/{story_id}.json"),
    ("POST", "/start/test"),
    ("POST", "/start/read"),
    ("GET", "/studies.{form}"),
    ("POST", "/studies/{study_id}/versions/{version_id}"),
    ("GET", "/sources.{form}"),
    ("POST", "/sources/{feed_id}/pause"),
    ("POST", "/sources/{feed_id}/resume"),
    ("POST", "/sources/{feed_id}/remove"),
    ("GET", "/subscribers.{form}"),
    ("POST", "/subscribers/{subscription_id}/resume"),
    ("POST", "/subscribers/{subscription_id}/end"),
    ("GET", "/l/note/{token}/letter.eml"),
    ("POST", "/flags/{flag_id}/letter"),
    ("POST", "/letters/{letter_id}/signature"),
    ("POST", "/outlets/{outlet_id}"),
    ("GET", "/digests/{digest_id}/mail"),  # a mail, with the colours of one: tests/mail
    ("GET", "/l/issue/{token}"),  # the same
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
    ("POST", "/reviews/undo"),
    ("POST", "/rules/{rule_id}/check"),
    ("POST", "/rules-history/{step}"),
    ("POST", "/rules-history/judge"),
    ("POST", "/backtests/{backtest_id}/continue"),
    ("POST", "/backtests/{backtest_id}/stop"),
    ("POST", "/sessions/{session_id}/end"),
    ("POST", "/digests/{digest_id}/again"),
    ("POST", "/webhooks/{hook_id}/remove"),
    ("POST", "/webhook-calls/{call_id}/again"),
    ("POST", "/sign-out"),
    ("POST", "/sign-in/{secret}"),
    ("GET", "/sign-in/oidc/begin"),
    ("POST", "/sign-in/oidc/back"),
    ("GET", "/audit.{form}"),
    ("POST", "/people/{person_id}/remove"),
    ("POST", "/account/end-others"),
    ("POST", "/account/sessions/{session_id}/end"),
    ("POST", "/keys/{key_id}/revoke"),
    *(route for route in ACCESS if route[1].startswith("/api/") and route[1] != "/api/v1/docs"),  # for programs
}
#: What stands in the address of a page, or: the address, the fields and perhaps the file that a form sends.
Step = str | tuple[str, dict[str, str]] | tuple[str, dict[str, str], str]


def walk(site) -> dict[tuple[str, str], list[Step]]:
    """By route, its page in each of its states, in an installation that has something of everything."""
    service, store, deps = site.service, site.service.store, site.service.deps
    now = service.clock()
    mentions = store.search(parse_query("", now), limit=50)
    flags = [stored.id for mention in mentions for stored in mention.flags]
    flag = flags[0]
    of = store.flag(flag).mention_id
    save_rules(deps, {"our-walk.yaml": OWN_RULE}, author="ada", note="ours")
    tried = begin_backtest(deps, {"our-walk.yaml": WIDER}, author="ada", budget=20).id
    milder = {"our-walk.yaml": OWN_RULE, "_changes.yaml": "above-outcome:\n  severity: low\n  status: trial\n"}
    changed = begin_backtest(deps, milder, author="ada", budget=20).id
    save_rules(deps, {"our-walk.yaml": OWN_RULE.replace("medium", "high")}, author="bo", note="")  # overtakes it
    for number, verdict in zip(flags, (Verdict.UPHELD, Verdict.DISMISSED), strict=False):
        store.review(Review(flag_id=number, verdict=verdict, by="ada", at=now, why="they mean the picture"))
    subscription = subscribe(deps, "ada@example.org", study_id=deps.library.default().id, name="Ada", confirmed=True)
    for name in ("bo", "cy", "di"):  # asked, paused, and one whose mail came back
        subscribe(deps, f"{name}@example.org", study_id=subscription.study_id, confirmed=name != "bo", urgent_from=5)
    store.set_subscription(3, paused_until=now + timedelta(days=9))
    store.add_bounce(Bounce(subscriber_id=4, at=now, status="5.1.1", hard=True, reply="550 nobody", message_id="<a@b>"))
    store.suppress(4, "The mail server says that this address takes no mail: 550 nobody", now)
    frozen = deliver_digest(deps, subscription.id)
    assert frozen is not None
    proposal = store.propose([PAPER], now=now)[0]
    hook = store.add_webhook(HookKind.SLACK, "http://127.0.0.1:9/x", secret="", events=EVENTS, study_id="", now=now)
    told = NewCall(event=Event.TEST, key="test:1", message_id="m", body=b"{}")
    store.add_calls(hook.id, [told], now)
    _, call = store.claim_call(store.due(Work.CALL, now)[0], "test", now, timedelta(minutes=1))
    store.finish_call(call, AfterCall(CallState.DEAD), "chat.example has a fault of its own (500).")
    offered = sign_in_link(service, name="Ada").rpartition("/")[2]
    kept = sign_in_link(service, name="Bo").rpartition("/")[2]
    store.open_session(
        secret_hash(kept), "x" * 64, now=now, expires_at=now.replace(year=now.year + 1), browser="Firefox"
    )
    person = invite(deps, "bo@example.org", role=Role.EDITOR, name="Bo").person
    given = {"days": 0, "person_id": person.id, "role": person.role, "maker": "Bo"}
    make_key(deps, name="Weekly table", scopes=["read", "review"], **given)
    store.note_change(by="Ada", area=Area.PEOPLE, did="invited Bo as editor", now=now, link=f"/people/{person.id}")
    wrong = f"/l/wrong/{sign(service.key, Action.WRONG, (flags[-1], subscription.id))}"
    noted = f"/l/note/{sign(service.key, Action.NOTE, (flags[-1], subscription.id))}"
    own = f"/l/settings/{sign(service.key, Action.SETTINGS, (subscription.id,))}"
    cure = store.save_search(name="Cure, in Japanese too", query="cure OR 治療 OR walks", by="ada@example.org", now=now)
    store.save_search(name="Broken", query="rule:gone", by="bo", now=now)
    store.set_search_mail(cure.id, subscription.id, at_once=True, now=now)
    saved = round(cure.saved_at.timestamp() * 1_000_000)
    shared = f"/l/search/{sign(service.key, Action.SEARCH, (cure.id, saved))}"
    opened = [f"/l/open/{sign(service.key, Action.OPEN, (mention.id, subscription.id))}" for mention in mentions[:4]]
    leaving = f"/l/unsubscribe/{sign(service.key, Action.UNSUBSCRIBE, (subscription.id,))}"
    letters = [draft_for(deps, number, signer=Signer(name="Ada"), by="ada") for number in _askable(site)]
    asked = letters[0]
    store.step_letter(asked.id, LetterState.ASKED, by="ada", now=now)
    outlet = asked.source_id
    told = [mention.published.date() for mention in mentions]
    first, last = min(told), max(told)
    failing, search = _sources(site)
    form = {"mode": "form", "source": OWN_RULE, "drift": "status-error", "severity": "high", "status": "active"}
    broken = form | {"words": "C++", "flags": "Nothing", "message": "x", "languages": "en"}
    shipped = {"status": "", "severity": "", "unless": "", "passes": ""}
    return {
        ("GET", "/"): ["/", f"/?said=upheld&of={flag}"],
        ("GET", "/check"): ["/check", "/check?url=https%3A%2F%2Fexample.org%2Fa"],
        ("POST", "/check"): [
            ("/check", {}),
            ("/check", {"text": "Bread rises.", "title": "Bread"}),
            ("/check", {"title": "Cured", "text": RELEASE, "assume": "yes"}),
        ],
        ("POST", "/mentions"): [("/mentions", {"url": "nonsense"})],
        ("GET", "/searches"): ["/searches", "/searches?done=removed"],
        ("POST", "/searches"): [
            ("/searches", {"name": "x" * 81, "q": "cure"}),
            ("/searches", {"name": "Walks", "q": "walks"}),
        ],
        ("GET", "/l/search/{token}"): [shared, "/l/search/nonsense"],
        ("GET", "/mentions"): [
            "/mentions",
            "/mentions?q=cure+OR",
            "/mentions?column=published&column=outlet&column=author&column=network&column=lang&column=score&column=drift&column=words&column=story&column=first-seen",
            "/mentions?q=walks+OR+cure+Keio+lang%3Aja+score%3A%3E20",
            "/mentions?q=walks&facets=1",
            "/mentions?q=nothing-like-it",
            "/mentions?q=sorce:x",
            "/mentions?before=x",
        ],
        ("GET", "/start"): ["/start", *(f"/start?step={step}" for step in STEPS)],
        ("POST", "/start/study"): [("/start/study", {"study": ""})],
        ("POST", "/start/sources"): [("/start/sources", {"lines": ""})],
        ("POST", "/start/you"): [("/start/you", {"address": "nobody", "at": "late", "zone": "Atlantis"})],
        ("GET", "/studies"): ["/studies"],
        ("GET", "/studies/new"): ["/studies/new"],
        ("POST", "/studies/new"): [
            ("/studies/new", {"text": ""}),
            ("/studies/new", {"text": ABSTRACT, "name": "Lantern"}),
        ],
        ("GET", "/studies/{study_id}/questions"): ["/studies/lantern/questions"],
        ("POST", "/studies/{study_id}/questions"): [("/studies/lantern/questions", {"institution": "..."})],
        ("GET", "/studies/{study_id}"): ["/studies/keio-ips-sci", "/studies/nothing"],
        ("GET", "/studies/{study_id}/edit"): [
            "/studies/keio-ips-sci/edit",
            "/studies/keio-ips-sci/edit?part=findings.walking",
            "/studies/keio-ips-sci/edit?part=findings.responders.not.0",
            "/studies/keio-ips-sci/edit?part=caveats.no-control-group",
        ],
        ("POST", "/studies/{study_id}/edit"): [
            ("/studies/keio-ips-sci/edit", {"part": "sources.nhk", "title": "NHK, a report", "note": "shorter"}),
            ("/studies/keio-ips-sci/edit", {"part": "findings.walking", "sentence": "", "since": "soon"}),
        ],
        ("GET", "/studies/{study_id}/add"): ["/studies/keio-ips-sci/add?part=quantities"],
        ("GET", "/studies/{study_id}/text"): ["/studies/keio-ips-sci/text"],
        ("POST", "/studies/{study_id}/text"): [("/studies/keio-ips-sci/text", {"text": "a: ["})],
        ("POST", "/proposals/{proposal_id}"): [(f"/proposals/{proposal}", {"then": "accept"})],
        ("GET", "/studies/{study_id}/versions/{version_id}"): ["/studies/keio-ips-sci/versions/1"],
        ("GET", "/mentions/{mention_id}"): [
            *(f"/mentions/{mention.id}" for mention in mentions[:4]),
            f"/mentions/{of}?said=dismissed&of={flag}",
            "/mentions/999",
        ],
        ("GET", "/mentions/{mention_id}/why"): [f"/mentions/{mentions[0].id}/why?rule=miracle"],
        ("GET", "/reviews"): ["/reviews", "/reviews?rule=above-outcome", "/reviews?rule=none"],
        ("POST", "/reviews"): [("/reviews", {"verdict": "upheld"})],
        ("POST", "/reviews/import"): [("/reviews/import", {}, '{"nothing": 1}\n[]')],
        ("GET", "/rules"): ["/rules", "/rules?q=walk", "/rules?kind=safety-overclaim", "/rules?q=no-such-words"],
        ("GET", "/rules/new"): ["/rules/new", "/rules/new?words=walks+again"],
        ("GET", "/rules/{rule_id}"): ["/rules/above-outcome", "/rules/our-walk", f"/rules/our-walk?backtest={tried}"],
        ("POST", "/rules/{rule_id}/edit"): [
            ("/rules/our-walk/edit", {"mode": "yaml", "yaml": OWN_RULE}),
            ("/rules/our-walk/edit", {"mode": "yaml", "yaml": OWN_RULE.replace("drift:", "drifted:")}),
        ],
        ("POST", "/rules/{rule_id}/try"): [
            ("/rules/above-outcome/try", shipped | {"text": "The paralysed man is walking again."}),
            ("/rules/above-outcome/try", shipped | {"text": "Nobody is walking again."}),
            ("/rules/above-outcome/try", shipped | {"mention": "no number"}),
        ],
        ("POST", "/rules/{rule_id}/backtest"): [
            ("/rules/our-walk/backtest", broken),
            ("/rules/above-outcome/backtest", shipped),
        ],
        ("POST", "/rules/import"): [("/rules/import", {}, "id: our-x\n")],
        ("GET", "/rules-history"): ["/rules-history"],
        ("GET", "/rules-history/{version_id}"): ["/rules-history/2", "/rules-history/2?against=0"],
        ("GET", "/backtests/{backtest_id}"): [
            f"/backtests/{tried}?rule=our-walk",
            f"/backtests/{changed}?rule=above-outcome",
        ],
        ("POST", "/backtests/{backtest_id}/save"): [(f"/backtests/{tried}/save", {"note": "mine"})],
        ("GET", "/flags/{flag_id}/prevent"): [f"/flags/{flag}/prevent"],
        ("POST", "/flags/{flag_id}/prevent"): [(f"/flags/{flag}/prevent", {"what": "exception", "phrase": ""})],
        ("GET", "/digests"): ["/digests"],
        ("GET", "/digests/{digest_id}"): [f"/digests/{frozen.id}"],
        ("GET", "/subscribers"): ["/subscribers", "/subscribers?state=suppressed", "/subscribers?state=left"],
        ("POST", "/subscribers"): [("/subscribers", {"address": "a, b", "zone": "Mars"})],
        ("GET", "/subscribers/{subscription_id}"): [
            *(f"/subscribers/{one.id}?done=saved" for one in store.subscriptions()),
            "/subscribers/999",
        ],
        ("POST", "/subscribers/{subscription_id}"): [(f"/subscribers/{subscription.id}", {"zone": "Mars"})],
        ("POST", "/subscribers/{subscription_id}/pause"): [(f"/subscribers/{subscription.id}/pause", {"until": "x"})],
        ("GET", "/letters"): ["/letters"],
        ("GET", "/letters/{letter_id}"): [f"/letters/{letters[-1].id}", f"/letters/{asked.id}", "/letters/999"],
        ("POST", "/letters/{letter_id}"): [(f"/letters/{letters[-1].id}", {"recipient": "a, b"})],
        ("POST", "/letters/{letter_id}/draft"): [(f"/letters/{letters[-1].id}/draft", {"language": "ja"})],
        ("POST", "/letters/{letter_id}/mark"): [(f"/letters/{asked.id}/mark", {"to": "asked"})],
        ("GET", "/stories"): ["/stories", "/stories?q=nothing-like-it", "/stories?q=sorce:x"],
        ("GET", "/stories/{story_id}"): [
            *(f"/stories/{story.id}" for story in store.stories(Query(), limit=3)),
            "/stories/999",
        ],
        ("GET", "/outlets"): ["/outlets"],
        ("GET", "/outlets/{outlet_id}"): [f"/outlets/{outlet}", f"/outlets/{outlet}?saved=yes"],
        ("GET", "/mentions/report"): ["/mentions/report", "/mentions/report?q=zebra", "/mentions/report?q=sorce:x"],
        ("GET", "/trends"): [
            "/trends",
            f"/trends?since={first}&until={last}&by=week",
            f"/trends?q=zebra&since={first}&until={last}",
            "/trends?since=2026-02-30",
        ],
        ("GET", "/claims"): ["/claims"],
        ("GET", "/claims/{claim_id}"): [f"/claims/{store.claims()[0].key}", "/claims/nothing"],
        ("GET", "/sources"): ["/sources", "/sources?done=removed"],
        ("GET", "/sources/new"): ["/sources/new"],
        ("POST", "/sources/look"): [
            ("/sources/look", {"text": "#iPSC"}),
            ("/sources/look", {"text": "Keio iPS"}),
            ("/sources/look", {"text": "http://10.0.0.1/"}),
            ("/sources/look", {"text": "javascript:alert(1)"}),
            ("/sources/look", {"kind": "bluesky-stream", "url": "Keio iPS"}),
            ("/sources/look", {"text": "http://no-such-host.example/"}),
            ("/sources/look", {"kind": "bluesky-stream", "url": "Keio"}),
        ],
        ("POST", "/sources"): [
            ("/sources", {"kind": "feed", "url": "https://news.google.com/rss/search?q=x", "weight": "9", "lang": "x"}),
            ("/sources", {"kind": "feed", "url": "nothing"}),
        ],
        ("GET", "/sources/{feed_id}"): [f"/sources/{failing}?done=saved", f"/sources/{search}", "/sources/999"],
        ("POST", "/sources/{feed_id}"): [(f"/sources/{failing}", {"title": "x" * 300, "weight": "9"})],
        ("POST", "/sources/{feed_id}/test"): [(f"/sources/{failing}/test", {}), (f"/sources/{search}/test", {})],
        ("POST", "/sources/import"): [
            (
                "/sources/import",
                {"text": '<opml><body><outline text="A & B" xmlUrl="https://a.example/"/><outline xmlUrl="x"/>'},
            ),
            ("/sources/import", {"text": "no list"}),
        ],
        ("GET", "/l/note/{token}"): [noted, "/l/note/x"],
        ("POST", "/l/note/{token}"): [(noted, {"then": "asked"})],
        ("GET", "/l/settings/{token}"): [own, "/l/settings/x"],
        ("POST", "/l/settings/{token}"): [(own, {"then": "save", "at": "x"}), (own, {"then": "pause", "until": "x"})],
        ("GET", "/l/open/{token}"): [*opened, "/l/open/x"],
        ("POST", "/digests/test"): [
            ("/digests/test", {"address": "ada@example.org"}),
            ("/digests/test", {"address": "x"}),
        ],
        ("GET", "/webhooks"): ["/webhooks"],
        ("POST", "/webhooks"): [
            ("/webhooks", {"url": "nothing", "kind": "slack"}),
            ("/webhooks", {"url": "https://desk.example.org/x"}),
        ],
        ("POST", "/webhooks/{hook_id}/test"): [("/webhooks/1/test", {})],
        ("GET", "/sessions"): ["/sessions"],
        ("GET", "/settings"): ["/settings"],
        ("GET", "/people"): ["/people", "/people?done=removed"],
        ("POST", "/people"): [
            ("/people", {"address": "a, b", "role": "king", "name": "x" * 101}),
            ("/people", {"address": "cy@example.org", "role": "reader"}),
        ],
        ("GET", "/people/{person_id}"): [f"/people/{person.id}?done=saved", "/people/999"],
        ("POST", "/people/{person_id}"): [(f"/people/{person.id}", {"role": "king"})],
        ("POST", "/people/{person_id}/invite"): [(f"/people/{person.id}/invite", {})],
        ("GET", "/people/{person_id}/remove"): [f"/people/{person.id}/remove"],
        ("GET", "/account"): ["/account"],
        ("POST", "/account"): [("/account", {"name": "x"})],
        ("POST", "/account/password"): [("/account/password", {"new": "x" * 12})],
        ("GET", "/keys"): ["/keys", "/keys?done=revoked"],
        ("GET", "/api/v1/docs"): ["/api/v1/docs"],
        ("POST", "/keys"): [("/keys", {"name": ""}), ("/keys", {"name": "x", "scope": "read"})],
        ("GET", "/audit"): ["/audit", "/audit?area=webhooks"],
        ("GET", "/sign-in/oidc/back"): ["/sign-in/oidc/back"],
        ("GET", "/sign-in"): ["/sign-in", "/sign-in?sent=yes"],
        ("POST", "/sign-in"): [("/sign-in", {"address": "ada@example.org", "password": "x"})],
        ("GET", "/help"): ["/help", "/help?q=bounce", "/nothing"],
        ("GET", "/help/{name}"): ["/help/keys", "/help/rules"],
        ("GET", "/sign-in/{secret}"): [f"/sign-in/{offered}", "/sign-in/x"],
        ("GET", "/l/{action}/{token}"): [wrong, leaving, "/l/wrong/x"],
        ("POST", "/l/{action}/{token}"): [(wrong, {"verdict": "dismissed"}), (leaving, {})],
    }


def _sources(site) -> tuple[int, int]:
    """Sources of each state, with the meter begun: the number of one that fails, and of a search that charges."""
    store, now = site.service.store, site.service.clock()
    ended = (
        ("Gone", Outcome.HARD, "gone.example has nothing at this address (404)."),
        ("Ended", Outcome.GONE, "ended.example says that it is gone for good (410)."),
        ("Busy", Outcome.RATE_LIMITED, "busy.example was asked too often and wants us to come later (429)."),
        ("An outlet whose name is as long as names of outlets of learned societies are", Outcome.FETCHED, "2 new."),
    )
    ids = []
    for name, outcome, sentence in ended:
        url = f"https://{name.partition(' ')[0].lower()}.example/{'long/' * 20}feed.xml"
        ids.append(store.add_feed(FeedKind.FEED, url, title=name, lang="ja", weight=4, now=now).id)
        lease = store.claim_feed(ids[-1], "test", now, timedelta(minutes=1), force=True).lease
        plan = PollPlan(feed_id=ids[-1], lease=lease, at=now, outcome=outcome, sentence=sentence, due_at=now)
        store.save_poll(plan, {}, lambda *_: None)
    search = store.add_feed(FeedKind.X_SEARCH, "(Keio OR 慶應) (iPS OR iPSC)", title="X: Keio", now=now).id
    store.set_feed(ids[-1], paused=True)
    store.spend("x", 40, now)
    return ids[0], search


def _askable(site) -> list[int]:
    """A flag of each of the first mentions that a letter can ask for."""
    mentions = site.service.store.search(parse_query("", site.service.clock()), limit=50)
    return [found[0].lead.id for mention in mentions if (found := askable(mention))][:2]


def show(page, site, step: Step) -> str:
    """Bring a page onto the screen; returns what it is called in a complaint."""
    if isinstance(step, str):
        page.goto(site.url + step, wait_until="load")
        return step
    action, fields, *upload = step
    page.goto(f"{site.url}/help/keys", wait_until="load")  # a form of another page than ours is refused
    with page.expect_navigation():
        page.evaluate(SUBMIT, [action, fields, *upload] if upload else [action, fields, None])
    return f"POST {action}"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("width", [360, 1280])
def test_no_barrier_and_nothing_sticks_out(site, width):
    page = site.open("/", width=width)
    pages = walk(site)
    assert set(pages) | NO_PAGE == set(ACCESS)  # a route that is neither walked nor known to be no page was forgotten
    assert not set(pages) & NO_PAGE
    wrong = []
    for step in (step for steps in pages.values() for step in steps):
        where = show(page, site, step)
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        wrong += [f"{where}, {found}" for found in barriers(page)]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            wrong.append(f"{where} is wider than {width}")
        assert page.locator("h1").count() == 1, where
    assert wrong == [], "\n".join(wrong)
    assert [said for said in site.said if "status of 4" not in said] == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_phone_shows_long_words_and_tables_whole(site):
    pages = walk(site)
    number = site.service.store.decisions()[0].review.flag_id
    long = Review(flag_id=number, verdict=Verdict.DISMISSED, by="bo", at=site.service.clock(), why="x" * 2_000)
    site.service.store.review(long)
    page = site.open("/reviews", width=360)
    for path in ("/reviews", f"/mentions/{site.service.store.flag(number).mention_id}", "/rules"):
        page.goto(site.url + path)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
    for path in (
        "/digests",
        "/sources",
        *pages["GET", "/sources/{feed_id}"][:1],
        *pages["GET", "/digests/{digest_id}"],
    ):  # nothing of a table is cut off
        page.goto(site.url + path)
        beyond = "({scrollWidth, clientWidth}) => scrollWidth - clientWidth"
        tables = page.evaluate(
            f"[...document.querySelectorAll('table.stack')].map((one) => ({beyond})(one.parentElement))"
        )
        assert tables, path
        assert max(tables) <= 0, path
    heights = page.evaluate("[...document.querySelectorAll('.nav li')].map((one) => one.offsetTop)")
    assert len(set(heights)) == 1  # the menu is one row, and shows whole where one is
    shown = page.evaluate(
        """(() => {
            const menu = document.querySelector('.nav').getBoundingClientRect();
            const here = document.querySelector('.nav [aria-current]').getBoundingClientRect();
            return here.left >= menu.left - 1 && here.right <= menu.right + 1;
        })()"""
    )
    assert shown


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_rules_are_short_on_a_phone_and_open_without_script(site):
    walk(site)
    page = site.open("/rules", width=360, script=False)
    assert page.evaluate("document.documentElement.scrollHeight") < 4 * 900
    first = page.locator(".ruled > li").first
    assert first.locator("a.open").inner_text() == "Our walk"
    assert not first.locator("dl").is_visible()
    first.locator("summary").click()
    assert first.locator("dl").is_visible()
    box = first.locator("summary").bounding_box()
    assert min(box["width"], box["height"]) >= 44
    page.locator("details.kind > summary").first.click()
    assert page.locator("details.kind .ruled > li").first.is_visible()
    page.get_by_role("link", name="safety overstated").click()
    assert page.locator("details.kind").count() == 1
    assert page.locator("details.kind .ruled > li").first.is_visible()
