"""In which language is a text?"""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.core.text.lang import detect_language


@pytest.mark.parametrize(
    ("text", "hint", "lang"),
    [
        ("The patients who were treated by the team at Keio could stand after a year.", "", "en"),
        ("Los pacientes que fueron tratados por el equipo de Keio pueden estar de pie.", "en", "es"),
        ("Les patients qui ont été traités par l'équipe peuvent se tenir debout.", "", "fr"),
        ("Die Patienten, die von dem Team behandelt wurden, können nach einem Jahr stehen.", "", "de"),
        ("Os pacientes que foram tratados pela equipe não podem andar, mas já ficam de pé.", "", "pt"),
        ("I pazienti che sono stati trattati dal gruppo non possono camminare, ma stanno in piedi.", "", "it"),
        ("iPS細胞で脊髄損傷", "en", "ja"),
        ("慶応大", "ja", "ja"),
        ("慶应大学脊髓损伤试验", "", "zh"),
        ("줄기세포 치료 임상시험 결과", "", "ko"),
        ("Парализованный мужчина снова может ходить после лечения", "", "ru"),
        ("iPS cells", "", "und"),
        ("iPS cells", "en-GB", "en"),
        ("n=4", "not a tag", "und"),
        ("", "ja-JP", "ja"),
        ("https://example.org/the/of/and @the #and", "", "und"),
        ("A paralyzed man is walking again, says Professor Okano of 慶応", "", "en"),
    ],
)
def test_languages(text, hint, lang):
    assert detect_language(text, hint) == lang


@settings(deadline=None)  # the first text that needs the model loads it
@given(st.text(), st.text(max_size=8))
def test_it_is_a_code_for_any_text(text, hint):
    assert detect_language(text, hint).isascii()


def test_a_plain_sentence_loads_no_model():
    code = (
        "import sys; from monitor.core.text.lang import detect_language;"
        "assert detect_language('The team said that the man can stand on his own after a year') == 'en';"
        "assert 'py3langid' not in sys.modules and 'numpy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)
