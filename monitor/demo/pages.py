"""The newsroom's article pages: the text with all that stands around it on the web, and the posts that it quotes."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monitor.demo.newsroom import Article, Edition, Outlet, SamplePost

_QUOTED = re.compile(r"\{(post|plain):([a-z-]+)\}")
_WORDS = {
    "en": ("Home", "Weather", "Contact", "We use cookies to keep the lights on.", "Accept", "By", "More from us"),
    "es": (
        "Inicio",
        "El tiempo",
        "Contacto",
        "Usamos cookies propias y de terceros.",
        "Aceptar",
        "Por",
        "Más noticias",
    ),
    "ja": ("ホーム", "天気", "お問い合わせ", "当サイトはクッキーを使用しています。", "同意する", "文:", "ほかの記事"),
}


def article_html(edition: Edition, article: Article) -> str:
    """The article's own text as HTML paragraphs, with its quoted posts."""
    parts = []
    for paragraph in article.paragraphs:
        quoted = _QUOTED.fullmatch(paragraph)
        if quoted is None:
            parts.append(f"<p>{escape(paragraph, quote=False)}</p>")
        elif quoted[1] == "post":
            parts.append(_embedded(edition, edition.post(quoted[2])))
        else:
            parts.append(_pasted(edition.post(quoted[2])))
    return "\n".join(parts)


def _embedded(edition: Edition, post: SamplePost) -> str:
    """What X's "embed this post" gives to paste."""
    link = ""
    if post.link:
        address = edition.address(edition.article(post.link))
        link = f' <a href="{escape(address)}">{escape(address.removeprefix("http://")[:24])}…</a>'
    return (
        f'<blockquote class="twitter-tweet"><p lang="{post.lang}" dir="ltr">{escape(post.text, quote=False)}{link}</p>'
        f"&mdash; {escape(post.name)} (@{post.handle}) "
        f'<a href="{post.url.replace("x.com", "twitter.com")}?ref_src=twsrc%5Etfw">{_day(post)}</a></blockquote>'
    )


def _pasted(post: SamplePost) -> str:
    """A post that an editor pasted as text, the way most of them do."""
    return f"<p>{escape(post.text, quote=False)}</p>\n<p>— {escape(post.name)} (@{post.handle}) {_day(post)}</p>"


def _day(post: SamplePost) -> str:
    return f"{post.published:%B} {post.published.day}, {post.published.year}"


def article_page(edition: Edition, article: Article) -> str:
    """The whole page."""
    outlet = edition.outlets[article.outlet]
    home, weather, contact, cookies, accept, by, more = _WORDS[outlet.lang]
    others = "".join(
        f'<li><a href="{other.path}">{escape(other.title)}</a></li>'
        for other in edition.of(outlet.slug)
        if other.id != article.id
    )
    return _page(
        outlet,
        title=f"{article.title} | {outlet.name}",
        head=f"""<link rel="canonical" href="{edition.address(article)}">
<meta property="og:title" content="{escape(article.title)}">
<meta property="og:site_name" content="{escape(outlet.name)}">
<meta property="og:type" content="article">
<meta name="author" content="{escape(article.author)}">
<meta property="article:published_time" content="{article.published.isoformat()}">""",
        body=f"""<div class="cookie-banner" role="dialog"><p>{cookies}</p><button>{accept}</button></div>
<header><a href="/">{escape(outlet.name)}</a>
<nav><ul><li><a href="/">{home}</a></li><li><a href="/">{weather}</a></li><li><a href="/">{contact}</a></li></ul></nav></header>
<main><article>
<h1>{escape(article.title, quote=False)}</h1>
<p class="byline">{by} {escape(article.author)} · <time datetime="{article.published.isoformat()}">{article.published:%Y-%m-%d %H:%M}</time></p>
<div class="article-body">
{article_html(edition, article)}
</div>
</article></main>
<aside class="related"><h2>{more}</h2><ul>{others}</ul></aside>""",
    )


def home_page(edition: Edition, outlet: Outlet) -> str:
    """The outlet's front page, which offers its feed."""
    kind = "application/feed+json" if outlet.format == "json" else f"application/{outlet.format}+xml"
    items = "".join(f'<li><a href="{a.path}">{escape(a.title)}</a></li>' for a in edition.of(outlet.slug))
    return _page(
        outlet,
        title=outlet.name,
        head=f'<link rel="alternate" type="{kind}" href="{outlet.feed_path}">',
        body=f"<header><h1>{escape(outlet.name)}</h1></header><main><ul>{items}</ul></main>",
    )


def _page(outlet: Outlet, *, title: str, head: str, body: str) -> str:
    return f"""<!DOCTYPE html>
<html lang="{outlet.lang}">
<head>
<meta charset="utf-8">
<title>{escape(title)}</title>
{head}
</head>
<body>
{body}
<footer><p>{escape(outlet.about)}. An invented outlet of Hypewatch's sample newsroom.</p></footer>
</body>
</html>
"""
