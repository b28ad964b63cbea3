"""Before a feed is added: is it one? An address that is a page may offer feeds; which one is read is the user's choice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.core.errors import UsageError
from monitor.core.model import Outcome

if TYPE_CHECKING:
    from monitor.core.feed import Fetched, ParsedFeed
    from monitor.ports import Deps


def read_once(deps: Deps, url: str, lang: str = "") -> tuple[Fetched, ParsedFeed | None]:
    """Read a feed now, without storing anything: the answer, and what it is (None if there was none to read)."""
    fetched = deps.fetcher.fetch(url)
    if fetched.outcome is not Outcome.FETCHED:
        return fetched, None
    return fetched, deps.read_feed(fetched, now=deps.clock(), feed_lang=lang)


def try_feed(deps: Deps, url: str) -> tuple[ParsedFeed | None, str]:
    """The same with what it is in words, for a terminal."""
    fetched, parsed = read_once(deps, url)
    if parsed is None:
        return None, fetched.sentence
    return parsed, parsed.problem or f"{parsed.format}, “{parsed.title}”, {len(parsed.entries)} entries."


def feed_to_add(deps: Deps, url: str, *, discover: bool = False) -> tuple[str, str]:
    """The address to add, and what is to be said of it; raises UsageError with the reason if there is no feed to read.

    A page's first feed is taken with `discover` only, and only if it can be read.
    """
    parsed, said = try_feed(deps, url)
    if parsed is not None and not parsed.outcome.failed:
        return url, f"It can be read: {said}"
    if parsed is not None and parsed.discovered and discover:
        return _first(deps, url, parsed.discovered)
    if parsed is not None and parsed.discovered:
        offered = "".join(f"\n  {link}" for link in parsed.discovered)
        raise UsageError(
            f"{url} is a web page, not a feed. It offers:{offered}\n",
            "Add the one you want, or let --discover take the first.",
        )
    raise UsageError(
        f"{url} was not added: {said}",
        "Look at it in a browser; without --check it is added all the same.",
    )


def _first(deps: Deps, url: str, offered: tuple[str, ...]) -> tuple[str, str]:
    first, *others = offered
    parsed, said = try_feed(deps, first)
    if parsed is None or parsed.outcome.failed:
        also = f" It also offers {', '.join(others)}." if others else ""
        raise UsageError(f"{url} is a web page, and its first feed {first} cannot be read: {said}{also}")
    also = f" It also offers {', '.join(others)}." if others else ""
    return first, f"{url} is a web page; its feed {first} is read: {said}{also}"
