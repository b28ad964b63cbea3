"""`hypewatch demo`: the whole job on the sample newsroom, through the real tasks. With `run`, it may know the workers."""

from __future__ import annotations

import json
import tempfile
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from monitor.cli.run import bind_socket, bound, serve_pages
from monitor.cli.shared import open_service
from monitor.core.errors import HypewatchError, UsageError
from monitor.core.mention import FlagState
from monitor.core.model import FeedKind, Work
from monitor.setting_kinds import SecretStr

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Sequence

    from rich.progress import Progress

    from monitor.core.digests.subscribers import FrozenDigest, Subscription
    from monitor.demo.server import Newsroom
    from monitor.service import Service

READER = "you@example.org"
STUDY = "keio-ips-sci"
#: One step (a round of polls, the digest) takes about a second; later than this something is broken, and we say so.
STEP_S = 60.0
#: Longer than any lease of the walk: what is leased now counts as due when asked for this time ahead.
PAST_LEASES = timedelta(minutes=15)


@click.command()
@click.option("--exit", "leave", is_flag=True, help="End after the digest instead of serving the pages")
@click.option("--json", "as_json", is_flag=True, help="Print what was found as one JSON object")
@bound
def demo(*, leave: bool, as_json: bool, host: str | None, port: int | None) -> None:
    """The whole job on the sample newsroom: feeds, networks, pages, judging, a correction, the digest, the pages.

    No network, account, server or mail is needed. Everything is kept in HYPEWATCH_HOME if that is empty or a demo's, else in
    a new folder: a home in use is never touched. A second run on the same home finds nothing new.

    Example: hypewatch demo --exit
    """
    began = time.monotonic()
    service = _open(host, port)
    sock = None if leave else _free_socket(service, chosen=port is not None)
    with _newsroom(service) as newsroom, _workers(service):
        digest = _whole_job(service, newsroom)
        summary = _summary(service, newsroom, digest, time.monotonic() - began)
        _tell(service, digest, summary, as_json=as_json)
        if sock is not None:
            serve_pages(service, sock)
    service.store.close()


# --- setting up ------------------------------------------------------------------------------------------------------


def _open(host: str | None, port: int | None) -> Service:
    """A Service that is the demo's own: whatever the user's real database, broker and mail server are, they stay out."""
    own: dict[str, Any] = {"database_url": None, "smtp_url": None, "base_url": None}
    service = open_service(host=host, port=port, broker_url="memory://", host_gap=0)
    given = service.settings.home if "home" in service.settings.given else None
    if given is None or not _is_free(given):
        own["home"] = Path(tempfile.mkdtemp(prefix="hypewatch-demo-"))
        if given is not None:
            click.echo(f"{given} is in use, and the demo does not touch it: it keeps to {own['home']}.", err=True)
    service.settings = replace(service.settings, **own)
    return service


def _is_free(home: Path) -> bool:
    """Is there nothing in this home, or nothing but what a demo wrote? Only looked at, not changed."""
    from monitor.storage.peek import peek

    if not home.exists() or (home.is_dir() and not any(home.iterdir())):
        return True
    held = peek(home / "hypewatch.db")
    if held is None or "newsroom-port" not in held.settings or not held.emails <= {READER} or held.imported:
        return False
    here = f".localhost:{held.settings['newsroom-port']}"  # each outlet of the newsroom is a host of its own
    searches = {(kind.value, query) for kind, query, _ in _searches()}
    return all(feed in searches or urlsplit(feed[1]).netloc.endswith(here) for feed in held.feeds)


def _free_socket(service: Service, *, chosen: bool) -> socket.socket:
    """Bind now, so that the mail's links lead to where the pages will be; another free port if the usual one is taken."""
    settings = service.settings
    try:
        sock = bind_socket(settings.host, settings.port)
    except UsageError:
        if chosen:
            raise
        sock = bind_socket(settings.host, 0)
    service.settings = replace(settings, port=sock.getsockname()[1])
    return sock


def _newsroom(service: Service) -> Newsroom:
    """The newsroom of this home: its port, epoch and round are kept there, so that it publishes the same bytes again."""
    from monitor.demo import bluesky
    from monitor.demo.server import BEARER_TOKEN, Newsroom

    store = service.store
    epoch = store.set_setting("newsroom-epoch", service.clock().isoformat(timespec="seconds"), only_if_absent=True)
    newsroom = Newsroom(
        int(store.setting("newsroom-port", "0") or 0),
        datetime.fromisoformat(epoch).astimezone(UTC),
        round=int(store.setting("newsroom-round", "1") or 1),
    )
    store.set_setting("newsroom-port", str(newsroom.port))
    own: dict[str, Any] = {
        "x_api_url": newsroom.x_api_url,
        "x_bearer_token": SecretStr(BEARER_TOKEN),
        "x_posts_per_day": 200,
        "x_posts_per_month": 3000,
        "bluesky_api_url": newsroom.bluesky_api_url,
        "bluesky_stream_url": newsroom.bluesky_stream_url,
        "bluesky_handle": bluesky.HANDLE,
        "bluesky_password": SecretStr(bluesky.PASSWORD),
        "mastodon_servers": (newsroom.mastodon_server,),
        "mastodon_token": None,  # the user's own is for another server
        "allow_private_networks": (*service.settings.allow_private_networks, *newsroom.addresses),
    }
    service.settings = replace(service.settings, **own)
    return newsroom


def _workers(service: Service) -> Any:
    from workers.local import LocalWorkers

    # Without beat: what is read, and when, is the demo's to say.
    return LocalWorkers(service, beat=False)


# --- the job ---------------------------------------------------------------------------------------------------------


def _whole_job(service: Service, newsroom: Newsroom) -> FrozenDigest:
    """Two rounds of polls and the digest; on a home that saw both rounds, one round that finds nothing new."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    feeds = _add_feeds(service, newsroom)
    columns = (TextColumn("{task.description:44}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        _poll_round(service, feeds, bar, f"round {newsroom.round}")
        if newsroom.round == 1:
            newsroom.advance()
            service.store.set_setting("newsroom-round", "2")
            _poll_round(service, feeds, bar, "round 2 (a correction, a removal, new posts)")
        return _deliver(service, newsroom, bar)


def _add_feeds(service: Service, newsroom: Newsroom) -> list[int]:
    store, now = service.store, service.clock()
    feeds = [
        store.add_feed(FeedKind.FEED, feed.url, title=feed.title, lang=feed.lang, weight=feed.weight, now=now)
        for feed in newsroom.feeds
    ]
    feeds += [store.add_feed(kind, query, title=title, now=now) for kind, query, title in _searches()]
    return [feed.id for feed in feeds]


def _searches() -> Sequence[tuple[FeedKind, str, str]]:
    """Kind, query and title of what is searched on the newsroom's networks."""
    from monitor.demo.server import BLUESKY_QUERY, MASTODON_TAG, STREAM_QUERY, X_QUERY

    return (
        (FeedKind.X_SEARCH, X_QUERY, "X: Keio and iPS"),
        (FeedKind.BLUESKY_SEARCH, BLUESKY_QUERY, "Bluesky: Keio and iPS"),
        (FeedKind.BLUESKY_STREAM, STREAM_QUERY, "Bluesky, live: Keio and iPS"),
        (FeedKind.MASTODON_SEARCH, MASTODON_TAG, f"Mastodon: {MASTODON_TAG}"),
    )


def _poll_round(service: Service, feed_ids: Sequence[int], bar: Progress, name: str) -> None:
    """Nudge the real tasks, which nudge those for article pages, and wait until the rows say that all is read."""
    from workers.tasks import poll_feed

    store, began = service.store, service.clock()
    others = _pages_due(service)  # left from an earlier run
    for feed_id in feed_ids:
        store.set_feed(feed_id, due_at=began)
        poll_feed.nudge(feed_id)

    def left() -> int:
        polled = {feed.id for feed in store.feeds() if feed.last_polled_at and feed.last_polled_at >= began}
        return sum(feed_id not in polled for feed_id in feed_ids) + len(_pages_due(service) - others)

    _wait(bar, f"Feeds and pages, {name}", len(feed_ids), left)


def _pages_due(service: Service) -> set[int]:
    """Entries whose article page is to be read or being read."""
    return set(service.store.due(Work.PAGE, service.clock() + PAST_LEASES, limit=100_000))


def _deliver(service: Service, newsroom: Newsroom, bar: Progress) -> FrozenDigest:
    """The digest for the newsroom's day: composed and handed over once, however often the demo runs."""
    from monitor.core.digests.schedule import Due, local_date
    from monitor.core.digests.subscribers import ENDED
    from workers.tasks import deliver_digest

    store, subscription, now = service.store, _subscription(service), service.clock()
    day = local_date(now, subscription.wishes.zone)
    present = store.digest_for(subscription.id, local_date(newsroom.epoch, subscription.wishes.zone))
    if present is None:
        store.set_subscription(subscription.id, due=Due(now, day))
        deliver_digest.nudge(subscription.id)

    def left() -> int:
        digest = present or store.digest_for(subscription.id, day)
        return int(digest is None or digest.state not in ENDED)

    _wait(bar, "Digest", 1, left)
    digest = present or store.digest_for(subscription.id, day)
    assert digest is not None  # noqa: S101 - `_wait` saw it
    return digest


def _subscription(service: Service) -> Subscription:
    from monitor.pipeline.subscribe import subscribe

    for subscription in service.store.subscriptions():
        if subscription.subscriber.email == READER:
            return subscription
    return subscribe(
        service.deps,
        READER,
        name="Demo reader",
        study_id=STUDY,
        confirmed=True,
    )


def _wait(bar: Progress, label: str, total: int, left: Callable[[], int]) -> None:
    """Move the bar until nothing is left; raises HypewatchError with a sentence if that takes a minute."""
    task = bar.add_task(label, total=total)
    deadline = time.monotonic() + STEP_S
    while remaining := left():
        total = max(total, remaining)  # a feed that is read brings pages to read
        bar.update(task, total=total, completed=total - remaining)
        if time.monotonic() > deadline:
            raise HypewatchError(
                f"The demo got stuck at “{label}”: {remaining} of {total} are not done after {STEP_S:.0f} s.",
                "`hypewatch feeds list` with the same HYPEWATCH_HOME tells more.",
            )
        time.sleep(0.05)
    bar.update(task, completed=total)


# --- telling ---------------------------------------------------------------------------------------------------------


def _summary(service: Service, newsroom: Newsroom, digest: FrozenDigest, seconds: float) -> dict[str, Any]:
    """What was found, in the shape that `--json` promises."""
    from monitor.core.search.query import parse_query
    from monitor.mail.outbox import Outbox

    store = service.store
    everything = parse_query("", service.clock())
    addresses = {*(query for _, query, _ in _searches()), *(feed.url for feed in newsroom.feeds)}
    feeds = [feed for feed in store.feeds() if feed.url in addresses]
    flags = Counter(
        stored.flag.drift.value
        for mention in store.search(everything, limit=10_000)
        for stored in mention.flags
        if stored.state is FlagState.ACTIVE and stored.flag.is_drift
    )
    outbox = Outbox(Path(service.settings.smtp.removeprefix("outbox:")))
    return {
        "feeds_read": sum(feed.last_outcome is not None and not feed.last_outcome.failed for feed in feeds),
        "entries": sum(feed.entries for feed in feeds),
        "mentions": store.count(everything),
        "stories": len(store.stories(everything, limit=10_000)),
        "flags": dict(sorted(flags.items())),
        "deliveries": sum(delivery.outcome == "sent" for delivery in store.deliveries()),
        "digest": str(outbox.path_of(digest.message_id, digest.recipient)),
        "seconds": round(seconds, 1),
    }


def _tell(service: Service, digest: FrozenDigest, summary: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(summary, ensure_ascii=False))
        return
    click.echo(f"\nSubject: {digest.subject}\n\n{digest.text}")
    click.echo(
        f"{summary['feeds_read']} sources, {summary['entries']} entries, {summary['mentions']} mentions of the study "
        f"in {summary['stories']} stories, {sum(summary['flags'].values())} flags, in {summary['seconds']} s.",
        err=True,
    )
    click.echo(f"The mail is {summary['digest']}; everything else is in {service.settings.home}.", err=True)
