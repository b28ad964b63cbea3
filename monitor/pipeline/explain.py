"""Why a rule flags a text or does not: of any text, and of a stored mention as it is judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.core.drift import explain as drift_explain
from monitor.core.relevance import find_mention
from monitor.core.text.lang import detect_language

if TYPE_CHECKING:
    from monitor.core.drift.explanation import Explanation
    from monitor.core.mention import Mention
    from monitor.core.model import Kind
    from monitor.core.rules.rule import Rule
    from monitor.core.study import Study
    from monitor.ports import Library


def explain_text(
    library: Library,
    study: Study,
    rule: Rule,
    title: str,
    text: str,
    *,
    kind: Kind,
    lang: str = "",
    assume: bool = False,
) -> Explanation:
    """Why the rule flags the text or does not, with the study's other rules in `library`. `assume`: the text is taken to be
    about the study. `lang` is its language where it is known.
    """
    return drift_explain.explain(
        rule,
        title,
        text,
        study,
        library.ruleset(study.id),
        kind=kind,
        lang=lang or detect_language(f"{title}\n{text}"),
        relevance=None if assume else find_mention(title, text, study),
    )


def explain_mention(library: Library, rule: Rule, mention: Mention) -> Explanation:
    """Why the rule flags a stored mention or does not: it is about its study, and judged as it is stored."""
    study = library.study(mention.study_id)
    return drift_explain.explain(
        rule,
        mention.title,
        mention.text,
        study,
        library.ruleset(study.id),
        kind=mention.kind,
        lang=mention.lang,
        partial=mention.partial,
        on=mention.told_on,
    )
