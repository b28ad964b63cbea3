"""What strangers wrote is parsed in a process of its own, which may be killed."""

from __future__ import annotations

import contextlib
import os

import pytest

from monitor.sources.sandbox import CHILD, Child, ReadingFailedError

RSS = """<?xml version="1.0"?><rss version="2.0"><channel><title>Example &amp;amp; Co</title><link>https://www.example.org/</link>
<language>en-gb</language>
<item><title>Man &lt;b&gt;stands&lt;/b&gt; &amp;amp; walks</title><link>/story?id=1</link><guid isPermaLink="false">g1</guid>
<pubDate>Mon, 24 Mar 2025 10:00:00 JST</pubDate><author>jo@example.org (Jo)</author>
<description>&lt;p&gt;One.&lt;/p&gt;&lt;p&gt;Two &amp;lt; three.&lt;script&gt;alert(1)&lt;/script&gt;&lt;/p&gt;</description></item>
<item><title>Bad</title><link>javascript:alert(1)</link><pubDate>2025-13-45</pubDate></item>
</channel></rss>"""


HEAD = b'<?xml version="1.0"?><rss version="2.0"><channel><title>t</title>'


TAIL = b"</channel></rss>"


def test_the_child_is_killed_at_its_limit_and_replaced():
    child = Child(cpu_seconds=0.4)
    storm = HEAD + (b"<item><description>" + b"<p>x</p>" * 9000 + b"</description></item>") * 30 + TAIL
    with pytest.raises(ReadingFailedError, match=r"takes more than 0.4 seconds to read"):
        child.read("feed", {"headers": {}}, storm)
    assert child.read("feed", {"headers": {}}, RSS.encode())["title"] == "Example & Co"
    first = child._process.pid
    child.read("feed", {"headers": {}}, RSS.encode())
    assert child._process.pid == first
    os.kill(first, 9)
    child._process.wait()
    assert child.read("feed", {"headers": {}}, RSS.encode())["title"] == "Example & Co"
    child.close()


def test_a_forked_process_has_a_child_of_its_own():
    CHILD.read("feed", {"headers": {}}, RSS.encode())
    ours = CHILD._process.pid
    pid = os.fork()
    if pid == 0:  # in the fork: nothing of pytest may run here
        status = 1
        with contextlib.suppress(BaseException):
            title = CHILD.read("feed", {"headers": {}}, RSS.encode())["title"]
            status = 0 if title == "Example & Co" and CHILD._process.pid != ours else 2
            CHILD.close()
        os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert CHILD.read("feed", {"headers": {}}, RSS.encode())["title"] == "Example & Co"
    assert CHILD._process.pid == ours


def test_a_fault_of_the_reader_is_a_sentence():
    child = Child()
    with pytest.raises(ReadingFailedError, match=r"^broke its reader \(KeyError\)\.$"):
        child.read("feed", {}, b"<rss/>")
    child.close()
