"""What `/metrics` tells: counts of what is waiting, read when asked, and of requests refused."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.domain.ports import UnitOfWorkFactory


class Metrics:
    """One program's counters; no label ever holds a person or an account."""

    def __init__(self, unit_of_work: UnitOfWorkFactory) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Waiting(unit_of_work))
        self.slack_requests_refused = Counter(
            "rekey_slack_requests_refused",
            "Requests to the Slack endpoint without a valid signature, or malformed.",
            registry=self._registry,
        )

    def text(self) -> bytes:
        """Return everything in Prometheus's text format."""
        return generate_latest(self._registry)


class _Waiting(Collector):
    def __init__(self, unit_of_work: UnitOfWorkFactory) -> None:
        self._unit_of_work = unit_of_work

    def collect(self) -> Iterable[Metric]:
        """Read the gauges from the database."""
        with self._unit_of_work() as uow:
            cases = uow.cases.waiting()
            undelivered = uow.outbox.undelivered()
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
            value=len(undelivered),
        )
        yield GaugeMetricFamily("rekey_audit_records", "Records in the audit chain.", value=records)
