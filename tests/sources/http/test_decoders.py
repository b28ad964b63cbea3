"""Bodies that come packed: unpacked as they come, and never more than the cap."""

from __future__ import annotations

import gzip
import time
import zlib

import pytest

from monitor.core.model import Outcome
from monitor.sources.http.decoders import BrokenError, TooLargeError, decoder, offered


def ended(fetched):
    return fetched.outcome, fetched.sentence


def raw_deflate(data):
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("gzip", gzip.compress),
        ("x-gzip", lambda data: gzip.compress(data[:5]) + gzip.compress(data[5:])),
        ("deflate", zlib.compress),
        ("deflate", raw_deflate),
        ("identity", bytes),
    ],
)
def test_packed_bodies_are_unpacked(web, door, fakes, encoding, pack):
    body = b"<rss>" + bytes(range(256)) * 1000
    web["/"] = fakes.answer(pack(body), Content_Encoding=encoding)
    fetched = door.fetch(web.url())
    assert (fetched.outcome, fetched.body == body) == (Outcome.FETCHED, True)


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress, raw_deflate], ids=["gzip", "deflate", "raw"])
def test_a_bomb_is_counted_while_it_is_unpacked(web, door, fakes, pack):
    bomb = pack(b"\0" * 60_000_000)
    assert len(bomb) < 100_000
    encoding = "gzip" if pack is gzip.compress else "deflate"
    web["/"] = fakes.answer(bomb, Content_Encoding=encoding)
    started = time.process_time()
    assert ended(door.fetch(web.url())) == (
        Outcome.SOFT,
        f"127.0.0.1 sent a small answer ({encoding}) that unpacks to more than 9 MB, as none should.",
    )
    assert time.process_time() - started < 1


@pytest.mark.parametrize(("encoding", "module"), [("br", "brotli"), ("zstd", "backports.zstd")])
def test_encodings_of_optional_libraries_are_bounded_too(encoding, module):
    packer = pytest.importorskip(module, reason=f"{module} is not installed, so {encoding} is not offered")
    assert encoding in offered()
    body = b"<rss>" + bytes(range(256)) * 4000
    packed = packer.compress(body)
    for size in (7, len(packed)):
        inflater = decoder(encoding)
        pieces = (inflater.feed(packed[at : at + size], 8_000_000) for at in range(0, len(packed), size))
        assert b"".join(pieces) == body
    with pytest.raises(TooLargeError):
        decoder(encoding).feed(packer.compress(bytes(100_000_000)), 8_000_000)
    with pytest.raises(BrokenError):
        decoder(encoding).feed(b"\xff" * 100, 8_000_000)


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "rot13"])
def test_what_was_not_offered_is_not_unpacked(web, door, fakes, encoding):
    web["/"] = fakes.answer(b"\xff" * 100, Content_Encoding=encoding)
    assert ended(door.fetch(web.url())) == (
        Outcome.SOFT,
        "127.0.0.1 sent its answer packed in a way that cannot be unpacked.",
    )
