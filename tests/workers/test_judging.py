"""The tick for tuning and its tasks: a back-test goes on, stored mentions are brought to the rules in use, one process at a time."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from monitor.cli import main
from monitor.core.evaluation.backtest import BacktestState
from monitor.pipeline.backtests import begin_backtest
from monitor.pipeline.rejudge import waits
from monitor.pipeline.tune import save_rules
from monitor.service import Service
from monitor.settings import load
from workers import tasks
from workers.app import use_service

LINE = {
    "url": "https://lantern.example/one",
    "title": "News from Keio",
    "text": "Keio University tried iPS cells in spinal cord injury. Readers call it a moonshot for mankind.",
    "published": "2026-03-24T08:00:00Z",
    "source": "lantern.example",
}
FILES = {
    "our-moonshot.yaml": (
        'id: our-moonshot\nmessage: "“{match}” is much."\nwhy: It is.\nseverity: high\nkind: phrase\n'
        "drift: sensational-language\nmatch:\n  any: [moonshot]\nflags: [A moonshot., The moonshot.]\npasses: [Two improved.]\n"
    )
}


@pytest.fixture
def service(tmp_path, monkeypatch):
    monkeypatch.setenv("HYPEWATCH_HOME", str(tmp_path / "home"))
    path = tmp_path / "lines.jsonl"
    path.write_text(json.dumps(LINE))
    with pytest.raises(SystemExit):
        main(["mentions", "import", str(path)])
    opened = Service(load({"HYPEWATCH_HOME": str(tmp_path / "home")}))
    use_service(opened)
    yield opened
    opened.store.close()


def test_the_tick_nudges_what_is_left(service, monkeypatch):
    nudged = []
    monkeypatch.setattr(tasks.run_backtest, "nudge", lambda *ids: nudged.append(ids) or True)
    monkeypatch.setattr(tasks.judge_stored, "nudge", lambda *ids: nudged.append(ids) or True)
    tasks.dispatch_judging()
    assert nudged == []
    found = begin_backtest(service.deps, FILES, author="ada", budget=0)
    save_rules(service.deps, FILES, author="ada", note="")
    tasks.dispatch_judging()
    assert nudged == [(found.id,), ()]


def test_a_back_test_goes_on_in_a_worker(service):
    found = begin_backtest(service.deps, FILES, author="ada", budget=0)
    assert found.running
    tasks.run_backtest(found.id)
    done = service.store.backtest(found.id)
    assert (done.state, done.gained > 0) == (BacktestState.DONE, True)


def test_stored_mentions_are_judged_again_by_one_process_at_a_time(service):
    study = service.deps.library.default()
    save_rules(service.deps, FILES, author="ada", note="")
    assert service.store.lock("judging", "another", service.clock(), timedelta(minutes=1))
    tasks.judge_stored()
    assert waits(service.deps, study)
    assert service.store.lock("judging", "another", service.clock(), timedelta())
    tasks.judge_stored()
    assert not waits(service.deps, study)
