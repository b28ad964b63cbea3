"""Decoding bodies with a hand on the tap: what comes out is counted while it comes out.

A gzip bomb of 1 MB cost feedparser 38 s and 4.1 GB. Only encodings that can be bounded are offered to servers: gzip and
deflate always, zstd and br where a library with a limit on its output is installed.
"""

from __future__ import annotations

import importlib
import zlib
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

#: What one step may put out: the count is checked after each.
STEP = 64 * 1024


class TooLargeError(Exception):
    """The decoded body is larger than the cap."""


class BrokenError(Exception):
    """The body is not what its Content-Encoding says, or was sent in one that was not offered."""


class _Decoder(Protocol):
    def feed(self, data: bytes, room: int) -> bytes:
        """Decode; raises TooLargeError if more than `room` bytes come out, BrokenError if it cannot be decoded."""
        ...


class _Identity:
    def feed(self, data: bytes, room: int) -> bytes:
        if len(data) > room:
            raise TooLargeError
        return data


class _Zlib:
    """gzip (also of several members, as log rotation and some servers make it) and deflate (with or without its header)."""

    def __init__(self, *, raw: bool) -> None:
        self._raw = raw
        self._begun = False
        self._inflater = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)

    def feed(self, data: bytes, room: int) -> bytes:
        out = bytearray()
        while data:
            try:
                piece = self._inflater.decompress(data, min(STEP, room - len(out) + 1))
            except zlib.error as error:
                if self._begun or not self._raw:
                    raise BrokenError from error
                # "deflate" is sent without the zlib header by some servers (RFC 9110, 8.4.1.2 knows of them).
                self._inflater, self._raw = zlib.decompressobj(wbits=-zlib.MAX_WBITS), False
                continue
            self._begun = True
            out += piece
            if len(out) > room:
                raise TooLargeError
            data = self._inflater.unconsumed_tail
            if self._inflater.eof:
                data = self._inflater.unused_data.lstrip(b"\0")
                if data[:2] != b"\x1f\x8b":
                    break  # padding or rubbish after the end
                self._inflater = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
        return bytes(out)


class _Bounded:
    """A library's decompressor whose `step(data, limit)` puts out at most `limit` bytes and keeps the rest for b""."""

    def __init__(self, step: Callable[[bytes, int], bytes], wants_more: Callable[[], bool], errors: Any) -> None:
        self._step, self._wants_more, self._errors = step, wants_more, errors

    def feed(self, data: bytes, room: int) -> bytes:
        out = bytearray()
        while True:
            try:
                piece = self._step(data, min(STEP, room - len(out) + 1))
            except self._errors as error:
                raise BrokenError from error
            out += piece
            if len(out) > room:
                raise TooLargeError
            data = b""
            if not piece or self._wants_more():
                return bytes(out)


def _zstd() -> _Bounded | None:
    module = _first("compression.zstd", "backports.zstd")
    if module is None:
        return None
    inflater = module.ZstdDecompressor()

    def step(data: bytes, limit: int) -> bytes:
        return b"" if inflater.eof else bytes(inflater.decompress(data, limit))

    return _Bounded(step, lambda: bool(inflater.eof or inflater.needs_input), (module.ZstdError, EOFError))


def _first(*names: str) -> Any:
    """The first of these modules that is installed, or None."""
    for name in names:
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    return None


def _brotli() -> _Bounded | None:
    module = _first("brotli")
    if module is None:
        return None
    inflater = module.Decompressor()
    if not hasattr(inflater, "can_accept_more_data"):  # before 1.2 there is no limit on the output
        return None

    def step(data: bytes, limit: int) -> bytes:
        return bytes(inflater.process(data, output_buffer_limit=limit))

    # `can_accept_more_data` speaks of input only: output may still wait while it is true (seen with brotli 1.2).
    return _Bounded(step, lambda: False, module.error)


def offered() -> str:
    """The value of Accept-Encoding."""
    return ", ".join(
        ["gzip", "deflate", *(name for name, make in (("br", _brotli), ("zstd", _zstd)) if make() is not None)]
    )


def decoder(encoding: str) -> _Decoder:
    """The decoder for a Content-Encoding; raises BrokenError for one that was not offered, or several on top of each other."""
    name = encoding.strip().lower()
    made: _Decoder | None = None
    if name in {"", "identity", "none", "utf-8"}:  # the last two are mistakes seen on real feeds
        made = _Identity()
    elif name in {"gzip", "x-gzip"}:
        made = _Zlib(raw=False)
    elif name == "deflate":
        made = _Zlib(raw=True)
    elif name == "br":
        made = _brotli()
    elif name == "zstd":
        made = _zstd()
    if made is None:
        raise BrokenError
    return made
