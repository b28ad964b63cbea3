"""What a press release told its readers for judging it, and which outlets told it again. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor.core.model import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from monitor.core.mention import Mention


@dataclass(frozen=True, slots=True, kw_only=True)
class Retold:
    """One outlet's newest article, with the caveats of a text that it kept, and those that it lost."""

    mention: Mention
    kept: tuple[str, ...]
    lost: tuple[str, ...]


def retold(told: Sequence[str], mentions: Iterable[Mention]) -> list[Retold]:
    """How outlets told the caveats that a text tells, those that lost most first; `mentions` newest first.

    Only whole articles in a language that is judged count: of a post nobody expects caveats, and of a part nobody can say
    what it leaves out.
    """
    newest: dict[int, Mention] = {}
    for mention in mentions:
        if mention.kind is Kind.ARTICLE and mention.judged and not mention.partial:
            newest.setdefault(mention.source.id, mention)
    found = [
        Retold(
            mention=mention,
            kept=tuple(caveat for caveat in told if caveat in mention.caveats_present),
            lost=tuple(caveat for caveat in told if caveat not in mention.caveats_present),
        )
        for mention in newest.values()
    ]
    return sorted(found, key=lambda one: (-len(one.lost), one.mention.source.name))
