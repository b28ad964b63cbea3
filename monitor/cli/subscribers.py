"""`hypewatch subscribers`: who gets mail. Lists of them as files: `subscriber_list`."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.shared import emit, format_option, open_service, the_study
from monitor.cli.subscriber_list import export_list, import_list
from monitor.cli.wish_options import wish_options, wished
from monitor.core.digests.subscribers import Standing
from monitor.core.errors import MailError, UsageError
from monitor.core.sentences import closed

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from monitor.core.digests.subscribers import Subscription

_COLUMNS = ("id", "email", "state", "study", "at", "zone", "next")


@click.group()
def subscribers() -> None:
    """Who gets mail.

    \b
    Example: hypewatch subscribers add ada@example.org --at 07:00 --zone Europe/Berlin
    Example: hypewatch subscribers import list.csv --dry-run
    """  # noqa: D301 - click wants the character, not the two signs


subscribers.add_command(export_list)
subscribers.add_command(import_list)


@subscribers.command()
@click.argument("address")
@click.option("--name", default="", help="How the mail addresses them")
@click.option("--study", "study_id", help="Fact sheet to follow; needed if there is more than one")
@wish_options
@click.option("--confirmed", is_flag=True, help="The person agreed already: send no confirmation mail")
@format_option
def add(address: str, name: str, study_id: str | None, *, confirmed: bool, form: str, **given: Any) -> None:
    """Add a person. They get one mail to confirm their address, and digests after they did. For an address that is known only what you name changes.

    Example: hypewatch subscribers add ada@example.org --at 07:00 --zone Europe/Berlin --days mon,tue,wed,thu,fri
    """
    from monitor.pipeline.subscribe import subscribe

    deps = open_service().deps
    study = deps.library.study(study_id).id if study_id else the_study(deps.library)
    try:
        subscription = subscribe(deps, address, name=name, study_id=study, confirmed=confirmed, **wished(given))
    except MailError as error:
        known = deps.store.subscription_of(address, study)
        again = f"`hypewatch subscribers resume {known.id}` asks them." if known else ""
        raise MailError(f"{address} is stored, and was not asked: {closed(error.message)}", again) from None
    if subscription.is_asked:
        click.echo(f"A mail to confirm was sent to {subscription.subscriber.email}.", err=True)
    emit(_rows([subscription], deps.clock()), form, columns=_COLUMNS)


@subscribers.command("set")
@click.argument("subscription_id", type=int)
@wish_options
@format_option
def set_wishes(subscription_id: int, *, form: str, **given: Any) -> None:
    """Change what a person gets: only what you name changes, and nobody is mailed.

    \b
    Example: hypewatch subscribers set 1 --at 06:30 --drifts overstated-outcome,availability --weekly
    Example: hypewatch subscribers set 1 --urgent-from 5 --hush 22:00-06:00 --networks all
    """  # noqa: D301 - click wants the character, not the two signs
    from monitor.pipeline.subscribe import change

    changes = wished(given)
    if not changes:
        raise UsageError("Nothing to change was named.", "`hypewatch subscribers set --help` lists what there is.")
    deps = open_service().deps
    emit(_rows([change(deps, subscription_id, **changes)], deps.clock()), form, columns=_COLUMNS)


def _rows(subscriptions: Iterable[Subscription], now: datetime) -> list[dict[str, Any]]:
    from monitor.export.subscribers import subscriber_row

    return [subscriber_row(subscription, now) for subscription in subscriptions]


@subscribers.command("list")
@click.option(
    "--state", type=click.Choice([standing.value for standing in Standing]), help="Only those of whom this is so"
)
@format_option
def list_subscribers(state: str | None, form: str) -> None:
    """Everybody who gets mail, and when the next one is. JSON and CSV hold all that each asked for.

    \b
    Example: hypewatch subscribers list
    Example: hypewatch subscribers list --state suppressed --format json
    """  # noqa: D301 - click wants the character, not the two signs
    service = open_service()
    now = service.clock()
    rows = _rows((one for one in service.store.subscriptions() if state in {None, one.standing(now)}), now)
    empty = "Nobody yet. `hypewatch subscribers add ADDRESS` adds a person."
    emit(rows, form, columns=_COLUMNS, empty=f"Nobody is {state}." if state else empty)
    if form == "table":
        for row in rows:
            if row["state"] == Standing.SUPPRESSED:
                click.echo(
                    f"{row['email']}: {row['suppressed_why']} `hypewatch subscribers resume {row['id']}` asks them again.",
                    err=True,
                )


@subscribers.command()
@click.argument("subscription_id", type=int)
@click.option("--days", type=click.IntRange(0, 365), help="For how long: 14 unless you say otherwise; 0 ends a pause")
@click.option("--until", help="The first day on which mail comes again, such as 2027-03-24, where the person lives")
def pause(subscription_id: int, days: int | None, until: str | None) -> None:
    """Send nothing for a while; what was said meanwhile comes in the first mail after it.

    \b
    Example: hypewatch subscribers pause 1 --days 7
    Example: hypewatch subscribers pause 1 --until 2027-04-06
    """  # noqa: D301 - click wants the character, not the two signs
    from monitor.core.digests.wish_fields import read_pause
    from monitor.pipeline.subscribe import pause as pause_until

    if days is not None and until is not None:
        raise UsageError("--days and --until both say how long.", "Give one of them.")
    service = open_service()
    if until is not None:
        zone = service.store.subscription(subscription_id).wishes.zone
        end = read_pause(until, zone, service.clock())
        pause_until(service.deps, subscription_id, end)
        click.echo(f"Subscription {subscription_id} is paused until {until.strip()}, as the date is in {zone}.")
        return
    days = 14 if days is None else days
    pause_until(service.deps, subscription_id, service.clock() + timedelta(days=days))
    click.echo(
        f"Subscription {subscription_id} is paused for {days} days."
        if days
        else f"Subscription {subscription_id} goes on."
    )


@subscribers.command()
@click.argument("subscription_id", type=int)
def resume(subscription_id: int) -> None:
    """Let mail come again: after a pause, or to an address that mail came back from (then the person is asked first).

    Example: hypewatch subscribers resume 1
    """
    from monitor.pipeline.subscribe import Resumed
    from monitor.pipeline.subscribe import resume as resume_it

    service = open_service()
    done = resume_it(service.deps, subscription_id)
    subscription = service.store.subscription(subscription_id)
    click.echo(
        {
            Resumed.GOES_ON: f"Subscription {subscription_id} goes on.",
            Resumed.ASKED: f"A mail to confirm was sent to {subscription.subscriber.email}; digests come once they say yes.",
            Resumed.WENT_ON: f"Subscription {subscription_id} was not stopped; there is nothing to do.",
        }[done]
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
