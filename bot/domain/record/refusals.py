"""Every refusal, and every fault, leaves one audit record before it is raised (design rule 12)."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field

from bot.domain.model.audit import AuditEvent, Source
from bot.domain.model.errors import Fault, Refusal
from bot.domain.model.ids import AccountId, CaseId, ContactId
from bot.domain.model.people import Operator, SlackIdentity
from bot.domain.ports.clock import Clock
from bot.domain.ports.unit_of_work import UnitOfWorkFactory
from bot.domain.record.journal import OPERATOR

NOBODY = "nobody"
"""The actor where no contact was proven."""


@dataclass(slots=True, kw_only=True)
class Trail:
    """What is known so far of an act that may yet be refused; filled in as it becomes known."""

    actor: str = NOBODY
    subscriber: ContactId | None = None
    account: AccountId | None = None
    case: CaseId | None = None
    slack: SlackIdentity | None = None
    details: Mapping[str, str] = field(default_factory=dict)


class Recorder:
    """Writes refusals and faults into the audit log, each in a unit of work of its own."""

    def __init__(self, *, unit_of_work: UnitOfWorkFactory, clock: Clock) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock

    @contextmanager
    def refusals(
        self,
        source: Source,
        subject: str,
        *,
        slack: SlackIdentity | None = None,
        actor: str = NOBODY,
        subscriber: ContactId | None = None,
        details: Mapping[str, str] | None = None,
    ) -> Iterator[Trail]:
        """Record a `Refusal` or `Fault` of the block as `source:subject:<its tag>`, then raise it.

        The block's own unit of work must have ended by then: it was rolled back, or it committed
        what has to stay, such as the count of wrong codes.
        """
        trail = Trail(actor=actor, subscriber=subscriber, slack=slack, details=details or {})
        try:
            yield trail
        except (Refusal, Fault) as no:
            event = AuditEvent(
                tag=f"{source}:{subject}:{no.tag}",
                at=self._clock.now(),
                actor=trail.actor,
                subscriber=trail.subscriber,
                account=trail.account,
                case=trail.case,
                slack=trail.slack,
                details=trail.details,
            )
            with self._unit_of_work() as uow:
                uow.audit.record(event)
                uow.commit()
            raise

    def operators_refusals(self, subject: str, operator: Operator) -> AbstractContextManager[Trail]:
        """Do what `refusals` does, of an act at the console."""
        return self.refusals(Source.OPERATOR, subject, actor=OPERATOR, details=operator.details())
