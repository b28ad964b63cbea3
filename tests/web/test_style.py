"""Contrast of the style sheet's colours, after WCAG 2.2 (1.4.3): text at least 4.5:1, in both schemes."""

import re
from pathlib import Path

import pytest

CSS = (Path(__file__).parents[2] / "monitor" / "web" / "static" / "style.css").read_text(encoding="utf-8")
TEXT_ON = [
    *(
        (ink, ground)
        for ink in ("ink", "soft", "link", "high", "medium", "low", "good")
        for ground in ("ground", "card")
    ),
    ("sure-ink", "sure-bg"),
    ("look-ink", "look-bg"),
    ("ink", "del-bg"),
    ("ink", "ins-bg"),
    ("ink", "notice-bg"),
]


def schemes() -> dict[str, dict[str, str]]:
    light, dark = re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)
    names = re.compile(r"--([a-z-]+): (#[0-9a-f]{6})")
    return {"light": dict(names.findall(light)), "dark": dict(names.findall(light)) | dict(names.findall(dark))}


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_measure_is_right():
    assert round(contrast("#000000", "#ffffff"), 2) == 21.0
    assert round(contrast("#777777", "#ffffff"), 2) == 4.48


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT_ON)
def test_text_can_be_read(scheme, ink, ground):
    colours = schemes()[scheme]
    assert contrast(colours[ink], colours[ground]) >= 4.5


def test_buttons_can_be_read():
    assert contrast("#ffffff", "#0b57a4") >= 4.5
    assert "background: #0b57a4" in CSS


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_bars_can_be_told_apart(scheme):
    colours = schemes()[scheme]
    assert contrast(colours["bar-drift"], colours["card"]) >= 3
    assert contrast(colours["bar-drift"], colours["bar"]) >= 1.5


def test_nothing_is_loaded_from_elsewhere():
    assert re.findall(r"url\(|@import|https?://", CSS) == []
