"""`hypewatch init`: five minutes from nothing to the first mail. Every question is also a flag."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import click

from monitor.cli.feeds import WATCHES, add_watch
from monitor.cli.shared import open_service
from monitor.core.digests.address import check_address
from monitor.core.digests.wish_fields import read_time
from monitor.core.errors import UsageError
from monitor.core.items.urls import check_feed_address
from monitor.core.model import FeedKind
from monitor.pipeline.discover import feed_to_add
from monitor.pipeline.subscribe import check_zone, machine_zone, subscribe
from monitor.sources.connector import watch_class

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from monitor.core.study import Study
    from monitor.service import Service

T = TypeVar("T")


@click.command()
@click.option("--study", "study_id", help="Fact sheet to follow (see `hypewatch studies list`)")
@click.option("--feed", "addresses", multiple=True, help="Address of a feed; can be given several times")
@click.option(
    "--watch/--no-watch",
    default=None,
    help="Also ask the indexes of papers that want no key, and the registry's page, once a day about the study itself",
)
@click.option("--email", help="Your mail address")
@click.option("--name", default="", help="Your name")
@click.option("--at", "hour", help="Local time of the digest, HH:MM")
@click.option("--zone", help="Your time zone, such as Asia/Tokyo")
@click.option("--no-input", is_flag=True, help="Ask nothing; leave out what no flag gives")
def init(
    study_id: str | None,
    addresses: tuple[str, ...],
    watch: bool | None,
    email: str | None,
    name: str,
    hour: str | None,
    zone: str | None,
    no_input: bool,
) -> None:
    """Set up: the data folder, the database, a study, sources, your address and hour.

    Example: hypewatch init --feed https://example.org/science.xml --email ada@example.org --at 07:00 --zone Asia/Tokyo --no-input
    """
    given = _Answers(
        checked_addresses(addresses),
        check_address(email) if email else email,
        read_time(hour) if hour else None,
        check_zone(zone) if zone else None,
    )
    service = open_service()
    deps = service.deps
    click.echo(f"Your data is in {service.settings.home}.")
    ids = [study.id for study in deps.library.studies()]
    if study_id is None and len(ids) > 1 and not no_input:
        study_id = click.prompt("Which study", type=click.Choice(ids), default=ids[0])
    study = deps.library.study(study_id) if study_id else deps.library.default()
    click.echo(f"Study: {study.name}.")
    if no_input:
        answers, watch = given, bool(watch)
    else:
        answers, watch = _asked(service, given, watch)
    # All is asked and checked: from here on it is written.
    if study_id:
        service.library.mean(study.id)
    for address in answers.addresses:
        feed = deps.store.add_feed(FeedKind.FEED, address, now=service.clock())
        click.echo(f"Source {feed.id}: {address}")
    if watch:
        _watch_study(service, study)
    if answers.email:
        _subscribe(service, study, name, answers)
    click.echo("Done. `hypewatch run` starts reading; `hypewatch doctor` checks that all is well.")


class _Answers(NamedTuple):
    """What is set up, checked; None: it was not said."""

    addresses: tuple[str, ...]
    email: str | None
    at: time | None
    zone: str | None


def checked_addresses(written: Iterable[str]) -> tuple[str, ...]:
    """The web addresses; raises UsageError at the first that is none."""
    return tuple(check_feed_address(address) for address in written)


def _asked(service: Service, given: _Answers, watch: bool | None) -> tuple[_Answers, bool]:
    """What no flag gave, from the person at the terminal; a wrong answer is asked again at once. A feed that is named here is read
    at once, and of a page that offers feeds its first is taken.
    """
    addresses, email, at, zone = given
    if not addresses:
        addresses = _ask(
            "Addresses of feeds or home pages, with spaces between (empty: later)",
            lambda said: tuple(_readable(service, address) for address in checked_addresses(said.split())),
        )
    if watch is None:
        watch = click.confirm(
            "Look once a day whether a paper on the study has appeared or was retracted", default=True
        )
    if email is None:
        email = _ask("Your mail address (empty: no mails)", lambda said: check_address(said) if said.strip() else "")
    if email:
        zone = zone or _ask("Your time zone", check_zone, default=machine_zone())
        at = at or _ask("At what local time shall the digest come", read_time, default="07:00")
    return _Answers(addresses, email, at, zone), watch


def _readable(service: Service, address: str) -> str:
    """The address of what is read. What cannot be read now may be later: who says so gets it all the same; raises UsageError else."""
    try:
        found, said = feed_to_add(service.deps, address, discover=True)
    except UsageError as error:
        click.echo(error.message)
        if click.confirm("Add it all the same", default=False):
            return address
        raise
    click.echo(said)
    return found


def _ask(question: str, check: Callable[[str], T], default: str = "") -> T:
    def answered(said: str) -> T:
        try:
            return check(said)
        except UsageError as error:
            raise click.UsageError(str(error)) from None  # click tells it and asks again

    answer: T = click.prompt(question, default=default, value_proc=answered)
    return answer


def _subscribe(service: Service, study: Study, name: str, answers: _Answers) -> None:
    subscription = subscribe(
        service.deps,
        answers.email or "",
        name=name,
        study_id=study.id,
        at=answers.at or time(7),
        zone=answers.zone or "UTC",
        confirmed=True,  # whoever sits at this terminal gives their own address
    )
    click.echo(
        f"The digest goes to {subscription.subscriber.email} at {subscription.wishes.at:%H:%M} ({subscription.wishes.zone})."
    )
    if service.settings.smtp.startswith("outbox:"):
        click.echo(
            f"No mail server is set, so mails become files in {service.settings.smtp.removeprefix('outbox:')}. `hypewatch help operations` tells how to set one."
        )


def _watch_study(service: Service, study: Study) -> None:
    """Add every watch that wants no key and that the study's fact sheet allows."""
    for kind in WATCHES.values():
        asked = watch_class(kind)
        if asked.offered and not asked.lacking(study):
            feed = add_watch(service, kind, study)
            click.echo(f"Source {feed.id}: {feed.title}")
