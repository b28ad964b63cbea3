"""The newsroom's feeds: RSS 2.0, Atom 1.0 and JSON Feed 1.1, as such outlets write them."""

from __future__ import annotations

import json
from email.utils import format_datetime
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from monitor.demo.pages import article_html

if TYPE_CHECKING:
    from monitor.demo.newsroom import Article, Edition, Outlet


def feed_body(edition: Edition, outlet: Outlet) -> tuple[str, str]:
    """The outlet's feed and its Content-Type."""
    writer, content_type = {
        "rss": (_rss, "application/rss+xml; charset=utf-8"),
        "atom": (_atom, "application/atom+xml; charset=utf-8"),
        "json": (_json, "application/feed+json; charset=utf-8"),
    }[outlet.format]
    return writer(edition, outlet), content_type


def _rss(edition: Edition, outlet: Outlet) -> str:
    items = "".join(
        f"""
    <item>
      <title>{escape(article.title)}</title>
      <link>{escape(edition.address(article))}</link>
      <guid isPermaLink="false">{outlet.slug}-{escape(article.slug)}</guid>
      <dc:creator>{escape(article.author)}</dc:creator>
      <pubDate>{format_datetime(article.published)}</pubDate>
      <description>{escape(_content(edition, article, outlet))}</description>
    </item>"""
        for article in edition.of(outlet.slug)
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/">
  <channel>
    <title>{escape(outlet.name)}</title>
    <link>{escape(edition.base(outlet.slug))}/</link>
    <description>{escape(outlet.about)}</description>
    <language>{outlet.lang}</language>{items}
  </channel>
</rss>
"""


def _atom(edition: Edition, outlet: Outlet) -> str:
    articles = edition.of(outlet.slug)
    entries = "".join(
        f"""
  <entry>
    <title>{escape(article.title)}</title>
    <link rel="alternate" type="text/html" href="{escape(edition.address(article))}"/>
    <id>tag:{outlet.host},2025:{escape(article.slug)}</id>
    <author><name>{escape(article.author)}</name></author>
    <published>{article.published.isoformat()}</published>
    <updated>{article.updated.isoformat()}</updated>
    <{"content" if outlet.full else "summary"} type="html">{escape(_content(edition, article, outlet))}</{"content" if outlet.full else "summary"}>
  </entry>"""
        for article in articles
    )
    return f"""<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{outlet.lang}">
  <title>{escape(outlet.name)}</title>
  <subtitle>{escape(outlet.about)}</subtitle>
  <id>tag:{outlet.host},2025:feed</id>
  <link rel="self" type="application/atom+xml" href="{escape(edition.base(outlet.slug))}{outlet.feed_path}"/>
  <link rel="alternate" type="text/html" href="{escape(edition.base(outlet.slug))}/"/>
  <updated>{max(article.updated for article in articles).isoformat()}</updated>{entries}
</feed>
"""


def _json(edition: Edition, outlet: Outlet) -> str:
    return json.dumps(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": outlet.name,
            "description": outlet.about,
            "home_page_url": f"{edition.base(outlet.slug)}/",
            "feed_url": f"{edition.base(outlet.slug)}{outlet.feed_path}",
            "language": outlet.lang,
            "items": [
                {
                    "id": f"{outlet.slug}:{article.slug}",
                    "url": edition.address(article),
                    "title": article.title,
                    "content_html": _content(edition, article, outlet),
                    "summary": article.summary,
                    "date_published": article.published.isoformat(),
                    "date_modified": article.updated.isoformat(),
                    "authors": [{"name": article.author}],
                }
                for article in edition.of(outlet.slug)
            ],
        },
        ensure_ascii=False,
        indent=1,
    )


def _content(edition: Edition, article: Article, outlet: Outlet) -> str:
    """Whole texts or the first paragraph, as HTML."""
    return article_html(edition, article) if outlet.full else f"<p>{escape(article.summary)}</p>"
