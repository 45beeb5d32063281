"""Every refusal, and every fault, leaves one audit record before it is raised (design rule 12)."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from bot.domain.model.audit import AuditEvent, Source
from bot.domain.model.errors import Fault, Refusal
from bot.domain.model.ids import AccountId, CaseId, ContactId
from bot.domain.model.people import SlackIdentity
from bot.domain.ports.clock import Clock
from bot.domain.ports.unit_of_work import UnitOfWorkFactory

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


@contextmanager
def refusals_recorded(
    unit_of_work: UnitOfWorkFactory,
    clock: Clock,
    *,
    source: Source,
    subject: str,
    slack: SlackIdentity | None = None,
    actor: str = NOBODY,
    subscriber: ContactId | None = None,
    details: Mapping[str, str] | None = None,
) -> Iterator[Trail]:
    """Record a `Refusal` or `Fault` of the block as `source:subject:<its tag>`, then raise it.

    The block's own unit of work must have ended by then: it was rolled back, or it committed what
    has to stay, such as the count of wrong codes.
    """
    trail = Trail(
        actor=actor,
        subscriber=subscriber,
        slack=slack,
        details=details or {},
    )
    try:
        yield trail
    except (Refusal, Fault) as no:
        event = AuditEvent(
            tag=f"{source}:{subject}:{no.tag}",
            at=clock.now(),
            actor=trail.actor,
            subscriber=trail.subscriber,
            account=trail.account,
            case=trail.case,
            slack=trail.slack,
            details=trail.details,
        )
        with unit_of_work() as uow:
            uow.audit.record(event)
            uow.commit()
        raise
