"""What the forms of sources have in common: what stands in them, what of it cannot be read, and where they lead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi.responses import RedirectResponse, Response

from monitor.core.errors import HypewatchError, LibraryError, UsageError
from monitor.core.feeds.remedies import for_page
from monitor.core.model import FeedKind
from monitor.core.sentences import closed
from monitor.pipeline.sources import check_lang, check_title, check_weight

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from monitor.core.feed import Feed
    from monitor.core.study import Study
    from monitor.service import Service


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What stands in the form that adds a source."""

    text: str = ""
    kind: str = FeedKind.FEED.value
    url: str = ""
    title: str = ""
    lang: str = ""
    weight: str = ""
    terms: bool = False


def problems_of(*, title: str, lang: str, weight: str) -> dict[str, str]:
    """What of the fields cannot be read, by field."""
    checks: Sequence[tuple[str, Callable[[str], object], str]] = (
        ("title", check_title, title),
        ("lang", check_lang, lang),
        ("weight", check_weight, weight),
    )
    found = {}
    for field, check, value in checks:
        try:
            check(value)
        except UsageError as error:
            found[field] = told(error)
    return found


def told(error: HypewatchError) -> str:
    """An error at its field: no command, no file's words."""
    return f"{closed(for_page(error.message))} {error.hint}".strip()


def name_of(feed: Feed) -> str:
    return (feed.title or feed.url)[:200]


def led_to(feed_id: int, done: str) -> Response:
    return RedirectResponse(f"/sources/{feed_id}?done={done}", status_code=303)


def studies_of(service: Service) -> Sequence[Study]:
    """The studies, none while one of them cannot be read: Today tells of it."""
    try:
        return service.library.studies()
    except LibraryError:
        return ()
