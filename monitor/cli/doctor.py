"""`hypewatch doctor`: is everything all right, and if not, what to do."""

from __future__ import annotations

import shutil
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.cli.shared import emit, format_option, open_service
from monitor.core.digests.subscribers import Standing
from monitor.core.model import LATE
from monitor.core.sentences import closed, duration
from monitor.home_files import sqlite_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from monitor.core.digests.subscribers import FailingDigest, Subscription
    from monitor.service import Service


NOBODY_JUDGES = (
    "Stored mentions wait to be judged by the rules in use, and nobody judges them: is `hypewatch run` (or a worker and beat)"
    " running? `hypewatch rules apply` does it now."
)


@click.command()
@format_option
def doctor(form: str) -> None:
    """Check database, broker, mail, clock, disk, sources and rules, and say what to do. Exit 1 if something is wrong.

    Example: hypewatch doctor
    """
    service = open_service()
    rows = []
    for name, check in CHECKS.items():
        for ok, sentence in check(service):
            rows.append({"part": name, "ok": ok, "says": sentence})
    emit(rows, form, columns=("part", "ok", "says"))
    sys.exit(0 if all(row["ok"] for row in rows) else 1)


def _database(service: Service) -> Iterator[tuple[bool, str]]:
    from monitor.core.errors import StorageError

    try:
        service.store.upgrade()
        service.store.set_setting("doctor", service.clock().isoformat())
    except StorageError as error:
        yield False, str(error)
    else:
        yield True, "It can be read and written."


def _broker(service: Service) -> Iterator[tuple[bool, str]]:
    url = service.settings.broker
    if url.startswith("memory://"):
        yield True, "None is needed: everything runs in one process (`hypewatch run`)."
        return
    from monitor.cli.run import broker_answers

    problem = broker_answers(url)
    yield problem is None, problem or "It answers."


def _mail(service: Service) -> Iterator[tuple[bool, str]]:
    from monitor.core.errors import MailError
    from monitor.mail.smtp import SmtpMailer, open_mailer

    mailer = open_mailer(service.settings.smtp, plain_password=service.settings.smtp_plain_password)
    if not isinstance(mailer, SmtpMailer):
        yield True, f"No mail server is set: mails become files in {service.settings.smtp.removeprefix('outbox:')}."
        return
    try:
        yield True, mailer.greet()
    except MailError as error:
        yield False, str(error)


def _clock(service: Service) -> Iterator[tuple[bool, str]]:
    newest = max((feed.last_polled_at for feed in service.store.feeds() if feed.last_polled_at), default=None)
    now = service.clock()
    wrong = newest is not None and newest > now + timedelta(minutes=2)
    yield (
        not wrong,
        f"It is {now:%Y-%m-%d %H:%M} UTC"
        + (", but a source was read later than that: the clock was set back." if wrong else "."),
    )


def _disk(service: Service) -> Iterator[tuple[bool, str]]:
    free = shutil.disk_usage(service.make_home()).free
    yield (
        free > 500_000_000,
        f"{free / 1e9:.1f} GB are free" + ("." if free > 500_000_000 else ": make room, the database cannot grow."),
    )


def _privacy(service: Service) -> Iterator[tuple[bool, str]]:
    """Files with addresses and secrets in them: whoever else has an account here must not read them."""
    home = service.make_home()
    settings = service.settings
    own = [home, *(home / name for name in ("hypewatch.toml", "rules", "studies", "outbox"))]
    if path := sqlite_path(settings.database):
        own.append(path)
    if settings.smtp.startswith("outbox:"):
        own += Path(settings.smtp.removeprefix("outbox:")).glob("*.eml")
    opened = [path for path in own if path.exists() and path.stat().st_mode & 0o077]
    for path in opened[:5]:
        yield False, f"Others on this machine can read {path}: `chmod go-rwx {path}` closes it."
    if len(opened) > 5:
        yield False, f"And {len(opened) - 5} more mails: `chmod go-rwx {opened[-1].parent}/*.eml`."
    if not opened:
        yield True, "Nobody else on this machine reads the home and the mails."


def _sources(service: Service) -> Iterator[tuple[bool, str]]:
    feeds = [feed for feed in service.store.feeds() if not feed.paused]
    if not feeds:
        yield False, "There are none: `hypewatch feeds add ADDRESS` adds one."
        return
    from monitor.cli.feeds import feed_rows

    rows, told = feed_rows(service)
    health = {row["id"]: row for row in rows}
    failing = [feed for feed in feeds if feed.quarantined or (feed.last_outcome and feed.last_outcome.failed)]
    silent = [feed for feed in feeds if health[feed.id]["silent_days"]]
    yield not failing and not silent, f"{len(feeds) - len(failing) - len(silent)} of {len(feeds)} are well."
    for line in told:
        yield False, line
    for feed in (*failing, *silent):
        if not health[feed.id]["with_host"]:
            yield False, f"{feed.title or feed.url}: {health[feed.id]['health']}"


def _work(service: Service) -> Iterator[tuple[bool, str]]:
    from monitor.core.model import Work
    from monitor.pipeline.rejudge import abandoned

    for work in Work:
        late = service.store.oldest_due(work, service.clock())
        if late is not None and late > LATE:
            yield (
                False,
                f"The oldest {work.value} has waited for {duration(late)}: is `hypewatch run` (or a worker and beat) running?",
            )
            return
    if abandoned(service.deps):
        yield False, NOBODY_JUDGES
        return
    crashed = service.store.backlog(Work.PAGE, service.clock()).crashed
    if crashed:
        said = f"Article pages that each ended the process that read them three times, and are left alone: {crashed}."
        yield False, f"{said} Their mentions keep what the feed said; the log tells when it was."
        return
    yield True, "Nothing waits."


def _rules(service: Service) -> Iterator[tuple[bool, str]]:
    from monitor.cli.desk import saved_files
    from monitor.core.errors import LibraryError
    from monitor.pipeline.tune import warnings

    try:
        for study in service.library.studies():
            ruleset = service.library.ruleset(study.id)
            yield True, f"{study.id}: {len(ruleset.rules)} rules, {ruleset.digest[:19]}."
        for study_id, problems in service.library.broken().items():
            yield False, f"{study_id} judges nothing until its fact sheet is mended: {'; '.join(map(str, problems))}."
        files = saved_files(service)
        for problem in warnings(service.deps.rules_with(files), files):
            yield False, f"{problem}. It is in use as it is: mend it, then `hypewatch rules save`."
    except LibraryError as error:
        yield False, str(error)


def _digests(service: Service) -> Iterator[tuple[bool, str]]:
    failing = service.store.failing_digests(service.clock())
    for one in failing:
        yield False, failing_words(one)
    for sub in service.store.subscriptions():
        if sub.standing(service.clock()) is Standing.SUPPRESSED:
            yield False, suppressed_words(sub)
    if not failing:
        yield True, "Every digest that was due is composed and sent."


def _heartbeat(service: Service) -> Iterator[tuple[bool, str]]:
    from monitor.pipeline.heartbeat import last_ping

    if service.settings.heartbeat_url is None:
        yield True, "None is set: if this machine stops, nobody outside is told. HYPEWATCH_HEARTBEAT_URL names who is."
        return
    last, now = last_ping(service.store), service.clock()
    if last is None:
        yield False, "It is set, and was never sent: is `hypewatch run` (or a worker and beat) running?"
    elif now - last.at > 3 * LATE:
        yield False, f"The last was sent {duration(now - last.at)} ago: either nothing runs, or work waits (see work)."
    else:
        yield last.good, f"The last was sent {duration(now - last.at)} ago. {last.sentence}"


def suppressed_words(one: Subscription) -> str:
    """To whom nothing is sent because mail came back, why, and what can be done."""
    return (
        f"Nothing is sent to {one.subscriber.email}. {closed(one.subscriber.suppressed_why)} `hypewatch subscribers resume {one.id}` "
        f"asks them again, `hypewatch subscribers remove {one.id}` ends it."
    )


def failing_words(one: FailingDigest) -> str:
    """A digest that is not there, and what comes next, as a person reads it."""
    what = "composed" if one.step == "compose" else "sent"
    then = f" It is tried again at {one.next_try:%H:%M} UTC." if one.next_try else ""
    return f"The digest for {one.local_date} to {one.recipient} could not be {what}: {closed(one.sentence)}{then}"


CHECKS: dict[str, Callable[[Service], Iterator[tuple[bool, str]]]] = {
    "database": _database,
    "broker": _broker,
    "mail": _mail,
    "clock": _clock,
    "disk": _disk,
    "privacy": _privacy,
    "sources": _sources,
    "work": _work,
    "digests": _digests,
    "heartbeat": _heartbeat,
    "rules": _rules,
}
