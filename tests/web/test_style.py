"""Contrast of the style sheet's colours, after WCAG 2.2 (1.4.3): text at least 4.5:1, in both schemes."""

import re
from pathlib import Path

import pytest

CSS = (Path(__file__).parents[2] / "monitor" / "web" / "static" / "style.css").read_text(encoding="utf-8")
TEXT_ON = [
    *(
        (ink, ground)
        for ink in ("ink", "soft", "link", "drift", "look", "good", "bad")
        for ground in ("ground", "card")
    ),
    ("sure-ink", "sure"),
    ("ink", "on"),
    ("link", "on"),
    ("good", "good-bg"),
    ("ink", "good-bg"),
    ("bad", "bad-bg"),
    ("ink", "bad-bg"),
    ("link", "bad-bg"),
    ("press-ink", "press"),
    ("press-ink", "press-over"),
    ("card", "drift"),
]
#: What tells a control, a mark or a bar from what is around it (WCAG 2.2, 1.4.11).
SHAPE_ON = [
    *(("edge", ground) for ground in ("ground", "card")),
    ("drift", "sure"),
    ("look", "card"),
    ("bar", "ground"),
    ("drift", "ground"),
]


def schemes() -> dict[str, dict[str, str]]:
    light, dark, _print = re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)
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


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("shape", "ground"), SHAPE_ON)
def test_shapes_can_be_seen(scheme, shape, ground):
    colours = schemes()[scheme]
    assert contrast(colours[shape], colours[ground]) >= 3


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_bars_can_be_told_apart(scheme):
    colours = schemes()[scheme]
    assert contrast(colours["drift"], colours["bar"]) >= 1.5


def test_nothing_is_loaded_from_elsewhere():
    assert re.findall(r"url\(|@import|https?://", CSS) == []
