"""Which letters are these bytes? Read as browsers read them: labels of the WHATWG Encoding Standard, and UTF-8 first.

A label means what it means there: `shift_jis` is cp932, `euc-kr` cp949, `iso-8859-1` and `us-ascii` windows-1252. Bytes
that are valid UTF-8 are UTF-8 whatever anybody says of them: no other text happens to be. One bad byte in UTF-8 costs one
letter and not all of them. Pure; linear in the length of the bytes.
"""

from __future__ import annotations

import codecs
import re

import webencodings

#: A byte order mark names the encoding and outranks every label. UTF-32 first: its mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
#: How markup begins without a mark: "<" in letters of two or four bytes.
_WIDE = ((b"<\0\0\0", "utf-32-le"), (b"\0\0\0<", "utf-32-be"), (b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))
#: The standard reads both by the larger set; the library's `gbk` knows fewer letters.
_LARGER = {"gbk": "gb18030", "gb2312": "gb18030"}
#: What servers say of everything they send; a label in the text itself knows better.
_DEFAULTS = frozenset({"cp1252"})
#: One letter in so many may be broken, and it still is the encoding that was named.
_BROKEN = 10
#: A label that is wrong is set aside only for what is UTF-8 but for one letter in so many.
_NEARLY = 20
#: So many of these letters, and a tenth of all that are not ASCII, make a text Japanese.
HIRAGANA = 3
#: What the languages of western Europe write beside plain letters, in cp1252.
WESTERN = "äöüßÄÖÜàâæçéèêëîïôœùûÀÂÇÉÈÊÔñÑáíóúÁÍÓÚãõÃÕåøÅØìòýð¿¡“”„‘’‚«»‹›–—…•·°€£§©®ºª\u00a0\u00ad"
#: Bytes that a guess looks at.
_LOOKED_AT = 200_000

_CHARSET = re.compile(r"""charset\s*=\s*["']?([^\s"';,]{1,40})""", re.IGNORECASE)
_DECLARED = re.compile(rb"""^\s*<\?xml[^<>]{0,200}?\bencoding\s*=\s*["']([\w.:+-]{1,40})["']""", re.IGNORECASE)
_META = re.compile(rb"""<meta\b[^<>]{0,500}?charset\s*=\s*["']?([\w.:+-]{1,40})""", re.IGNORECASE)


def decoded(body: bytes, content_type: str = "") -> str:
    """The text of a feed or page, without a byte order mark. Never raises; a byte that is no letter becomes U+FFFD.

    `content_type` is the header as the server sent it; declarations are looked for in the first bytes of the body.
    """
    if wide := _by_its_beginning(body):
        mark, name = wide
        return body[len(mark) :].decode(name, "replace")
    labels = _labels(body, content_type)
    if "iso2022_jp" in labels and body.isascii() and b"\x1b" in body:  # it writes Japanese in ASCII's own bytes
        return _decode(_as_euc(body), "euc_jp")
    utf8 = body.decode("utf-8", "replace")
    bad = utf8.count("\ufffd") - body.count(b"\xef\xbf\xbd")  # one that was written as such is a letter
    if not bad:
        return utf8
    good = sum(not letter.isascii() for letter in utf8) - utf8.count("\ufffd")
    expected = not labels or "utf-8" in labels
    if bad <= good if expected else bad * _NEARLY <= good:
        return utf8
    named = [name for name in labels if name != "utf-8"]
    for name in named:
        text = _decode(body, name)
        if text.count("\ufffd") * _BROKEN <= sum(not letter.isascii() for letter in text):
            return text
    guess = guessed(body[:_LOOKED_AT])
    return _decode(body, guess or (named[0] if named else "cp1252"))


def _by_its_beginning(body: bytes) -> tuple[bytes, str] | None:
    """The byte order mark and the encoding that it names; an empty mark if "<" tells it without one."""
    head = body[:200].lstrip()
    marked = ((mark, name) for mark, name in _MARKS if body.startswith(mark))
    return next(marked, next(((b"", name) for start, name in _WIDE if head.startswith(start)), None))


def _labels(body: bytes, content_type: str) -> list[str]:
    """The encodings that are named, as Python calls them, the one to believe first; unknown labels are passed over."""
    head = body[:1024]
    given = [_CHARSET.search(content_type), _DECLARED.match(head) or _META.search(head)]
    found = []
    for label in given:
        encoding = (
            webencodings.lookup(label[1].decode("ascii") if isinstance(label[1], bytes) else label[1])
            if label
            else None
        )
        if encoding is not None:
            name = encoding.codec_info.name
            # A label that was read as ASCII bytes is no UTF-16: the standard reads UTF-8 then.
            found.append("utf-8" if name.startswith("utf-16") else _LARGER.get(name, name))
    if len(found) == 2 and found[0] in _DEFAULTS:
        found.reverse()
    return list(dict.fromkeys(found))


def _decode(body: bytes, name: str) -> str:
    return body.decode(name, _NEC if name == "euc_jp" else "replace")


def _as_euc(body: bytes) -> bytes:
    """ISO-2022-JP as EUC-JP, which holds the same tables in the upper half of the bytes."""
    parts = re.split(rb"(\x1b(?:\$[@B]|\([BJI]))", body)
    made = [parts[0]]
    for escape, part in zip(parts[1::2], parts[2::2], strict=True):
        if escape[1:2] == b"$":
            made.append(bytes(byte | 0x80 if 0x20 < byte < 0x7F else byte for byte in part))
        elif escape.endswith(b"I"):  # half-width kana: two bytes each
            made.append(b"".join(b"\x8e" + bytes((byte | 0x80,)) for byte in part))
        else:
            made.append(part)
    return b"".join(made)


def _nec(error: UnicodeError) -> tuple[str, int]:
    """Two bytes of EUC-JP that Python's codec does not know: the letters of NEC and IBM, which cp932 has (①, ㈱, 髙)."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    pair = error.object[error.start : error.start + 2]
    if len(pair) == 2 and all(0xA1 <= byte <= 0xFE for byte in pair):
        row, cell = pair[0] - 0xA1, pair[1] - 0xA1
        lead = row // 2 + (0x81 if row < 62 else 0xC1)
        trail = cell + 0x9F if row % 2 else cell + (0x40 if cell < 63 else 0x41)
        letter = bytes((lead, trail)).decode("cp932", "replace")
        if "\ufffd" not in letter:
            return letter, error.start + 2
    return "\ufffd", error.start + 1


_NEC = "hypewatch.nec"
codecs.register_error(_NEC, _nec)


def guessed(body: bytes) -> str:
    """The encoding of bytes that are not UTF-8; "" if none fits. Hiragana tells Japanese better than statistics do."""
    found = {}
    for name in ("cp932", "euc_jp"):
        text = _decode(body, name)
        foreign = sum(not letter.isascii() for letter in text)
        hiragana = sum("\u3041" <= letter <= "\u309f" for letter in text)
        # A short headline has few letters; bytes of another language become halves of letters and half-width kana.
        strange = sum(letter == "\ufffd" or "\uff61" <= letter <= "\uff9f" for letter in text)
        if hiragana >= HIRAGANA and hiragana * 10 >= foreign and strange * 10 < foreign:
            found[name] = hiragana
    if found:
        return max(found, key=lambda name: found[name])
    # Western letters stand alone among plain ones; statistics take a French or Spanish headline for Polish or Lithuanian.
    western = body.decode("cp1252", "replace")
    if not re.search(rf"[^\x00-\x7f{WESTERN}]|[^\W\da-zA-Z]{{3}}", western):
        return "cp1252"
    from charset_normalizer import from_bytes

    best = from_bytes(body).best()
    return best.encoding if best is not None else ""
