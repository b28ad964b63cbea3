"""`hypewatch subscribers`: who gets mail."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

import click

from monitor.cli.shared import emit, format_option, open_service, stamp
from monitor.core.wording import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from monitor.core.digests.subscribers import Subscription, WishChanges

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@click.group()
def subscribers() -> None:
    """Who gets mail.

    Example: hypewatch subscribers add ada@example.org --at 07:00 --zone Europe/Berlin
    """


@subscribers.command()
@click.argument("address")
@click.option("--name", default="", help="How the mail addresses them")
@click.option("--study", "study_id", help="Fact sheet to follow; default: the only one, or the first")
@click.option("--at", "hour", help="Local time, HH:MM; 07:00 unless you say otherwise")
@click.option("--zone", help="IANA time zone, such as Asia/Tokyo; UTC unless you say otherwise")
@click.option(
    "--days", help="Weekdays, separated by commas (mon,tue,wed,thu,fri,sat,sun); every day unless you say otherwise"
)
@click.option(
    "--threshold",
    type=click.Choice(["low", "medium", "high"]),
    help="Lowest severity told in full; low unless you say otherwise",
)
@click.option(
    "--quiet-days/--no-quiet-days",
    default=None,
    help="Whether two lines come even if nothing happened; they do unless you say otherwise",
)
@click.option(
    "--language", type=click.Choice(list(LANGUAGES)), help="Language of the mail; en unless you say otherwise"
)
@click.option("--confirmed", is_flag=True, help="The person agreed already: send no confirmation mail")
@format_option
def add(
    address: str,
    name: str,
    study_id: str | None,
    hour: str | None,
    zone: str | None,
    days: str | None,
    threshold: str | None,
    quiet_days: bool | None,
    language: str | None,
    confirmed: bool,
    form: str,
) -> None:
    """Add a person. They get one mail to confirm their address, and digests after they did. For an address that is known only what you name changes.

    Example: hypewatch subscribers add ada@example.org --at 07:00 --zone Europe/Berlin --days mon,tue,wed,thu,fri
    """
    from monitor.core.judgement import Severity
    from monitor.pipeline.subscribe import subscribe

    deps = open_service().deps
    changes: WishChanges = {}
    if hour is not None:
        changes["at"] = read_time(hour)
    if zone is not None:
        changes["zone"] = zone
    if days is not None:
        changes["weekdays"] = read_days(days)
    if threshold is not None:
        changes["threshold"] = Severity(threshold)
    if quiet_days is not None:
        changes["quiet"] = quiet_days
    if language is not None:
        changes["language"] = language
    subscription = subscribe(
        deps,
        address,
        name=name,
        study_id=study_id or deps.library.default().id,
        confirmed=confirmed,
        **changes,
    )
    if subscription.is_asked:
        click.echo(f"A mail to confirm was sent to {subscription.subscriber.email}.", err=True)
    emit(
        _rows([subscription], deps.clock()),
        form,
        columns=("id", "email", "state", "study", "at", "zone", "next"),
    )


def read_time(text: str) -> time:
    """HH:MM; raises a usage error that shows the form."""
    try:
        return datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 - a local hour has no zone of its own
    except ValueError:
        raise click.BadParameter(f"{text!r} is no time of day; write it as 07:00.") from None


def read_days(text: str) -> tuple[int, ...]:
    """Names of weekdays to numbers, Monday 0."""
    names = [part.strip().lower()[:3] for part in text.split(",") if part.strip()]
    if not names or any(name not in DAYS for name in names):
        raise click.BadParameter(f"{text!r} are no weekdays; write them as mon,tue,fri.")
    return tuple(sorted({DAYS.index(name) for name in names}))


def _rows(subscriptions: Iterable[Subscription], now: datetime) -> list[dict[str, object]]:
    """Who is paused is shown as such, and who gets no mail has no next one."""
    return [
        {
            "id": sub.id,
            "subscriber": sub.subscriber.id,
            "email": sub.subscriber.email,
            "name": sub.subscriber.name,
            "state": sub.standing(now).value,
            "study": sub.study_id,
            "at": sub.wishes.at.strftime("%H:%M"),
            "zone": sub.wishes.zone,
            "days": [DAYS[day] for day in sub.wishes.weekdays],
            "threshold": sub.wishes.threshold.value,
            "quiet_days": sub.wishes.quiet,
            "language": sub.wishes.language,
            "paused_until": stamp(sub.paused_until if sub.is_paused(now) else None),
            "next": stamp(sub.next_mail(now)),
        }
        for sub in subscriptions
    ]


@subscribers.command("list")
@format_option
def list_subscribers(form: str) -> None:
    """Everybody who gets mail, and when the next one is.

    Example: hypewatch subscribers list
    """
    service = open_service()
    emit(
        _rows(service.store.subscriptions(), service.clock()),
        form,
        columns=("id", "email", "state", "study", "at", "zone", "next"),
        empty="Nobody yet. `hypewatch subscribers add ADDRESS` adds a person.",
    )


@subscribers.command()
@click.argument("subscription_id", type=int)
@click.option("--days", type=click.IntRange(0, 365), default=14, show_default=True, help="For how long; 0 ends a pause")
def pause(subscription_id: int, days: int) -> None:
    """Send nothing for a while; what was said meanwhile comes in the first mail after it.

    Example: hypewatch subscribers pause 1 --days 7
    """
    from monitor.pipeline.subscribe import pause as pause_until

    service = open_service()
    pause_until(service.deps, subscription_id, service.clock() + timedelta(days=days))
    click.echo(
        f"Subscription {subscription_id} is paused for {days} days."
        if days
        else f"Subscription {subscription_id} goes on."
    )


@subscribers.command()
@click.argument("subscription_id", type=int)
def remove(subscription_id: int) -> None:
    """Send this person no more mail about this study. They can be asked again by `subscribers add`.

    Example: hypewatch subscribers remove 1
    """
    from monitor.pipeline.subscribe import leave

    left = leave(open_service().deps, subscription_id)
    click.echo("Removed. They get no more mail about this study." if left else "They had left before.")
