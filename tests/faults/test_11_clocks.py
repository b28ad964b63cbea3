"""Clocks that change (reliability, fault 11): each local date has one digest, and each mention is in exactly one.

Zones that change their clocks at the same instants by the same amounts are one function of time, so one of each such set stands for
all of them: the names that are left out are told by the first test.
"""

from __future__ import annotations

import itertools
import json
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import pytest

from monitor.core.digests.schedule import due_at, last_due, next_due
from monitor.core.digests.subscribers import Wishes
from monitor.core.judgement import Severity
from monitor.core.model import Work
from monitor.core.search.nodes import Query
from monitor.core.wording import ENGLISH
from monitor.pipeline.deliver import deliver_due
from monitor.pipeline.imports import import_rows
from monitor.ports import Printed, Rendered
from monitor.service import Service
from monitor.settings import load
from monitor.sources.files.rows import read_rows

BEGIN, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
HOURS = (time(0), time(2, 30), time(7), time(23, 45))
EVERY = tuple(range(7))
#: Before and after a change of clocks, as long as it is watched.
ROUND = timedelta(hours=36)


@cache
def clocks(zone):
    """Its distance from UTC at first, and each change in the two years: (instant, distance from then on)."""
    tz, found, at = ZoneInfo(zone), [], BEGIN
    offset = first = at.astimezone(tz).utcoffset()
    while at < END:
        after = at + timedelta(hours=12)
        if (then := after.astimezone(tz).utcoffset()) != offset:
            low, high = at, after
            while high - low > timedelta(seconds=1):
                middle = (low + (high - low) / 2).replace(microsecond=0)
                low, high = (middle, high) if middle.astimezone(tz).utcoffset() == offset else (low, middle)
                if high - low <= timedelta(seconds=1):
                    break
            found.append((high, then))
            offset = then
        at = after
    return first, tuple(found)


@cache
def kinds():
    """Each way that clocks go in the two years, with the zones that go so."""
    ways = defaultdict(list)
    for zone in sorted(available_timezones()):
        ways[clocks(zone)].append(zone)
    return ways


def test_every_zone_is_of_one_kind():
    zones = kinds()
    assert sum(map(len, zones.values())) == len(available_timezones()) > 500
    assert 30 < len(zones) < 300
    assert {"Europe/Paris", "Europe/Berlin"} <= {*zones[clocks("Europe/Paris")]}
    assert clocks("Australia/Lord_Howe")[1][0][1] - clocks("Australia/Lord_Howe")[0] == timedelta(minutes=-30)


@pytest.mark.parametrize("at", HOURS, ids=str)
def test_two_years_in_every_zone_have_one_digest_for_each_local_date(at):
    wrong = {}
    for zone, *_ in kinds().values():
        now, days = BEGIN, []
        while now < END:
            due = next_due(at, zone, EVERY, now)
            assert due.at > now
            days.append(date.fromisoformat(due.date))
            now = due.at
            if len(days) % 30 == 0:  # the way back finds the same
                assert last_due(at, zone, EVERY, now) == due == due_at(at, zone, EVERY, now)
        gaps = [(a, b) for a, b in itertools.pairwise(days) if b - a != timedelta(days=1)]
        if gaps or len(days) < 729:
            wrong[zone] = gaps
    assert wrong == {}


# --- through the database ---------------------------------------------------------------------------------------------


class Plain:
    """A printer without a template: what is tested here is which digests there are, and what they tell."""

    def wording(self, language):
        return ENGLISH

    def rendered(self, digest, wishes):
        return Rendered(text="t", html="h")

    def digest(self, digest, rendered, subscription, *, now):
        key = f"<{subscription.id}.{digest.local_date}@example.org>"
        return Printed(subject="s", message_id=key, mime=b"m", text="t", html="h")


class Taking:
    def send(self, *, mime, sender, recipient):
        return "taken"


def changes_of_clocks():
    """Each way that clocks change once: (instant, distance before, distance after), with a zone. Of a zone that changes as
    often as others, and elsewhere at another instant, each change is its own.
    """
    found = {}
    for (first, changes), (zone, *_) in kinds().items():
        before = first
        for instant, after in changes:
            if instant < datetime(2027, 1, 1, tzinfo=UTC):  # the second year repeats the first
                found.setdefault((instant, before, after), zone)
            before = after
    return found


@pytest.fixture
def service(sqlite_url, tmp_path, clock):
    clock.now = BEGIN
    told = {"HYPEWATCH_HOME": str(tmp_path), "HYPEWATCH_DATABASE_URL": sqlite_url, "HYPEWATCH_SECRET_KEY": "k"}
    opened = Service(load(told), clock=clock)
    yield opened
    opened.store.close()


def mention_comes(deps, number):
    line = {
        "url": f"https://paper{number}.example/one",
        "title": f"News {number} from Keio",
        "text": f"Number {number}: Keio University put iPS cells into the spinal cords of four patients.",
        "published": deps.clock().isoformat(),
        "source": f"paper{number}.example",
    }
    import_rows(deps, read_rows([json.dumps(line)], "jsonl", "x"), name="x")


def subscribe(deps, zone, at):
    now = deps.clock()
    person = deps.store.add_subscriber(
        f"{zone.replace('/', '.').lower()}.{at:%H%M}.{now:%y%m%d}@example.org", "", now=now, state="active"
    )
    return deps.store.subscribe(
        person.id,
        "keio-ips-sci",
        Wishes(at=at, zone=zone, weekdays=EVERY, threshold=Severity.LOW, quiet=True),
        now=now,
        due=next_due(at, zone, EVERY, now),
    )


def test_round_each_change_of_clocks_each_date_has_one_digest_and_each_mention_one(service, clock):
    deps = replace(service.deps, printer=Plain(), mailer=Taking())
    together = defaultdict(list)  # zones whose clocks change within a few hours are watched together
    for (instant, _, _), zone in changes_of_clocks().items():
        together[instant.date()].append((instant, zone))
    numbers = itertools.count(1)
    people = 0
    for day, changing in sorted(together.items()):
        clock.now = min(instant for instant, _ in changing) - ROUND
        begun, end = clock.now, max(instant for instant, _ in changing) + ROUND
        subscriptions = [subscribe(deps, zone, at) for _, zone in changing for at in HOURS]
        people += len(subscriptions)
        come = []
        while clock.now < end:
            if (clock.now - begun) % timedelta(hours=12) < timedelta(minutes=50):
                mention_comes(deps, next(numbers))
                come.append(deps.store.search(Query(), limit=1)[0].id)
            for number in deps.store.due(Work.COMPOSE, clock.now):
                deliver_due(deps, number)
            clock.forward(minutes=50)  # never on the minute: each digest is late
        clock.forward(days=1)
        mention_last = set(come)
        for number in deps.store.due(Work.COMPOSE, clock.now):
            deliver_due(deps, number)
        check(deps, subscriptions, mention_last, day)
        for one in subscriptions:
            deps.store.set_subscription(one.id, paused_until=END + timedelta(days=9))
    assert people >= 4 * 30


def check(deps, subscriptions, come, day):
    ours = {one.id: one for one in subscriptions}
    digests = defaultdict(list)
    for digest in deps.store.digests(len(ours) * 9):
        if digest.subscription_id in ours:
            digests[digest.subscription_id].append(digest)
    for number, one in ours.items():
        made = sorted(digests[number], key=lambda digest: digest.local_date)
        dates = [
            date.fromisoformat(digest.local_date) + timedelta(days=ahead)
            for digest in made
            for ahead in range(
                (date.fromisoformat(digest.through_date) - date.fromisoformat(digest.local_date)).days + 1
            )
        ]
        wanted = [dates[0] + timedelta(days=ahead) for ahead in range(len(dates))]
        assert dates == wanted, (day, one.zone, one.at)
        assert len(dates) >= 3, (day, one.zone, one.at)
        assert {digest.state.value for digest in made} == {"sent"}
        told = [mention.id for digest in made for mention in deps.store.digest_mentions(digest.id)]
        assert len(told) == len(set(told)), (day, one.zone, one.at)
        assert come <= set(told), (day, one.zone, one.at)
