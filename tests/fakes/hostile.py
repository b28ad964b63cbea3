"""Servers and feeds that mean harm, each a script for the scripted server; and what a tree of processes weighs."""

from __future__ import annotations

import importlib
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n"
#: Decoded bytes of a bomb.
BOMB = 200_000_000


def rss(items: str, before: str = "") -> bytes:
    return f'<?xml version="1.0"?>{before}<rss version="2.0"><channel><title>T</title>{items}</channel></rss>'.encode()


def whole(body: bytes, *headers: str) -> bytes:
    """A correct answer with this body."""
    lines = "".join(f"{header}\r\n" for header in headers)
    return HEAD + f"{lines}Content-Length: {len(body)}\r\n\r\n".encode() + body


def redirect(place: str) -> bytes:
    return f"HTTP/1.1 302 Found\r\nLocation: {place}\r\nContent-Length: 0\r\n\r\n".encode()


def drip(pieces: bytes, every: float) -> Callable[[object], Iterator[bytes | float]]:
    """A byte now and then: each read is quick, the whole never ends."""

    def script(_: object) -> Iterator[bytes | float]:
        for byte in pieces:
            yield bytes([byte])
            yield every

    return script


def endless(_: object) -> Iterator[bytes]:
    yield HEAD + b"\r\n" + rss("")[:-16]
    while True:
        yield b"<item><title>more</title></item>" * 1000


def packed(encoding: str) -> bytes | None:
    """A bomb in an encoding; None if the library that makes it is not installed."""
    zeros = b"\0" * 1_000_000
    if encoding == "gzip":
        packer = zlib.compressobj(9, wbits=31)
        return b"".join(packer.compress(zeros) for _ in range(BOMB // len(zeros))) + packer.flush()
    try:
        module = importlib.import_module({"br": "brotli", "zstd": "backports.zstd"}[encoding])
    except ImportError:
        return None
    if encoding == "br":
        squeezer = module.Compressor(quality=5)
        return b"".join(squeezer.process(zeros) for _ in range(BOMB // len(zeros))) + squeezer.finish()
    return bytes(module.compress(zeros * (BOMB // len(zeros))))


def laughs() -> bytes:
    names = "abcdefghij"
    entities = '<!ENTITY a "ha">' + "".join(
        f'<!ENTITY {name} "{f"&{names[at]};" * 10}">' for at, name in enumerate(names[1:])
    )
    return rss("<item><title>&j;</title></item>", f"<!DOCTYPE rss [{entities}]>")


def scripts(secret: Path) -> dict[str, object]:
    """Name to script, of every hostile feed that can be made here. `secret` is a file that must not be read."""
    xxe = f'<!DOCTYPE rss [<!ENTITY x SYSTEM "file://{secret}">]>'
    made: dict[str, object] = {
        "loris": drip(HEAD * 100, 0.2),
        "drip": drip(HEAD + b"\r\n" + rss("<item><title>x</title></item>" * 100), 0.2),
        "endless body": endless,
        "length too long": HEAD + b"Content-Length: 100000\r\n\r\n" + rss(""),
        "length too short": HEAD + b"Content-Length: 40\r\n\r\n" + rss("<item><title>x</title></item>"),
        "redirect loop": redirect("/feed"),
        "redirect inward": redirect("http://169.254.169.254/latest/meta-data/"),
        "external entity": whole(rss("<item><title>&x;</title><link>http://a.example/</link></item>", xxe)),
        "billion laughs": whole(laughs()),
        "comment storm": whole(rss("<!--" * 500_000)),
        "deep nest": whole(rss(f"<item><description>{'<a>' * 9000}{'</a>' * 9000}</description></item>" * 100)),
        "bytes of no text": whole(b"\0\xff\xfe\x80" * 50_000),
        "million entries": whole(rss("<item/>" * 1_000_000)),
        "not gzip": whole(rss(""), "Content-Encoding: gzip"),
    }
    for encoding in ("gzip", "br", "zstd"):
        bomb = packed(encoding)
        if bomb is not None:
            made[f"{encoding} bomb"] = whole(bomb, f"Content-Encoding: {encoding}")
    return made


def tree_mb(pid: int) -> float:
    """Resident memory of a process and all that descend from it, in MB of 1,000,000 bytes; 0 if it is no more."""
    parents: dict[int, int] = {}
    resident: dict[int, int] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                status = (folder / "status").read_text()
            except OSError:
                continue  # it ended meanwhile
            fields = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
            parents[int(folder.name)] = int(fields["PPid"])
            resident[int(folder.name)] = int(fields.get("VmRSS", "0 kB").split()[0]) * 1024
    family, more = {pid}, True
    while more:
        grown = family | {child for child, parent in parents.items() if parent in family}
        more, family = grown != family, grown
    return sum(resident.get(one, 0) for one in family) / 1e6
