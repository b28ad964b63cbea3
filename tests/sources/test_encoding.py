"""Letters as browsers read them: labels, marks, declarations, and what is wrong with them."""

from __future__ import annotations

import codecs

import pytest

from monitor.sources.encoding import decoded

JAPANESE = "慶應義塾大学の髙橋教授①「四人」㈱が発表しました"
KOREAN = "척수손상 환자 네 명 가운데 한 명이 섰다 똠방각하"
RUSSIAN = "Пациент снова стоит «сам», говорят врачи"


def xml(words, label="", before=""):
    declared = f'{before}<?xml version="1.0" encoding="{label}"?>' if label else before
    return f"{declared}<rss><channel><title>{words}</title></channel></rss>"


@pytest.mark.parametrize(
    ("label", "codec", "words"),
    [
        ("Shift_JIS", "cp932", JAPANESE),
        ("x-sjis", "cp932", JAPANESE),
        ("windows-31j", "cp932", JAPANESE),
        ("euc-kr", "cp949", KOREAN),
        ("ks_c_5601-1987", "cp949", KOREAN),
        ("gb2312", "gb18030", "脊髓损伤患者取得进展 镕 €"),
        ("iso-8859-1", "cp1252", "“today” – a naïve café …"),
        ("us-ascii", "cp1252", "“today” – a naïve café"),
        ("ISO-8859-9", "cp1254", "hasta yürüdü, İstanbul’da ğ ş"),
        ("koi8-r", "koi8-r", "Пациент снова стоит сам, говорят врачи"),
        ("big5", "big5", "脊髓損傷的病人站起來了"),
        ("iso-2022-jp", "iso2022_jp", "慶應義塾大学の教授"),
    ],
)
def test_a_label_means_what_it_means_in_browsers(label, codec, words):
    assert words in decoded(xml(words, label).encode(codec), "text/xml")
    assert words in decoded(xml(words).encode(codec), f'application/xml; charset="{label}"')
    page = f"<html><head><meta charset={label}><title>{words}</title>"
    assert words in decoded(page.encode(codec), "text/html")
    assert words in decoded(xml(words, label, before=" \n\n").encode(codec), "text/xml")


def test_the_letters_of_nec_in_euc_jp_and_iso_2022_jp():
    row13 = bytes((0xAD, 0xA1, 0xAD, 0xEA))
    start, end = '<?xml version="1.0" encoding="euc-jp"?><a>'.encode("euc_jp"), b"</a>"
    assert decoded(start + "慶大".encode("euc_jp") + row13 + end).endswith("<a>慶大①㈱</a>")
    start = b'<?xml version="1.0" encoding="iso-2022-jp"?><a>'
    assert decoded(start + b"\x1b$B\x37\x44\x2d\x21\x1b(B x" + end).endswith("<a>慶① x</a>")
    # Bytes that are no letter anywhere cost themselves.
    assert (
        decoded(start.replace(b"iso-2022-jp", b"euc-jp") + "慶大".encode("euc_jp") * 9 + b"\xff" + end).count("\ufffd")
        == 1
    )


@pytest.mark.parametrize("label", ["koi8-r", "windows-1251", "shift_jis", "iso-8859-1", "nonsense-7"])
def test_what_is_utf8_is_utf8_whatever_is_said_of_it(label):
    assert RUSSIAN in decoded(xml(RUSSIAN, label).encode(), "text/xml")
    assert RUSSIAN in decoded(xml(RUSSIAN).encode(), f"text/xml; charset={label}")


@pytest.mark.parametrize("place", [3, 40, -12])
def test_one_bad_byte_costs_one_letter(place):
    body = bytearray(xml(JAPANESE, "utf-8").encode())
    at = body.index("慶".encode()) + (place if place > 0 else len(JAPANESE.encode()) + place)
    body[at] = 0xFF
    for content_type in ("text/xml", "application/xml; charset=utf-8"):
        text = decoded(bytes(body), content_type)
        assert sum(letter in text for letter in JAPANESE) >= len(JAPANESE) - 2
        assert "\ufffd" in text
    cut = xml(KOREAN).encode()[: -len("</title></channel></rss>") - 1]
    assert KOREAN[:-1] in decoded(cut, "application/xml")


def test_a_wrong_utf8_label_on_western_letters_is_seen():
    words = "Größe für Münchner, schön"
    assert words in decoded(xml(words, "utf-8").encode("cp1252"), "text/xml; charset=utf-8")


def test_the_declaration_outranks_what_a_server_says_of_everything():
    assert RUSSIAN in decoded(xml(RUSSIAN, "windows-1251").encode("cp1251"), "text/xml; charset=ISO-8859-1")
    assert RUSSIAN in decoded(xml(RUSSIAN, "iso-8859-1").encode("cp1251"), "text/xml; charset=windows-1251")


@pytest.mark.parametrize(
    ("mark", "codec"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
def test_a_mark_outranks_every_label_and_wide_letters_need_none(mark, codec):
    text = xml(JAPANESE, "koi8-r")
    assert decoded(mark + text.encode(codec), "text/xml; charset=koi8-r") == text
    if codec != "utf-8":
        assert decoded(text.encode(codec), "text/xml") == text


def test_a_letter_written_as_unknown_is_a_letter():
    assert decoded("a\ufffdb".encode()) == "a\ufffdb"
    assert decoded(b"") == ""
