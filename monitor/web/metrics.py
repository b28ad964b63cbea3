"""What a program that watches many installations reads, in the text format of Prometheus. Each number is read from the database when it
is asked for, so that any process can tell it and none must be asked for its own.

Nobody is named, and nothing that was said is told; still it takes a key with the scope `read` where the pages take a sign-in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request, Response
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from monitor import __version__
from monitor.core.model import Network, Work
from monitor.web.request import service_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from monitor.service import Service

router = APIRouter()


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """Work, sources, digests and what was paid for, as gauges."""
    registry = CollectorRegistry()
    registry.register(_Figures(service_of(request)))
    return Response(generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})


class _Figures(Collector):
    """Reads when it is asked. Raises StorageError."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Nothing is told in advance, or registering would read everything once more."""
        return ()

    def collect(self) -> Iterable[GaugeMetricFamily]:
        service = self._service
        store, now = service.store, service.clock()
        health = service.health.look(service.deps)
        yield _gauge("healthy", "1 while work is being done, as /healthz tells", {"": float(health.good)})
        yield _gauge("info", "The version that answers", {__version__: 1.0}, "version")
        backlog = {work.value: store.backlog(work, now) for work in Work}
        late = {work.value: store.oldest_due(work, now) for work in Work}
        yield _gauge(
            "work_due", "Pieces of work whose time has come", {at: one.due for at, one in backlog.items()}, "work"
        )
        yield _gauge(
            "work_left_alone",
            "Pieces of work that are left alone after failures until somebody resumes them",
            {at: one.left_alone for at, one in backlog.items()},
            "work",
        )
        yield _gauge(
            "work_oldest_due_seconds",
            "How late the oldest due piece of work is; 0 if none is due",
            {at: one.total_seconds() if one else 0 for at, one in late.items()},
            "work",
        )
        feeds = store.feed_counts()
        states = {"well": feeds.well, "failing": feeds.failing, "new": feeds.new, "paused": feeds.paused}
        yield _gauge("sources", "Sources by how they stand", states, "state")
        if feeds.last_success_at is not None:
            since = (now - feeds.last_success_at).total_seconds()
            yield _gauge("sources_last_success_seconds", "Since a source was last read well", {"": since})
        failing = store.failing_digests(now)
        steps = {step.value: sum(one.step is step for one in failing) for step in (Work.COMPOSE, Work.SEND)}
        yield _gauge(
            "digests_failing", "Digests that should be there and are not, by the step that fails", steps, "step"
        )
        paid = {
            network.value: store.spent(network.value, now)[1]
            for network in Network
            if network.value in service.deps.budgets
        }
        yield _gauge(
            "rows_paid_this_month", "Posts that were paid for since the first of the month, UTC", paid, "network"
        )


def _gauge(name: str, tells: str, values: Mapping[str, float], label: str | None = None) -> GaugeMetricFamily:
    """One gauge, `hypewatch_` before its name; with a label, a value for each of its values."""
    family = GaugeMetricFamily(f"hypewatch_{name}", tells, labels=[label] if label else [])
    for key, value in values.items():
        family.add_metric([key] if label else [], value)
    return family
