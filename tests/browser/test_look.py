"""How the pages look to a machine that looks for barriers: axe-core's rules (WCAG 2.2 AA), nothing wider than the screen, and
no complaint of the browser, at two widths in both schemes.
"""

from __future__ import annotations

from pathlib import Path

import axe_playwright_python
import pytest

from monitor.core.mention import Review, Verdict
from monitor.core.search.query import parse_query
from monitor.library.rule_template import rule_template
from monitor.pipeline.backtests import begin_backtest
from monitor.pipeline.tune import save_rules

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")

OWN_RULE = (
    rule_template("our-walk", "walks again")
    .replace("Write here why these words mislead.", "Nobody walks.")
    .replace("Write here what could be said instead.", "He can stand.")
)


def paths(site) -> list[str]:
    mentions = site.service.store.search(parse_query("", site.service.clock()), limit=50)
    flag = next(stored.id for mention in mentions for stored in mention.flags)
    deps, files = site.service.deps, {"our-walk.yaml": OWN_RULE}
    save_rules(deps, files, author="ada", note="ours")
    tried = begin_backtest(
        deps, {"our-walk.yaml": OWN_RULE.replace("walks again", "walk*")}, author="ada", budget=20
    ).id
    milder = {"our-walk.yaml": OWN_RULE, "_changes.yaml": "above-outcome:\n  severity: low\n  status: trial\n"}
    changed = begin_backtest(deps, milder, author="ada", budget=20).id
    site.service.store.review(Review(flag_id=flag, verdict=Verdict.UPHELD, by="ada", at=site.service.clock()))
    return [
        "/",
        "/mentions",
        "/mentions?q=walks&facets=1",
        "/mentions?q=nothing-like-it",
        *(f"/mentions/{mention.id}" for mention in mentions[:3]),
        f"/mentions/{mentions[0].id}/why?rule=miracle",
        "/rules",
        "/rules/above-outcome",
        "/rules/new?words=walks+again",
        f"/rules/our-walk?backtest={tried}",
        f"/backtests/{tried}?rule=our-walk",
        f"/backtests/{changed}?rule=above-outcome",
        "/rules-history",
        "/rules-history/1",
        f"/flags/{flag}/prevent",
        "/reviews",
        "/digests",
        "/sessions",
        "/help/keys",
        f"/mentions/{mentions[0].id}?said=dismissed&of={flag}",
        "/nothing",
    ]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (360, "dark"), (1280, "light"), (1280, "dark")])
def test_no_barrier_and_nothing_sticks_out(site, width, scheme):
    page = site.open("/", width=width, scheme=scheme)
    wrong = []
    for path in paths(site):
        page.goto(site.url + path)
        page.wait_for_load_state("networkidle")
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        page.evaluate(AXE)
        found = page.evaluate(
            "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice']})"
        )
        wrong += [
            f"{path}: {one['id']}: {one['help']}: {node['html'][:150]}"
            for one in found["violations"]
            for node in one["nodes"][:3]
        ]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            wrong.append(f"{path} is wider than {width}")
    assert wrong == []
    assert [said for said in site.said if "404" not in said] == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_phone_shows_long_words_and_tables_whole(site):
    paths(site)
    number = site.service.store.decisions()[0].review.flag_id
    long = Review(flag_id=number, verdict=Verdict.DISMISSED, by="bo", at=site.service.clock(), why="x" * 2_000)
    site.service.store.review(long)
    page = site.open("/reviews", width=360)
    for path in ("/reviews", f"/mentions/{site.service.store.flag(number).mention_id}", "/rules"):
        page.goto(site.url + path)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
    table = page.evaluate(
        "(({scrollWidth, clientWidth}) => scrollWidth - clientWidth)(document.querySelector('table.stack').parentElement)"
    )
    assert table <= 0  # nothing of a rule is cut off
    heights = page.evaluate("[...document.querySelectorAll('.nav li')].map((one) => one.offsetTop)")
    assert len(set(heights)) == 1  # the menu is one row
