"""`hypewatch digest`: preview, send, and the delivery ledger."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from monitor.cli.shared import emit, format_option, open_service
from monitor.export.ledger import digest_row, told
from monitor.home_files import write_private

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitor.core.digests.subscribers import Delivery
    from monitor.ports import Digests
    from monitor.service import Service


@click.group()
def digest() -> None:
    """Preview and send digests; the delivery ledger.

    Example: hypewatch digest preview --out preview
    """


def _chosen(digests: Digests, subscription_id: int | None) -> int:
    from monitor.core.errors import NotFoundError

    subscriptions = digests.subscriptions()
    if subscription_id is not None:
        return subscription_id
    if not subscriptions:
        raise NotFoundError("Nobody is subscribed yet.", "`hypewatch subscribers add ADDRESS` adds a person.")
    return subscriptions[0].id


@digest.command()
@click.argument("subscription_id", type=int, required=False)
@click.option(
    "--kind",
    type=click.Choice(["daily", "weekly", "monthly", "urgent"]),
    default="daily",
    show_default=True,
    help="The daily digest, the report of the newest week or month that is over, or the urgent mail about what spreads most",
)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Write digest.html, .txt and .eml there")
def preview(subscription_id: int | None, kind: str, out: Path | None) -> None:
    """What the next mail would say if it went now. Nothing is sent or recorded.

    Example: hypewatch digest preview 1 --kind weekly --out preview
    """
    from monitor.core.digests.subscribers import DigestKind
    from monitor.pipeline.preview import previewed

    deps = open_service().deps
    printed = previewed(deps, deps.store.subscription(_chosen(deps.store, subscription_id)), DigestKind(kind))
    if out is None:
        click.echo(f"Subject: {printed.subject}\n")
        click.echo(printed.text, nl=False)
        return
    write_private(out / "digest.html", printed.html.encode())
    write_private(out / "digest.txt", printed.text.encode())
    write_private(out / "digest.eml", printed.mime)
    click.echo(f"Written: {out / 'digest.html'}, digest.txt and digest.eml.")


@digest.command()
@click.argument("subscription_id", type=int, required=False)
@click.option("--date", "day", metavar="YYYY-MM-DD", help="Local date it is for; default: today where the person lives")
def send(subscription_id: int | None, day: str | None) -> None:
    """Send today's digest now, where the person lives; for that date none comes again. Exit 1 if it was not handed over.

    Example: hypewatch digest send 1
    """
    from datetime import date

    from monitor.core.digests.delivery import next_after
    from monitor.core.digests.subscribers import DeliveryOutcome, DigestState
    from monitor.pipeline.deliver import deliver_digest

    if day is not None:
        try:
            date.fromisoformat(day)
        except ValueError:
            raise click.BadParameter(f"{day!r} is no date; write it as 2026-03-24.") from None
    deps = open_service().deps
    chosen = _chosen(deps.store, subscription_id)
    deps.store.subscription(chosen)
    before = {row.digest_id for row in deps.store.deliveries() if row.outcome is DeliveryOutcome.SENT}
    frozen = deliver_digest(deps, chosen, day)
    if frozen is None:
        click.echo(
            "Not sent: the subscription is paused, removed or not confirmed, mail to it came back, or another process is composing it.",
            err=True,
        )
        sys.exit(1)
    if frozen.id in before:
        click.echo(f"The digest for {frozen.local_date} was sent before; it is not sent again.")
        return
    last = deps.store.deliveries(frozen.id, limit=1)
    words = last[0].reply if last else frozen.sentence
    click.echo(f"“{frozen.subject}” for {frozen.recipient}: {frozen.state}. {words}")
    subscription = deps.store.subscription(chosen)
    following = next_after(subscription, frozen.through_date, deps.clock())
    if following is not None:
        at = following.at.astimezone(ZoneInfo(subscription.wishes.zone))
        click.echo(
            f"It is the digest for {frozen.local_date}, as the date is in {subscription.wishes.zone}; "
            f"the next one comes by itself on {at:%a %d %b %Y at %H:%M} there."
        )
    sys.exit(0 if frozen.state in {DigestState.SENT, DigestState.SKIPPED} else 1)


@digest.command()
@click.argument("digest_id", type=int)
def resend(digest_id: int) -> None:
    """Send a digest again that was held or refused: the same mail, byte for byte. Exit 1 if it was not handed over.

    Example: hypewatch digest resend 12
    """
    from monitor.core.digests.subscribers import DigestState
    from monitor.pipeline.deliver import send_again, send_digest

    deps = open_service().deps
    send_again(deps, digest_id)
    sent = send_digest(deps, digest_id) or deps.store.digest(digest_id)
    click.echo(f"“{sent.subject}” for {sent.recipient}: {told(sent, deps.store.deliveries(sent.id, limit=1))}")
    sys.exit(0 if sent.state is DigestState.SENT else 1)


@digest.command("test")
@click.argument("address", required=False)
def send_test(address: str | None) -> None:
    """Send a short test mail now, to an address or whoever gets digests longest, and tell what the mail server says.

    Example: hypewatch digest test ada@example.org
    """
    from monitor.pipeline.trial import first_reader, send_trial

    deps = open_service().deps
    recipient = address or first_reader(deps)
    reply = send_trial(deps, recipient)
    click.echo(f"A test mail went to {recipient}. {reply}")


@digest.command()
@click.option("--limit", type=click.IntRange(1, 10_000), default=30, show_default=True, help="At most so many")
@format_option
def status(limit: int, form: str) -> None:
    """The delivery ledger: every digest, every attempt, and what the mail server said.

    Example: hypewatch digest status --format csv
    """
    service = open_service()
    store = service.store
    attempts: dict[int, list[Delivery]] = {}
    for delivery in store.deliveries(limit=limit * 10):
        attempts.setdefault(delivery.digest_id, []).append(delivery)
    rows = [digest_row(frozen, attempts.get(frozen.id, [])) for frozen in store.digests(limit)]
    emit(
        [*_not_composed(service), *rows],
        form,
        columns=("id", "kind", "date", "to", "subject", "state", "how"),
        empty="No digest was made yet. `hypewatch digest send` makes one.",
    )


def _not_composed(service: Service) -> Iterator[dict[str, object]]:
    """What is due and could not be composed, in the shape of the ledger's rows."""
    from monitor.core.model import Work

    for one in service.store.failing_digests(service.clock()):
        if one.step is Work.COMPOSE:
            yield {
                "id": None,
                "subscription": one.subscription_id,
                "kind": "daily",
                "date": one.local_date,
                "through": one.local_date,
                "to": one.recipient,
                "subject": None,
                "state": "failing" if one.next_try else "given up",
                "attempts": one.attempts,
                "message_id": None,
                "sentence": one.sentence,
                "how": one.sentence,
                "deliveries": [],
            }
