"""HTML as the words a reader sees."""

from __future__ import annotations

import time

from monitor.sources.markup import html_links, html_text


def test_html_becomes_the_words_a_reader_sees():
    assert (
        html_text("<p>A&nbsp;<b>b</b>c<br>d</p><style>x{}</style><!-- no --><div>e &lt; f</div><script>never closed")
        == "A bc\nd\ne < f"
    )
    assert html_links("<a class=x href='https://a.example/?a=1&amp;b=2'>x</a> <a href=b>y</a>") == (
        "https://a.example/?a=1&b=2",
        "b",
    )
    started = time.process_time()
    for storm in ("<!--", "<script>", "<", "<a href=", "&lt;", "<p"):
        html_text(storm * 50_000)
        html_links(storm * 50_000)
    assert time.process_time() - started < 3
