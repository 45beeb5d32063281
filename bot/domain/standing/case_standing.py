"""Whether what a case rests on still holds: settled at Yes, and anew before the first effect."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from bot.domain.model.cases import Case
from bot.domain.model.errors import (
    AccountRefused,
    HoldsNoRole,
    NotYourCase,
    OperatorSuspended,
    PersonRefused,
    Refusal,
    ReportedMeanwhile,
    ResetRefused,
    SubscriberNotAContact,
)
from bot.domain.model.people import Contact, SlackIdentity, SuspensionCause
from bot.domain.ports.unit_of_work import UnitOfWork
from bot.domain.record.case_views import look_up_both
from bot.domain.record.refusals import Trail
from bot.domain.standing.standing import Found, StandingService
from bot.domain.standing.suspensions import reported_since, suspensions_that_hold

Settle = Callable[[UnitOfWork, Case], Refusal | None]
"""Returns why the reset would be refused by now, if so, in the unit of work that acts upon it."""


def ask_slack(
    standing: StandingService, actor: SlackIdentity, subscriber: Contact | None, trail: Trail
) -> Settle:
    """Ask Slack about the two people of a case; return what settles the rest with the directory.

    What Slack said then counts as often as that is called. Raises `WorkspaceUnavailableError`.
    Never inside a unit of work.
    """
    if subscriber is None:
        return partial(_refused, SubscriberNotAContact())
    try:
        found = standing.ask_slack_about(actor, subscriber)
    except PersonRefused as refusal:
        return partial(_refused, refusal)
    return _Asked(standing=standing, actor=actor, found=found, trail=trail).settle


def _refused(cause: Refusal, _uow: UnitOfWork, _case: Case) -> Refusal:
    return cause


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What Slack said of the two people of a case."""

    standing: StandingService
    actor: SlackIdentity
    found: Found
    trail: Trail

    def settle(self, uow: UnitOfWork, case: Case) -> Refusal | None:
        look_up_both(uow, case)
        try:
            standing = self.standing.settle(uow, self.actor, self.found, self.trail)
        except (PersonRefused, ResetRefused) as refusal:
            return refusal
        if standing.admin.id != case.admin_id:  # the admin's Slack identity is another's by now
            return NotYourCase()
        if reported_since(uow, case):
            return ReportedMeanwhile()
        same_account = case.account_id in {account.id for account in standing.accounts}
        return None if same_account else AccountRefused()


def settle_operators_case(uow: UnitOfWork, case: Case) -> Refusal | None:
    """Settle a case that rests on the operator's word, which was given when it was opened."""
    contact = uow.contacts.get(case.subscriber_id)
    if contact is None or not contact.memberships:
        return HoldsNoRole()
    if suspended_by_operator(uow, contact):
        return OperatorSuspended()
    return ReportedMeanwhile() if reported_since(uow, case) else None


def suspended_by_operator(uow: UnitOfWork, contact: Contact) -> bool:
    """Whether the operator suspended the contact, which stands in the way of every reset."""
    holding = suspensions_that_hold(uow, contact.id)
    return any(each.cause is SuspensionCause.OPERATOR for each in holding)
