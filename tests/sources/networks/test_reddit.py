"""Reddit's listings as posts."""

from __future__ import annotations

import json

from monitor.sources.networks.recorded import posts_parse_file

FIELDS = ("id", "author", "text", "published", "url", "links", "deleted")


def rows(tmp_path, network, text):
    path = tmp_path / "payload.json"
    path.write_text(text if isinstance(text, str) else json.dumps(text), encoding="utf-8")
    found = list(posts_parse_file(str(path), network))
    assert all(row["file"] == str(path) and row["network"] == network for row in found)
    return [tuple(row[name] for name in FIELDS) for row in found]


def test_reddit(tmp_path):
    comment = {"kind": "t1", "data": {"name": "t1_b", "author": "jo", "body": "[deleted]", "created_utc": 1742810400.0}}
    submission = {
        "kind": "t3",
        "data": {
            "name": "t3_a",
            "author": "pg",
            "title": "Man &amp; cells",
            "selftext": "See [it](https://a.example/x) and https://en.wikipedia.org/wiki/Keio_(university).",
            "created_utc": 1742810400.0,
            "permalink": "/r/x/comments/a/",
            "url": "https://example.org/s",
            "replies": {"kind": "Listing", "data": {"children": [comment]}},
        },
    }
    assert rows(tmp_path, "reddit", {"kind": "Listing", "data": {"children": [submission]}}) == [
        (
            "t3_a",
            "pg",
            "Man & cells\nSee [it](https://a.example/x) and https://en.wikipedia.org/wiki/Keio_(university).",
            "2025-03-24T10:00:00Z",
            "https://www.reddit.com/r/x/comments/a/",
            ["https://example.org/s", "https://a.example/x", "https://en.wikipedia.org/wiki/Keio_(university)"],
            False,
        ),
        ("t1_b", "jo", "", "2025-03-24T10:00:00Z", None, [], True),
    ]
