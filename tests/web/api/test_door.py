"""Who comes in, and that reading is no more than that."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing

from monitor.web.access import ACCESS

THERE = {"rule_id": "above-outcome", "study_id": "keio-ips-sci"}


def stored(url: str) -> list[str]:
    """All that the database holds."""
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as database:
        return [line for line in database.iterdump() if "leases" not in line]


def test_no_get_changes_anything(owner, sqlite_url):
    owner.get("/mentions")  # when a key was used is kept, once an hour
    mention = owner.get("/mentions")["items"][0]["id"]
    there = THERE | {"mention_id": str(mention)}
    before = stored(sqlite_url)
    answered = set()
    for method, path in ACCESS:
        if method == "GET" and path.startswith("/api/"):
            answered.add(owner("GET", re.sub(r"\{(\w+)\}", lambda name: there.get(name[1], "1"), path)).status_code)
    assert answered == {200, 404}
    assert stored(sqlite_url) == before


def test_a_cookie_beside_a_key_counts_for_nothing(client, reader, seeded):
    """The local mode makes whoever sits at the machine the owner; a program that shows a key is that program."""
    assert client.get("/api/v1/users").status_code == 200
    assert reader("GET", "/users").status_code == 403
    assert reader("DELETE", "/users/1").status_code == 403
