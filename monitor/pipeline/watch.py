"""What a watch brought, turned into proposals about the study itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from monitor.core.model import FeedKind, Outcome
from monitor.core.proposals import propose, registry_change

if TYPE_CHECKING:
    from monitor.core.feed import FeedForPoll, ParsedFeed, PollPlan
    from monitor.ports import Deps

#: A watch is asked once a day; one that met a passing fault is asked again sooner than tomorrow.
AGAIN = timedelta(hours=1)


def watch(deps: Deps, feed: FeedForPoll, parsed: ParsedFeed | None, plan: PollPlan) -> PollPlan:
    """Open what is to be proposed, and say in the plan what was looked at. A repeat opens nothing twice."""
    if parsed is None or plan.outcome is not Outcome.FETCHED:
        if plan.outcome not in {Outcome.TEMPORARY, Outcome.RATE_LIMITED}:
            return plan
        soon = plan.at + AGAIN * max(1.0, plan.failing * 4)
        return replace(plan, due_at=min(plan.due_at, max(soon, plan.not_before or soon)))
    study = deps.library.study(feed.url)
    if feed.kind is FeedKind.REGISTRY_WATCH:
        change = registry_change(study, feed.cursor, parsed.cursor or "", study.watch.registry or "")
        deps.store.propose([change] if change else [], now=plan.at)
        first = "Read for the first time; a change is told from now on." if feed.cursor is None else "Nothing changed."
        return replace(plan, sentence=change.sentence if change else first)
    classes = deps.library.ruleset(study.id).classes
    drafts = [draft for paper in parsed.papers if (draft := propose(paper, study, classes))]
    opened = deps.store.propose(drafts, now=plan.at)
    papers = "1 paper" if len(parsed.papers) == 1 else f"{len(parsed.papers)} papers"
    sentence = f"{papers} looked at, {len(opened)} new to propose."
    return replace(plan, sentence=f"{parsed.problem} {sentence}" if parsed.problem else sentence)
