"""Break-glass: the operator resets somebody whom nobody in Slack may reset."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from bot.domain.model.audit import Source
from bot.domain.model.cases import Case, CaseKind, CaseState, Lease, case_without_admin
from bot.domain.model.errors import (
    CaseOpen,
    HoldsNoRole,
    OperatorSuspended,
    ResetRefused,
    SomebodyEntitled,
)
from bot.domain.model.limits import LOCK_AFTER
from bot.domain.model.people import Contact, Operator, Role, Suspension
from bot.domain.model.reset_form import verify_reason
from bot.domain.model.views import CaseView
from bot.domain.operator.acts import held_contact, named_contact
from bot.domain.ports.clock import Clock
from bot.domain.ports.directory import DirectoryFactory
from bot.domain.ports.unit_of_work import UnitOfWork, UnitOfWorkFactory
from bot.domain.record.case_views import case_view
from bot.domain.record.journal import OPERATOR, Author
from bot.domain.record.refusals import Recorder, Trail
from bot.domain.resets.carrying_out import ExecutingService, new_lease
from bot.domain.resets.expiry import expire
from bot.domain.standing.case_standing import settle_operators_case, suspended_by_operator
from bot.domain.standing.involvement import involved_in_report
from bot.domain.standing.policy import authorize_lifting, verify_anything_to_reset, who_can_reset
from bot.domain.standing.suspensions import suspensions_that_hold


@dataclass(frozen=True, slots=True, kw_only=True)
class Emergency:
    """Whose 2FA the operator would reset, and how many in Slack could do it in their place."""

    contact: Contact
    entitled: int


class OperatorResetService:
    """A reset on the operator's word alone, where there is nobody else to give theirs."""

    def __init__(
        self,
        *,
        unit_of_work: UnitOfWorkFactory,
        recorder: Recorder,
        directory: DirectoryFactory,
        executing: ExecutingService,
        clock: Clock,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._refusals = partial(recorder.operators_refusals, "reset")
        self._directory = directory
        self._executing = executing
        self._clock = clock

    def authorize(self, email: str, *, reason: str, force: bool, operator: Operator) -> Emergency:
        """Return what would be done, for the question whether that is meant.

        Raises, recorded, whatever `reset` would raise now.
        """
        with self._refusals(operator) as trail, self._unit_of_work() as uow:
            verify_reason(reason)
            return self._settle(uow, named_contact(uow, email, trail), force=force)

    def reset(self, email: str, *, reason: str, force: bool, operator: Operator) -> CaseView:
        """Reset the contact's 2FA in a case of its own, which waits for their set-up as any does.

        Slack is not asked. Raises, recorded, `ContactNotFound`, `HoldsNoRole`, `CaseOpen`,
        `OperatorSuspended`, `NothingToReset`, an `InputRefused` for the reason,
        `DirectoryUnavailableError`, or, unless forced, `SomebodyEntitled`; nothing was changed
        then. Once its case is stored the reset happens, whatever dies: where the directory did not
        answer, the case is still `EXECUTING`, for the next sweep of a program that serves. Raises
        `StandingLost` where it came to its end without a reset.
        """
        author = Author(source=Source.OPERATOR, actor=OPERATOR, details=operator.details())
        with self._refusals(operator) as trail:
            case, lease = self._open(email, verify_reason(reason), trail, author, force=force)
            case = self._executing.carry_out(
                case.id, lease.holder, author, settle=settle_operators_case
            )
            with self._unit_of_work() as uow:
                return case_view(uow, case)

    def _open(
        self, email: str, reason: str, trail: Trail, author: Author, *, force: bool
    ) -> tuple[Case, Lease]:
        """Store the case, and the lease of who carries it out."""
        with self._unit_of_work() as uow:
            contact, now = held_contact(uow, email, trail), self._clock.now()
            emergency = self._settle(uow, contact, force=force)
            case = case_without_admin(
                contact,
                kind=CaseKind.OPERATOR,
                state=CaseState.EXECUTING,
                now=now,
                reason=reason,
            )
            lease = new_lease(now)
            if not uow.cases.add(case, lease=lease):  # a rival opened one since we looked
                raise CaseOpen("somebody else")
            about = {"reason": reason, "entitled": str(emergency.entitled)}
            details = {"subscriber": contact.email, **about}
            author.journal(uow, now=now).entered(case, details)
            uow.commit()
        return case, lease

    def _settle(self, uow: UnitOfWork, contact: Contact, *, force: bool) -> Emergency:
        if not contact.memberships:
            raise HoldsNoRole
        self._refuse_open_case(uow, contact)
        if suspended_by_operator(uow, contact):  # to reinstate them is an act of its own
            raise OperatorSuspended
        directory = self._directory(uow)
        verify_anything_to_reset(
            contact,
            enrolled=bool(directory.authenticators_of(contact.id)),
            set_up_required=directory.set_up_required(contact.id),
        )
        entitled = self._entitled(uow, contact)
        if entitled and not force:
            raise SomebodyEntitled(entitled)
        return Emergency(contact=contact, entitled=entitled)

    def _refuse_open_case(self, uow: UnitOfWork, contact: Contact) -> None:
        case = uow.cases.open_of(contact.id)
        if case is None or expire(uow, case, now=self._clock.now()) is not None:
            return
        admin = uow.contacts.get(case.admin_id) if case.admin_id else None
        raise CaseOpen(admin.name if admin else "the operator")

    def _entitled(self, uow: UnitOfWork, contact: Contact) -> int:
        """Count who could reset the contact in Slack: bound, with 2FA that works, and impartial."""
        accounts = [membership.account.id for membership in contact.memberships]
        admins = uow.contacts.with_role(accounts, at_least=Role.ADMINISTRATOR)
        holding = suspensions_that_hold(uow, contact.id)
        return sum(
            admin.slack is not None and self._has_2fa(uow, admin) and _may_lift(uow, admin, holding)
            for admin in who_can_reset(contact, admins)
        )

    def _has_2fa(self, uow: UnitOfWork, admin: Contact) -> bool:
        authenticators = self._directory(uow).authenticators_of(admin.id)
        return any(each.failed_in_a_row < LOCK_AFTER for each in authenticators)


def _may_lift(uow: UnitOfWork, admin: Contact, holding: Sequence[Suspension]) -> bool:
    try:
        for suspension in holding:
            authorize_lifting(admin.id, suspension, involved_in_report(uow, suspension))
    except ResetRefused:
        return False
    return True
