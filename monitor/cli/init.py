"""`hypewatch init`: five minutes from nothing to the first mail. Every question is also a flag."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from monitor.cli.shared import open_service

if TYPE_CHECKING:
    from monitor.core.study import Study
    from monitor.service import Service


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
    from monitor.cli.subscribers import read_time
    from monitor.core.errors import UsageError
    from monitor.core.items.urls import http_link
    from monitor.core.model import FeedKind
    from monitor.pipeline.subscribe import subscribe

    service = open_service()
    deps = service.deps
    click.echo(f"Your data is in {service.settings.home}.")
    ids = [study.id for study in deps.library.studies()]
    if study_id is None and len(ids) > 1 and not no_input:
        study_id = click.prompt("Which study", type=click.Choice(ids), default=ids[0])
    study = deps.library.study(study_id) if study_id else deps.library.default()
    click.echo(f"Study: {study.name}.")
    if not addresses and not no_input:
        addresses = tuple(
            click.prompt("Addresses of feeds, with spaces between (you can add more later)", default="").split()
        )
    for address in addresses:
        if http_link(address) is None:
            raise UsageError(f"{address!r} is no web address.", "Write it with https:// in front.")
        feed = deps.store.add_feed(FeedKind.FEED, address, now=service.clock())
        click.echo(f"Source {feed.id}: {address}")
    _watch_study(service, study, watch, no_input=no_input)
    if email is None and not no_input:
        email = click.prompt("Your mail address (empty: no mails)", default="")
    if email:
        if zone is None and not no_input:
            zone = click.prompt("Your time zone", default="UTC")
        if hour is None and not no_input:
            hour = click.prompt("At what local time shall the digest come", default="07:00")
        subscription = subscribe(
            deps,
            email,
            name=name,
            study_id=study.id,
            at=None if hour is None else read_time(hour),
            zone=zone,
            confirmed=True,  # whoever sits at this terminal gives their own address
        )
        click.echo(
            f"The digest goes to {subscription.subscriber.email} at {subscription.at:%H:%M} ({subscription.zone})."
        )
        if service.settings.smtp.startswith("outbox:"):
            click.echo(
                f"No mail server is set, so mails become files in {service.settings.smtp.removeprefix('outbox:')}. `hypewatch help operations` tells how to set one."
            )
    click.echo("Done. `hypewatch run` starts reading; `hypewatch doctor` checks that all is well.")


def _watch_study(service: Service, study: Study, watch: bool | None, *, no_input: bool) -> None:
    """Add every watch that wants no key and that the study's fact sheet allows; asks unless a flag says so."""
    from monitor.cli.feeds import WATCHES, add_watch
    from monitor.sources.connector import watch_class

    if watch is None:
        watch = not no_input and click.confirm(
            "Look once a day whether a paper on the study has appeared or was retracted", default=True
        )
    for kind in WATCHES.values() if watch else ():
        asked = watch_class(kind)
        if asked.offered and not asked.lacking(study):
            feed = add_watch(service, kind, study)
            click.echo(f"Source {feed.id}: {feed.title}")
