"""A feed's text before its parser: what is cut, and what is mended."""

from __future__ import annotations

import time

import pytest

from monitor.sources.feeds import repair as feedbytes
from monitor.sources.feeds.repair import bounded, mended, prepared
from monitor.sources.feeds.xml import read_xml

RSS = '<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>G</title>'
END = "</channel></rss>"
LONG = "The four patients were followed. " * 60


def titles(text):
    return [entry["title"] for entry in read_xml(text.encode(), {})["entries"]]


@pytest.mark.parametrize(
    "empty",
    [
        '<media:content url="https://c.example/{n}.jpg"/>',
        '<media:content url="https://c.example/{n}>.jpg" medium="image" />',
        "<description/>",
        "<summary  />",
        '<content src="https://c.example/{n}"/>',
        "<content:encoded/>",
        '<content:encoded lang="en"\n/>',
    ],
)
def test_an_empty_element_does_not_take_the_tail_of_a_long_feed(empty):
    items = [
        f"<item><title>E{n}</title><description>{LONG}</description>{empty.format(n=n)}</item>" for n in range(260)
    ]
    text = RSS + "".join(items) + END
    assert len(text) > 500_000
    assert titles(text) == [f"E{n}" for n in range(260)]


def test_a_text_that_ends_like_another_is_not_ended_by_it():
    words = "word " * 80_000
    text = f"{RSS}<item><title>a</title><content>{words}</content><content:encoded>x</content:encoded></item><item><title>b</title></item>{END}"
    assert titles(text) == ["a", "b"]
    inside = f"{RSS}<item><title>a</title><description><![CDATA[{words}</description></item><item>]]></description></item><item><title>b</title></item>{END}"
    assert titles(inside) == ["a", "b"]


def test_fields_are_cut_and_closed():
    many = "<p>x</p>" * 100_000
    cut = bounded(f"{RSS}<item><title>a</title><description><div>{many}</div></description><guid>1</guid></item>{END}")
    assert len(cut) < feedbytes.MOST_RAW_TEXT + 1000
    assert cut.endswith(f"</div></description><guid>1</guid></item>{END}")
    cut = bounded(f"{RSS}<item><title>{'t' * 100_000}</title><author>{'&amp;' * 9000}</author></item>{END}")
    assert f"{'t' * feedbytes.MOST_RAW_FIELD}</title>" in cut
    assert f"<author>{'&amp;' * (feedbytes.MOST_RAW_NAME // 5)}</author>" in cut
    never = bounded(f"{RSS}<item><title>{'t' * 100_000}")
    assert len(never) < feedbytes.MOST_RAW_FIELD + 1000
    small = f"{RSS}<item><title>a</title></item>{END}"
    assert bounded(small) is small


def test_an_entry_has_so_many_fields_and_a_tag_so_many_letters():
    tags = "<category>x</category>" * 5000
    cut = bounded(f"{RSS}<item><title>a</title>{tags}</item><item><title>b</title></item>{END}")
    assert cut.count("<category>") == feedbytes.MOST_FIELDS - 1
    assert titles(cut) == ["a", "b"]
    huge = f'{RSS}<item><enclosure url="{"x" * 50_000}"/><title>a</title></item>{END}'
    assert "<enclosure/>" in bounded(huge)
    assert titles(huge) == ["a"]


def test_a_thousand_addresses_of_an_rdf_list_are_no_fields():
    head = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><channel rdf:about="https://e.example/"><title>G</title><items><rdf:Seq>'
    listed = "".join(f'<rdf:li rdf:resource="https://e.example/{n}"/>' for n in range(1000))
    items = "".join(f'<item rdf:about="https://e.example/{n}"><title>E{n}</title></item>' for n in range(1000))
    assert titles(f"{head}{listed}</rdf:Seq></items></channel>{items}</rdf:RDF>") == [f"E{n}" for n in range(1000)]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Q&A: R&D at Keio & co", "Q&A: R&D at Keio & co"),
        ("AT&T;", "AT&T;"),
        ("a &amp; b &lt; c", "a & b < c"),
        ("caf&eacute; &hellip; &nbsp;x", "café … x"),
        ("&#8217;s &#x2019;s &#8217 s", "’s ’s ’ s"),
        ("<![CDATA[Q&A & R&D]]>", "Q&A & R&D"),
        ("&lt;![CDATA[Four &amp;amp; one]]&gt;", "Four & one"),
        ("a\x0b\x00b\x1f", "ab"),
        ("a&#11;b", "ab"),
    ],
)
def test_slips_in_a_title(written, read):
    assert titles(f"{RSS}<item><title>{written}</title></item>{END}") == [read]


def test_a_bare_ampersand_in_an_address():
    text = f"{RSS}<item><title>x</title><link>https://e.example/?a=1&b=2&copy=3</link></item>{END}"
    assert read_xml(text.encode(), {})["entries"][0]["link"] == "https://e.example/?a=1&b=2&copy=3"
    text = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><link href="https://e.example/?a=1&b=2&lt=3"/></entry></feed>'
    )
    assert read_xml(text.encode(), {})["entries"][0]["link"] == "https://e.example/?a=1&b=2&lt=3"


def test_words_that_a_feed_names_itself_are_kept():
    text = f'<!DOCTYPE rss [<!ENTITY keio "Keio University">]>{RSS}<item><title>&keio; & co</title></item>{END}'
    assert titles(text) == ["Keio University & co"]


def test_a_cdata_section_that_was_escaped_is_its_words():
    item = "<item><title>T</title><description>{}</description></item>"
    for written, read in (
        ("&lt;![CDATA[One of four stands.]]&gt;", "One of four stands."),
        ("&#60;![CDATA[&lt;p&gt;One&lt;/p&gt;&lt;p&gt;two]]&#62;", "One\ntwo"),
        ("a ]]&gt; b", "a ]]> b"),
    ):
        (entry,) = read_xml((RSS + item.format(written) + END).encode(), {})["entries"]
        assert entry["text"] == read


def test_a_caption_is_not_the_text_but_a_films_description_is():
    group = '<media:group><media:description type="plain">The laboratory on a sunny day, from our archive</media:description></media:group>'
    text = f"{RSS}<item><title>T</title><description>Two improved.</description>{group}</item>{END}"
    assert read_xml(text.encode(), {})["entries"][0]["text"] == "Two improved."
    alone = f"{RSS}<item><title>T</title>{group}</item>{END}".replace("media:", "m:").replace(":media", ":m")
    assert read_xml(alone.encode(), {})["entries"][0]["text"] == "The laboratory on a sunny day, from our archive"


def test_the_link_of_an_entry_is_its_page():
    atom = '<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id>{}</entry></feed>'
    for links in (
        '<link rel="alternate" href="https://g.example/1"/><link rel="enclosure">https://img.example/p.jpg</link>',
        '<link rel="enclosure" href="https://img.example/p.jpg"/><link href="https://g.example/1"/>',
        '<link rel="replies">https://g.example/1#c</link><link rel="alternate" type="text/html" href="https://g.example/1"/>',
    ):
        assert read_xml(atom.format(links).encode(), {})["entries"][0]["link"] == "https://g.example/1", links
    rss = f"{RSS}<item><title>x</title><link><![CDATA[ https://g.example/1 ]]></link></item>{END}"
    assert read_xml(rss.encode(), {})["entries"][0]["link"] == "https://g.example/1"


def test_cells_of_a_row_stay_words_of_their_own():
    table = "<table><tr><th>Cured</th><td>none</td><td>stands</td></tr><tr><td>Two</td><td>improved</td></tr></table>"
    text = f"{RSS}<item><description><![CDATA[{table}]]></description></item>{END}"
    assert read_xml(text.encode(), {})["entries"][0]["text"] == "Cured none stands\nTwo improved"


@pytest.mark.parametrize(
    "hostile",
    ["<", "<![CDATA[", "<!--", "<?", '<a b="', "<a>", "</a>", "&", "&lt;![CDATA[", "<item", "<a 'x\" ", "&#"],
)
def test_every_pass_is_linear(hostile):
    def seconds(size):
        text = f"{RSS}<item><title>" + hostile * (size // len(hostile))
        began = time.process_time()
        prepared(text)
        mended(text)
        return time.process_time() - began

    small = min(seconds(400_000) for _ in range(3))
    large = min(seconds(800_000) for _ in range(3))
    assert large < 3 * small + 0.05
