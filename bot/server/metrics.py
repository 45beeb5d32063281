"""What `/metrics` tells: counts of what is waiting, read when asked, and of requests refused."""

from collections.abc import Iterable
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.domain.model.notices import Backlog
from bot.domain.ports.clock import Clock
from bot.domain.ports.unit_of_work import UnitOfWorkFactory


class Metrics:
    """One program's counters; no label ever holds a person or an account."""

    def __init__(self, unit_of_work: UnitOfWorkFactory, *, clock: Clock) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Waiting(unit_of_work, clock))
        self.slack_requests_refused = Counter(
            "rekey_slack_requests_refused",
            "Requests to the Slack endpoint without a valid signature, or malformed.",
            registry=self._registry,
        )

    def text(self) -> bytes:
        """Return everything in Prometheus's text format."""
        return generate_latest(self._registry)


class _Waiting(Collector):
    def __init__(self, unit_of_work: UnitOfWorkFactory, clock: Clock) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock

    def collect(self) -> Iterable[Metric]:
        """Read the gauges from the database."""
        with self._unit_of_work() as uow:
            cases = uow.cases.waiting()
            undelivered = uow.outbox.count_undelivered()
            backlog = uow.outbox.backlog()
            _, records = uow.audit.head()
        waiting = GaugeMetricFamily(
            "rekey_cases_waiting", "Cases that still wait for something.", labels=["state"]
        )
        states = [str(case.state) for case in cases]
        for state in sorted(set(states)):
            waiting.add_metric([state], states.count(state))
        yield waiting
        yield GaugeMetricFamily(
            "rekey_messages_undelivered",
            "Messages given up, or waiting after a failed attempt.",
            value=undelivered,
        )
        yield GaugeMetricFamily(
            "rekey_outbox_pending", "Messages that wait to leave.", value=backlog.pending
        )
        yield GaugeMetricFamily(
            "rekey_outbox_oldest_seconds",
            "For how long the oldest of them has waited.",
            value=_age(backlog, self._clock.now()),
        )
        yield GaugeMetricFamily("rekey_audit_records", "Records in the audit chain.", value=records)


def _age(backlog: Backlog, now: datetime) -> float:
    return (now - backlog.oldest_at).total_seconds() if backlog.oldest_at else 0.0
