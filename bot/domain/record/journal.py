"""Writing what happened into the audit log, in the transaction in which it happened."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.model.audit import AuditEvent, Source
from bot.domain.model.cases import Case
from bot.domain.model.ids import ContactId
from bot.domain.model.people import SlackIdentity
from bot.domain.model.requests import OwnRequest
from bot.domain.ports.unit_of_work import UnitOfWork

SWEEP = "sweep"
"""The actor of what falls due by itself."""

OPERATOR = "operator"
"""The actor of what was done at the console; who that was stands in the details."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """Records one act: through which door it came, whose it is, and when.

    `details` go into each of its records. `response_url` leads to where the act was asked for.
    """

    uow: UnitOfWork
    source: Source
    actor: str
    now: datetime
    slack: SlackIdentity | None = None
    details: Mapping[str, str] = field(default_factory=dict)
    response_url: str | None = field(default=None, repr=False)

    def happened(self, what: str, case: Case, details: Mapping[str, str] | None = None) -> None:
        """Record `what`, a tag's `subject:action`, about a case."""
        event = AuditEvent(
            tag=f"{self.source}:{what}",
            at=self.now,
            actor=self.actor,
            subscriber=case.subscriber_id,
            account=case.account_id,
            case=case.id,
            slack=self.slack,
            details={**self.details, **(details or {})},
        )
        self.uow.audit.record(event)

    def happened_to(self, what: str, contact_id: ContactId, details: Mapping[str, str]) -> None:
        """Record `what`, a tag's `subject:action`, about a contact and no case of theirs."""
        event = AuditEvent(
            tag=f"{self.source}:{what}",
            at=self.now,
            actor=self.actor,
            subscriber=contact_id,
            slack=self.slack,
            details={**self.details, **details},
        )
        self.uow.audit.record(event)

    def happened_to_request(
        self, what: str, request: OwnRequest, details: Mapping[str, str] | None = None
    ) -> None:
        """Record `what`, a tag's `subject:action`, about a person's own request."""
        event = AuditEvent(
            tag=f"{self.source}:{what}",
            at=self.now,
            actor=self.actor,
            subscriber=request.subscriber_id,
            account=request.account_id,
            case=request.case_id,
            slack=self.slack,
            details={**self.details, **(details or {})},
        )
        self.uow.audit.record(event)

    def entered(self, case: Case, details: Mapping[str, str] | None = None) -> None:
        """Record the state that the case has just entered: exactly one record for each."""
        self.happened(f"case:{case.state}", case, details)


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Whose act it is, where it takes several units of work; each of them has a journal."""

    source: Source
    actor: str
    slack: SlackIdentity | None = None
    details: Mapping[str, str] = field(default_factory=dict)
    response_url: str | None = field(default=None, repr=False)

    def journal(self, uow: UnitOfWork, *, now: datetime) -> Journal:
        """Return its journal in one unit of work."""
        return Journal(
            uow=uow,
            source=self.source,
            actor=self.actor,
            now=now,
            slack=self.slack,
            details=self.details,
            response_url=self.response_url,
        )
