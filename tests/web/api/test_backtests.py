"""A back-test by the API, from the files to their being in use."""

from __future__ import annotations

import pytest

from monitor.core.evaluation.backtest import BacktestState
from tests.web.api.test_rules import RULE

WALKS = RULE.replace("our-cure", "our-walk").replace("cure for paralysis", "is walking again")


@pytest.fixture
def begun(editor):
    answer = editor("POST", "/rules/backtest", {"files": {"our-walk.yaml": WALKS}})
    assert answer.status_code == 201, answer.text
    return answer.json()


def to_its_end(program, found):
    for _ in range(30):
        if found["state"] != "running":
            return found
        found = program("POST", f"/backtests/{found['id']}/continue").json()
    pytest.fail("it has no end")


def test_it_tells_what_would_change_and_is_saved(editor, begun, seeded):
    found = to_its_end(editor, begun)
    assert (found["state"], found["rules"]) == ("done", ["our-walk"])
    assert found["gained_count"] == len(found["gained"]) > 0
    assert {change["quote"] for change in found["gained"]} == {"is walking again"}
    assert editor.get(f"/backtests/{found['id']}") == found
    assert [one["id"] for one in editor.get("/backtests")["items"]] == [found["id"]]
    saved = editor("POST", f"/backtests/{found['id']}/save", {"note": "  walking \n again "})
    assert (saved.status_code, saved.json()["note"], saved.json()["files"]) == (201, "walking again", ["our-walk.yaml"])
    again = editor("POST", f"/backtests/{found['id']}/save", {})
    assert (again.status_code, again.json()["code"]) == (409, "conflict")


def test_nothing_is_put_to_use_on_top_of_what_others_saved(editor, begun):
    assert editor("PUT", "/rules/our-cure", {"yaml": RULE}).status_code == 201
    refused = editor("POST", f"/backtests/{begun['id']}/save", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert editor.get("/rule-files")["files"].keys() == {"our-cure.yaml"}


def test_a_flag_that_was_called_right_goes_only_by_saying_so(editor, seeded):
    to_its_end(editor, editor("POST", "/rules/backtest", {"files": {"our-walk.yaml": WALKS}}).json())
    assert editor("PUT", "/rules/our-walk", {"yaml": WALKS}).status_code == 201
    from monitor.pipeline.rejudge import judge_all

    judge_all(seeded.deps, seeded.library.default())
    flags = [flag["id"] for flag in editor.get("/flags?q=rule:our-walk")["items"]]
    assert editor("POST", "/reviews", {"flags": flags, "verdict": "upheld"}).status_code == 201
    found = to_its_end(editor, editor("POST", "/rules/backtest", {"files": {"our-walk.yaml": None}}).json())
    assert found["lost_upheld"] > 0
    refused = editor("POST", f"/backtests/{found['id']}/save", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert editor("POST", f"/backtests/{found['id']}/save", {"lose": True}).status_code == 201


def test_it_can_be_stopped_and_nothing_changed_is_none(editor, begun):
    stopped = editor("POST", f"/backtests/{begun['id']}/stop").json()
    assert stopped["state"] in {BacktestState.STOPPED, BacktestState.DONE}
    assert editor("POST", "/rules/backtest", {"files": {"our-none.yaml": None}}).json()["code"] == "usage"
    assert editor("GET", "/backtests/999").status_code == 404
