"""What the sample newsroom publishes: outlets, articles and posts, read from the TOML files beside this module.

Everything is a pure function of (port, epoch, round): the same three give the same texts, addresses, dates and ids.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Snowflake ids count milliseconds from here (docs.x.com, "X IDs"): 2010-11-04 01:42:54.657 UTC.
SNOWFLAKE_EPOCH_MS = 1_288_834_974_657


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """An invented outlet. `format` is rss, atom or json; with `full` its feed carries whole texts."""

    slug: str
    name: str
    format: str
    lang: str
    weight: int
    about: str
    full: bool = False

    @property
    def host(self) -> str:
        """Names below .localhost lead to this machine, and to no other (RFC 6761, section 6.3)."""
        return f"{self.slug}.localhost"

    @property
    def feed_path(self) -> str:
        return {"rss": "/rss.xml", "atom": "/atom.xml", "json": "/feed.json"}[self.format]


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One article as one round of polls finds it. `text` holds paragraphs; {post:ID} and {plain:ID} quote a post."""

    id: str  # outlet/slug
    outlet: str
    slug: str
    title: str
    text: str
    author: str
    published: datetime
    updated: datetime

    @property
    def path(self) -> str:
        return f"/news/{self.slug}"

    @property
    def paragraphs(self) -> Sequence[str]:
        return tuple(part.strip() for part in self.text.split("\n\n") if part.strip())

    @property
    def summary(self) -> str:
        return self.paragraphs[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplePost:
    """One post; `network` is x, bluesky or mastodon. `found` says whether the search brings it; others are only
    quoted, or told of by Bluesky's stream.

    `id` is its number on X; the other networks make theirs of `published` and `number`. `gone` is when its author took
    it away: from the second round on it is not there any more.
    """

    id: int
    number: int  # its place in the file
    key: str
    network: str
    handle: str
    name: str
    text: str
    lang: str
    published: datetime
    followers: int
    reposts: int
    likes: int
    link: str | None
    found: bool
    round: int
    gone: datetime | None

    @property
    def url(self) -> str:
        """Where it is on X."""
        return f"https://x.com/{self.handle}/status/{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """All that can be read in one round of polls."""

    port: int
    epoch: datetime
    round: int
    outlets: dict[str, Outlet]
    articles: tuple[Article, ...]  # newest first
    posts: tuple[SamplePost, ...]  # newest first
    removed: tuple[SamplePost, ...]  # that were there in a round before

    def base(self, outlet: str) -> str:
        return f"http://{self.outlets[outlet].host}:{self.port}"

    def address(self, article: Article) -> str:
        return f"{self.base(article.outlet)}{article.path}"

    def of(self, outlet: str) -> tuple[Article, ...]:
        return tuple(article for article in self.articles if article.outlet == outlet)

    def article(self, article_id: str) -> Article:
        return next(article for article in self.articles if article.id == article_id)

    def on(self, network: str) -> tuple[SamplePost, ...]:
        """What this network's search finds, newest first."""
        return tuple(post for post in self.posts if post.network == network and post.found)

    def post(self, key: str) -> SamplePost:
        return next(post for post in self.posts if post.key == key)


def make_edition(port: int, epoch: datetime, number: int) -> Edition:
    """The newsroom as round `number` (1 or 2) finds it; `epoch` is the aware time that all ages are counted from."""
    outlets = {slug: Outlet(slug=slug, **values) for slug, values in _read("outlets").items()}
    rows: list[dict[str, Any]] = _read("articles")["article"]
    by_id = {f"{row['outlet']}/{row['slug']}": row for row in rows}
    articles = [_article(article_id, by_id, epoch, number) for article_id in by_id]
    rows_of_posts: dict[str, dict[str, Any]] = _read("posts")
    posts = [
        post for at, key in enumerate(rows_of_posts) if (post := _post(key, rows_of_posts, at, epoch)).round <= number
    ]
    removed = tuple(post for post in posts if post.gone and number > 1)
    return Edition(
        port=port,
        epoch=epoch,
        round=number,
        outlets=outlets,
        articles=tuple(sorted(articles, key=lambda article: (article.published, article.id), reverse=True)),
        posts=tuple(sorted((post for post in posts if post not in removed), key=lambda post: post.id, reverse=True)),
        removed=removed,
    )


def _article(article_id: str, by_id: dict[str, dict[str, Any]], epoch: datetime, number: int) -> Article:
    row = by_id[article_id]
    origin = by_id[row["copy_of"]] if "copy_of" in row else row
    published: datetime = row["published"] if "published" in row else epoch - timedelta(hours=row["hours"])
    article = Article(
        id=article_id,
        outlet=row["outlet"],
        slug=row["slug"],
        title=origin["title"],
        text=origin["text"].strip(),
        author=row["author"],
        published=published,
        updated=published,
    )
    article = _changed(article, row.get("changes", ()))
    if "after" in row:
        article = replace(article, text=f"{article.text}\n\n{row['after'].strip()}")
    if number > 1 and "round2" in row:
        article = replace(_changed(article, row["round2"]), updated=epoch)
    return article


def _changed(article: Article, changes: Sequence[Sequence[str]]) -> Article:
    """Replace words in title and text; a pair that occurs nowhere is a mistake in the file and raises ValueError."""
    title, text = article.title, article.text
    for old, new in changes:
        if old not in title and old not in text:
            raise ValueError(f"articles.toml, {article.id}: {old!r} does not occur")
        title, text = title.replace(old, new), text.replace(old, new)
    return replace(article, title=title, text=text)


def _post(key: str, rows: dict[str, dict[str, Any]], number: int, epoch: datetime) -> SamplePost:
    row = rows[key]
    origin = rows[row["copy_of"]] if "copy_of" in row else row
    published = (epoch - timedelta(hours=row["hours"])).replace(microsecond=0)
    return SamplePost(
        id=snowflake(published) | number,
        number=number,
        key=key,
        network=row.get("network", "x"),
        handle=row["handle"],
        name=row["name"],
        text=" ".join(filter(None, (origin["text"], row.get("after")))),
        lang=row["lang"],
        published=published,
        followers=row.get("followers", 0),
        reposts=row.get("reposts", 0),
        likes=row.get("likes", 0),
        link=row.get("link"),
        found=row.get("found", True),
        round=row.get("round", 1),
        gone=epoch - timedelta(hours=row["gone"]) if "gone" in row else None,
    )


def snowflake(moment: datetime) -> int:
    """The least id that X gives in this millisecond."""
    return (int(moment.timestamp() * 1000) - SNOWFLAKE_EPOCH_MS) << 22


@cache
def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((files(__package__) / f"{name}.toml").read_text(encoding="utf-8"))
