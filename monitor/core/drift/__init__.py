"""Judging drift: a text against a study's fact sheet. `assess` is the one way in; it is pure and deterministic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.core.drift.judge import judge_for
from monitor.core.model import Kind

if TYPE_CHECKING:
    from monitor.core.drift.ruleset import RuleSet
    from monitor.core.judgement import Assessment
    from monitor.core.study import Study

__all__ = ["assess"]


def assess(
    title: str, text: str, study: Study, ruleset: RuleSet, *, kind: Kind = Kind.ARTICLE, lang: str = "en"
) -> Assessment:
    """Judge one text: flags with spans in the original title and text, caveats present and missing, a score.

    The text is taken to be about the study (`relevance.find_mention` decides that). A post is never flagged for what
    it leaves out. Rules of other languages than `lang` stay out, except those for every language.
    """
    return judge_for(study, ruleset).assess(title, text, kind=kind, lang=lang)
