"""Judging drift: a text against a study's fact sheet. `assess` is the one way in; it is pure and deterministic."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from monitor.core.drift.judge import can_lack, judge_for
from monitor.core.model import Kind

if TYPE_CHECKING:
    from datetime import date

    from monitor.core.drift.ruleset import RuleSet
    from monitor.core.judgement import Assessment
    from monitor.core.study import Study

__all__ = ["assess"]


def assess(
    title: str,
    text: str,
    study: Study,
    ruleset: RuleSet,
    *,
    kind: Kind = Kind.ARTICLE,
    lang: str = "en",
    partial: bool = False,
    on: date | None = None,
) -> Assessment:
    """Judge one text: flags with spans in the original title and text, caveats present and missing, a score.

    The text is taken to be about the study (`relevance.find_mention` decides that). A post is never flagged for what
    it leaves out. Rules of other languages than `lang` stay out, except those for every language. Of a text of which only
    a part was read (`partial`) nobody can say what it leaves out, nor of one in a language without rules (`can_lack`): they are
    judged like a post, and lack no caveats. `on` is the day on which it was told: it contradicts no finding that did not hold then (see the fact sheet's `since` and `until`).
    """
    judge = judge_for(study, ruleset)
    if can_lack(lang, partial=partial):
        return judge.assess(title, text, kind=kind, lang=lang, on=on)
    return replace(judge.assess(title, text, kind=Kind.POST, lang=lang, on=on), caveats_missing=())
