"""`hypewatch subscribers`: who gets mail."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import click

from monitor.cli.shared import emit, format_option, open_service, stamp

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
@click.option("--at", "hour", default="07:00", show_default=True, help="Local time, HH:MM")
@click.option("--zone", default="UTC", show_default=True, help="IANA time zone, such as Asia/Tokyo")
@click.option("--days", default=",".join(DAYS), show_default=True, help="Weekdays, separated by commas")
@click.option(
    "--threshold",
    type=click.Choice(["low", "medium", "high"]),
    default="low",
    show_default=True,
    help="Lowest severity told in full",
)
@click.option(
    "--quiet-days/--no-quiet-days", default=True, show_default=True, help="Two lines even if nothing happened"
)
@click.option("--confirmed", is_flag=True, help="The person agreed already: send no confirmation mail")
@format_option
def add(
    address: str,
    name: str,
    study_id: str | None,
    hour: str,
    zone: str,
    days: str,
    threshold: str,
    quiet_days: bool,
    confirmed: bool,
    form: str,
) -> None:
    """Add a person. They get one mail to confirm their address, and digests after they did.

    Example: hypewatch subscribers add ada@example.org --at 07:00 --zone Europe/Berlin --days mon,tue,wed,thu,fri
    """
    from monitor.pipeline.subscribe import subscribe

    world = open_service().world
    subscription = subscribe(
        world,
        address,
        name=name,
        study_id=study_id or world.library.studies()[0].id,
        at=read_time(hour),
        zone=zone,
        weekdays=read_days(days),
        threshold=threshold,
        quiet=quiet_days,
        confirmed=confirmed,
    )
    if not confirmed:
        click.echo(f"A mail to confirm was sent to {subscription.subscriber.email}.", err=True)
    emit(
        _rows(world.store.subscriptions(), subscription.id),
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


def _rows(subscriptions: object, only: int | None = None) -> list[dict[str, object]]:
    return [
        {
            "id": sub.id,
            "subscriber": sub.subscriber.id,
            "email": sub.subscriber.email,
            "name": sub.subscriber.name,
            "state": sub.subscriber.state,
            "study": sub.study_id,
            "at": sub.at.strftime("%H:%M"),
            "zone": sub.zone,
            "days": [DAYS[day] for day in sub.weekdays],
            "threshold": sub.threshold,
            "quiet_days": sub.quiet,
            "paused_until": stamp(sub.paused_until),
            "next": stamp(sub.due_at),
        }
        for sub in subscriptions  # type: ignore[attr-defined]
        if only is None or sub.id == only
    ]


@subscribers.command("list")
@format_option
def list_subscribers(form: str) -> None:
    """Everybody who gets mail, and when the next one is.

    Example: hypewatch subscribers list
    """
    emit(
        _rows(open_service().store.subscriptions()),
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
    service = open_service()
    service.store.set_subscription(subscription_id, paused_until=service.clock() + timedelta(days=days))
    click.echo(
        f"Subscription {subscription_id} is paused for {days} days."
        if days
        else f"Subscription {subscription_id} goes on."
    )


@subscribers.command()
@click.argument("subscription_id", type=int)
def remove(subscription_id: int) -> None:
    """Send this person no more mail.

    Example: hypewatch subscribers remove 1
    """
    store = open_service().store
    store.set_subscriber(store.subscription(subscription_id).subscriber.id, "removed")
    click.echo("Removed. They get no more mail.")
