"""Everything a person can ask for, as options: the same where one is added and where one is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from monitor.core.wording import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitor.core.digests.subscribers import WishChanges

_OPTIONS = (
    click.option("--at", "at", help="Local time, HH:MM; 07:00 unless you say otherwise"),
    click.option("--zone", help="IANA time zone, such as Asia/Tokyo; UTC unless you say otherwise"),
    click.option(
        "--days", help="Weekdays, separated by commas (mon,tue,wed,thu,fri,sat,sun); every day unless you say otherwise"
    ),
    click.option(
        "--threshold",
        type=click.Choice(["low", "medium", "high"]),
        help="Lowest severity told in full; low unless you say otherwise",
    ),
    click.option(
        "--quiet-days/--no-quiet-days",
        default=None,
        help="Whether two lines come even if nothing happened; they do unless you say otherwise",
    ),
    click.option(
        "--language", type=click.Choice(list(LANGUAGES)), help="Language of the mail; en unless you say otherwise"
    ),
    click.option("--drifts", help="Kinds of drift that are told, separated by commas; all unless you say otherwise"),
    click.option("--networks", help="Where it was said: web,x,bluesky ...; all unless you say otherwise"),
    click.option(
        "--coverage-languages", help="Languages of the coverage that is told: en,ja ...; all unless you say otherwise"
    ),
    click.option("--weekly/--no-weekly", default=None, help="Whether a report of each week comes"),
    click.option("--monthly/--no-monthly", default=None, help="Whether a report of each month comes"),
    click.option(
        "--urgent-from",
        help="Write at once when so many mentions make one claim within a day; off unless you say otherwise",
    ),
    click.option("--urgent-most", help="At most so many urgent mails a day; 2 unless you say otherwise"),
    click.option("--hush", help="No urgent mail between these local hours; 21:00-07:00 unless you say otherwise"),
)


def wish_options(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command an option for each wish, by the names of WISHES; None where it was not said."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def wished(given: dict[str, Any]) -> WishChanges:
    """What the options say. Raises UsageError for what cannot be read."""
    from monitor.core.digests.wish_fields import WISHES, read_wish

    changes: Any = {}
    for name in WISHES:
        value = given.get(name)
        if value is not None:
            text = ("yes" if value else "no") if isinstance(value, bool) else value
            changes |= read_wish(name, text)
    result: WishChanges = changes
    return result
