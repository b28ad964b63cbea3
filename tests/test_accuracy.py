"""The regression gate: what the judge reached on labelled texts by people who had not seen the rules, it keeps.

The bars stand a little below what was measured (monitor/docs/accuracy.md); a change that lowers a measure through a bar
has to say why. They are floors against accidents, not targets.
"""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import pytest

from monitor.cli.accuracy import Sheets, judged_rows, whole_texts
from monitor.core.evaluation.breakdown import story_measures
from monitor.core.evaluation.metrics import report
from monitor.core.judgement import Drift

DATA = Path(__file__).parent / "data" / "labelled"
STUDIES = Path(str(files("monitor.training"))) / "studies"
SHIPPED = Sheets("keio-ips-sci")
ALL = Sheets("keio-ips-sci", STUDIES)
REAL = Path(__file__).parents[2] / "shared" / "corpora" / "real-dev"
#: What the labelled sentences say they are about where it is the study that they are measured by.
OURS = {"keio", "lecanemab", "lecanemab-clarity-ad"}


def measured(name: str, *, gate: bool = False, langs: tuple[str, ...] = ()):
    rows = judged_rows(DATA / name, SHIPPED, contested=False, assume_relevant=not gate)
    chosen = [row for row in rows if not langs or row.lang in langs]
    return {key: value.value for key, value in report(chosen).measures.items()}


def test_kept_whole_pieces_at_the_natural_share():
    """The gate: a tenth of the whole pieces, by all writers, that nothing was learned from or tuned on."""
    rows = list(judged_rows(DATA / "pieces.jsonl", ALL, contested=False, assume_relevant=True))
    found = {name: measure.value for name, measure in report(rows).measures.items()}
    assert 0.10 <= found["share of drift"] <= 0.25
    assert found["false alarms per faithful sentence"] <= 0.03
    assert found["precision of mailed flags"] >= 0.75
    assert found["recall of mailed flags"] >= 0.15
    stories = story_measures(list(whole_texts(DATA / "pieces.jsonl", ALL)))
    assert stories["precision of mailed stories"].value >= 0.80
    assert stories["recall of heavy stories"].value >= 0.50


def test_whole_pieces_of_a_writer_that_nothing_was_learned_from():
    """A sixth writer's 50 pieces, seen by nobody while the judge was made; none of it is learned from."""
    rows = list(judged_rows(DATA / "pieces-2.jsonl", ALL, contested=False, assume_relevant=True))
    found = {name: measure.value for name, measure in report(rows).measures.items()}
    assert 0.10 <= found["share of drift"] <= 0.25
    assert found["false alarms per faithful sentence"] <= 0.02
    assert found["precision of mailed flags"] >= 0.80
    assert found["recall of mailed flags"] >= 0.28
    stories = story_measures(list(whole_texts(DATA / "pieces-2.jsonl", ALL)))
    assert stories["precision of mailed stories"].value >= 0.90
    assert stories["recall of mailed stories"].value >= 0.50


def test_what_is_told_before_a_result_is_held_to_what_was_known_then():
    rows = list(judged_rows(DATA / "pieces.jsonl", ALL, contested=False, assume_relevant=True))
    before = [row for row in rows if row.phase == "before" and not row.drift]
    assert len(before) >= 40
    assert sum(row.said for row in before) <= 1


#: Of each of the older batches, half of which drifts: false alarms per faithful sentence, precision and recall of mailed
#: flags, type right, span overlaps. Tripwires: they say little of ordinary coverage.
BARS = {
    "sentences.jsonl": (0.05, 0.94, 0.42, 0.80, 0.92),
    "sentences-2.jsonl": (0.03, 0.95, 0.40, 0.78, 0.90),
    "sentences-3.jsonl": (0.04, 0.95, 0.50, 0.82, 0.92),
    "sentences-5.jsonl": (0.05, 0.93, 0.54, 0.80, 0.94),
    "sentences-6.jsonl": (0.06, 0.92, 0.37, 0.78, 0.88),
    "sentences-7.jsonl": (0.05, 0.93, 0.48, 0.80, 0.90),
    "sentences-8.jsonl": (0.04, 0.95, 0.44, 0.76, 0.90),
}


@pytest.mark.parametrize(("name", "bars"), BARS.items(), ids=list(BARS))
def test_english_sentences(name: str, bars: tuple[float, ...]):
    false_alarms, mailed, mailed_recall, types, spans = bars
    found = measured(name, langs=("en",))
    assert found["false alarms per faithful sentence"] <= false_alarms
    assert found["precision of mailed flags"] >= mailed
    assert found["recall of mailed flags"] >= mailed_recall
    assert found["type right"] >= types
    assert found["span overlaps"] >= spans


@pytest.mark.skipif(not REAL.is_dir(), reason="the corpora beside the checkout are absent")
@pytest.mark.parametrize(
    ("name", "sheet", "bars"),
    [
        ("keio-real.jsonl", "", (0.07, 0.80, 0.55)),
        ("lecanemab.jsonl", "lecanemab-clarity-ad.yaml", (0.05, 0.70, 0.10)),
    ],
)
def test_real_coverage(name: str, sheet: str, bars: tuple[float, ...]):
    """Real coverage at its natural share of drift: the yardstick; not shipped, since it belongs to its authors."""
    sheets = Sheets(str(REAL / sheet)) if sheet else SHIPPED
    rows = list(judged_rows(REAL / name, sheets, contested=False, assume_relevant=True))
    chosen = [row for row in rows if row.lang == "en" and row.about in OURS]
    found = {key: value.value for key, value in report(chosen).measures.items()}
    assert found["false alarms per faithful sentence"] <= bars[0]
    assert found["precision of mailed flags"] >= bars[1]
    assert found["recall of mailed flags"] >= bars[2]


def test_two_labellers_agree():
    assert measured("sentences.jsonl")["two labellers agree (kappa)"] >= 0.85


@pytest.mark.parametrize(("lang", "bar"), [("ja", 0.50), ("es", 0.50)])
def test_sentences_in_other_languages(lang: str, bar: float):
    assert measured("sentences.jsonl", langs=(lang,))["f1"] >= bar


def test_texts_about_other_things_raise_nothing():
    assert measured("unrelated.jsonl", gate=True)["false alarms on hard negatives"] <= 0.02


@pytest.mark.parametrize("name", ["documents.jsonl", "documents-2.jsonl"])
def test_documents(name: str):
    found = measured(name)
    assert found["AUC heavy against faithful"] >= 0.97
    assert found["AUC mild against faithful"] >= 0.88
    assert found["debunks outside the top third"] == 1.0
    assert found["caveats found (F1)"] >= 0.88
    assert found["documents recognised"] >= 0.97


def test_a_study_of_another_field():
    sheets = Sheets(str(DATA / "second-study.yaml"))
    rows = list(judged_rows(DATA / "second-study.jsonl", sheets, contested=False, assume_relevant=True))
    found = report(rows).measures
    assert found["precision of mailed flags"].value >= 0.85
    assert found["f1"].value >= 0.45


def test_every_labelled_span_stands_in_its_text():
    for path in DATA.glob("*.jsonl"):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            for label in row["labels"]:
                assert label["type"] in set(Drift)
                assert row["text"][label["start"] : label["end"]] == label.get("span", ""), row["id"]
