"""Every address of a mail fetched by a scanner (reliability, fault 10): the database is unchanged; then POST works once."""

from __future__ import annotations

import re
from datetime import timedelta
from email import message_from_bytes, policy
from html.parser import HTMLParser
from urllib.parse import urlsplit

from fastapi.testclient import TestClient

from monitor.core.digests.signed_links import without_tokens
from monitor.core.search.nodes import Query
from monitor.pipeline.deliver import deliver_digest
from monitor.web.app import build_app
from tests.faults.mailing import subscribe


class _Links(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)

    def handle_starttag(self, _tag, attrs):
        self.found += [value for name, value in attrs if name in {"href", "src", "action"} and value]


def urls_of(mail):
    """Every address in the text part, the HTML part and the headers."""
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    headers = " ".join(str(value) for value in mail.values())
    found = re.findall(r"https?://[^\s<>\"')]+", f"{text} {headers}") + _Links(html).found
    return sorted({url.rstrip(".,") for url in found if url.startswith("http")})


def everything(store):
    """What the database says, all tables, so that any change is seen."""
    import sqlalchemy as sa

    from monitor.storage.tables import metadata

    with store._db.read() as conn:
        return {table.name: sorted(map(repr, conn.execute(sa.select(table)).all())) for table in metadata.sorted_tables}


def test_every_url_of_a_mail_changes_nothing_until_it_is_posted(service, sink):
    """Scanners follow links with GET and HEAD; a person presses the button, once or twice."""
    subscription_id = subscribe(service)
    frozen = deliver_digest(service.deps, subscription_id)
    mail = message_from_bytes(frozen.mime, policy=policy.SMTP)
    ours = [url for url in urls_of(mail) if url.startswith(service.settings.public_url)]
    actions = {urlsplit(url).path.split("/")[2]: url for url in ours if "/l/" in url}
    assert set(actions) == {"unsubscribe", "pause", "settings", "issue", "open", "wrong", "note"}
    before = everything(service.store)
    store = service.store
    with TestClient(build_app(service), base_url=service.settings.public_url, follow_redirects=True) as client:
        for url in ours:
            for method in ("GET", "HEAD", "GET"):
                answer = client.request(method, url)
                assert (answer.status_code, method == "HEAD" and answer.text) in ((200, False), (200, "")), (
                    method,
                    url,
                )
        assert everything(store) == before
        for token in (url.rpartition("/")[2] for url in ours if "/l/" in url):
            assert token not in without_tokens(frozen.html) + without_tokens(frozen.text)

        flags = store.search(Query())[0].flags
        for _ in range(2):
            assert client.post(actions["wrong"], data={"verdict": "dismissed"}).status_code == 200
            assert [r.verdict for flag in flags for r in store.reviews(flag.id)] == ["dismissed"]
        for _ in range(2):
            assert client.post(actions["pause"]).status_code == 200
        paused = store.subscription(subscription_id).paused_until
        assert paused == service.clock() + timedelta(days=14)
        one_click = {"List-Unsubscribe": "One-Click"}
        for _ in range(2):
            assert client.post(actions["unsubscribe"], data=one_click).status_code == 200
            assert store.subscription(subscription_id).standing(service.clock()) == "left"
    assert str(mail["List-Unsubscribe-Post"]) == "List-Unsubscribe=One-Click"
