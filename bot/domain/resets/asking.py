"""Asking for a reset: who may, what they must know, and the code that pays for it."""

import re
from datetime import datetime, timedelta
from functools import partial

from bot.domain.model.audit import Source
from bot.domain.model.cases import Case, CaseKind, CaseState
from bot.domain.model.errors import (
    AccountRefused,
    BotRefused,
    CaseOpen,
    InputRefused,
    MentionMissing,
)
from bot.domain.model.ids import AccountId, CaseId, new_id
from bot.domain.model.notices import Notice, NoticeKind
from bot.domain.model.people import Account, SlackIdentity
from bot.domain.model.reset_form import (
    FilledForm,
    Named,
    ResetForm,
    verify_proof,
    verify_reason,
    verify_ticket,
)
from bot.domain.model.views import CaseView
from bot.domain.ports.clock import Clock
from bot.domain.ports.unit_of_work import UnitOfWork, UnitOfWorkFactory
from bot.domain.proving.codes import verify_code
from bot.domain.record.alerts import Alerts
from bot.domain.record.case_views import case_view
from bot.domain.record.journal import Journal
from bot.domain.record.refusals import Recorder
from bot.domain.record.telling import ways_to
from bot.domain.resets import request_outcomes
from bot.domain.resets.expiry import expire
from bot.domain.standing.policy import administers
from bot.domain.standing.standing import Entitlement, StandingService


class AskingService:
    """From the command to a case that awaits its admin's Yes."""

    def __init__(
        self,
        *,
        unit_of_work: UnitOfWorkFactory,
        recorder: Recorder,
        standing: StandingService,
        clock: Clock,
        alerts: Alerts,
        confirm_within: timedelta,
        ticket_pattern: re.Pattern[str] | None = None,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._refusals = partial(recorder.refusals, Source.SLACK, "reset")
        self._standing = standing
        self._clock = clock
        self._alerts = alerts
        self._confirm_within = confirm_within
        self._ticket_pattern = ticket_pattern

    def refuse_input(self, actor: SlackIdentity, refusal: InputRefused | BotRefused) -> None:
        """Record that a command or a shortcut was refused for what was given to it."""
        try:
            with self._refusals(slack=actor):
                raise refusal
        except (InputRefused, BotRefused):
            return

    def named(self, actor: SlackIdentity, username: str) -> str:
        """Return the Slack id of the contact with that user name, if the actor may know of them.

        Those are the actor, and the contacts of the accounts that they administer. Raises
        `MentionMissing` for anybody else, as for a name that is nobody's.
        """
        with self._unit_of_work() as uow:
            admin, contact = uow.contacts.by_slack(actor), uow.contacts.by_username(username)
        known = admin and contact and (contact.id == admin.id or administers(admin, contact))
        if contact is None or contact.slack is None or not known:
            raise MentionMissing
        return contact.slack.user

    def prepare(
        self, actor: SlackIdentity, named: Named, *, response_url: str | None
    ) -> ResetForm | CaseView:
        """Return the form to fill in, or the admin's own case that already waits for their Yes.

        The waiting case's confirm block is sent again, with the same deadline and without a new
        code. Raises a `Refusal` or a `Fault`, recorded.
        """
        with self._refusals(slack=actor, details={"named": str(named)}) as trail:
            subscriber = self._standing.ask_slack(actor, named)
            with self._unit_of_work() as uow:
                now = self._clock.now()
                standing = self._standing.settle(uow, actor, subscriber, trail)
                waiting = _open_case(uow, standing, now=now)
                if waiting is not None:
                    _ask_to_confirm(uow, waiting, response_url=response_url, now=now)
                form = case_view(uow, waiting) if waiting else self._form(uow, standing)
                uow.commit()
            return form

    def request(
        self, actor: SlackIdentity, request: FilledForm, *, response_url: str | None
    ) -> CaseView:
        """Open a case for one (admin, subscriber, account), paid for with a fresh code.

        A wrong code counts although nothing else happens; it is looked at last, so that no other
        refusal spends one. Raises a `Refusal` or a `Fault`, recorded.
        """
        with self._refusals(slack=actor, details={"named": str(request.subscriber)}) as trail:
            proof, reason = verify_proof(request.proof), verify_reason(request.reason)
            ticket = verify_ticket(request.ticket, self._ticket_pattern)
            subscriber = self._standing.ask_slack(actor, request.subscriber)
            with self._unit_of_work() as uow:
                now = self._clock.now()
                standing = self._standing.settle_held(uow, actor, subscriber, trail)
                account = chosen_account(standing.accounts, request.account_id)
                trail.account = account.id
                if _open_case(uow, standing, now=now) is not None:
                    raise CaseOpen(standing.admin.name)
                admin_id = standing.admin.id
                journal = Journal(
                    uow=uow, source=Source.SLACK, actor=admin_id, now=now, slack=actor
                )
                verdict = verify_code(journal, request.code, alerts=self._alerts)
                if verdict.refusal is not None:
                    uow.commit()
                    raise verdict.refusal
                case = Case(
                    id=CaseId(new_id("case")),
                    kind=CaseKind.RESET,
                    state=CaseState.AWAITING_CONFIRMATION,
                    account_id=account.id,
                    admin_id=admin_id,
                    subscriber_id=standing.subscriber.id,
                    proof=proof,
                    reason=reason,
                    ticket=ticket,
                    opened_at=now,
                    confirm_by=now + self._confirm_within,
                )
                _open(journal, case, standing)
                request_outcomes.case_opened(journal, case)
                _ask_to_confirm(uow, case, response_url=response_url, now=now)
                view = case_view(uow, case)
                uow.commit()
            return view

    def _form(self, uow: UnitOfWork, standing: Entitlement) -> ResetForm:
        shared = {account.id for account in standing.accounts}
        cases = uow.cases.of(standing.subscriber.id)
        resets = (case.reset_at for case in cases if case.account_id in shared)
        return ResetForm(
            admin=standing.admin,
            subscriber=standing.subscriber,
            accounts=standing.accounts,
            authenticators=standing.authenticators,
            last_reset_at=max((at for at in resets if at is not None), default=None),
            ticket_required=self._ticket_pattern is not None,
            ways=ways_to(uow, standing.subscriber),
        )


def _open_case(uow: UnitOfWork, standing: Entitlement, *, now: datetime) -> Case | None:
    """Return the admin's own waiting case, if so; one whose deadline has passed is expired here.

    Raises `CaseOpen` for somebody else's, or one that is being executed.
    """
    case = uow.cases.open_of(standing.subscriber.id)
    if case is None or expire(uow, case, now=now) is not None:
        return None
    own = case.admin_id == standing.admin.id
    if own and case.state is CaseState.AWAITING_CONFIRMATION:
        return case
    raise CaseOpen(_asked_by(uow, case))


def _asked_by(uow: UnitOfWork, case: Case | None) -> str:
    admin = uow.contacts.get(case.admin_id) if case and case.admin_id else None
    return admin.name if admin else "the operator"


def chosen_account(accounts: tuple[Account, ...], account_id: AccountId | None) -> Account:
    """Return the account that was chosen, which may be left out where there is only one.

    Raises `AccountRefused`.
    """
    if account_id is None and len(accounts) == 1:
        return accounts[0]
    for account in accounts:
        if account.id == account_id:
            return account
    raise AccountRefused


def _open(journal: Journal, case: Case, standing: Entitlement) -> None:
    if not journal.uow.cases.add(case):  # a rival opened one since we looked
        raise CaseOpen(_asked_by(journal.uow, journal.uow.cases.open_of(case.subscriber_id)))
    journal.happened("code:accepted", case)
    details = {
        "admin": standing.admin.email,
        "subscriber": standing.subscriber.email,
        "proof": case.proof or "",
        "reason": case.reason or "",
    }
    journal.entered(case, details | ({"ticket": case.ticket} if case.ticket else {}))


def _ask_to_confirm(
    uow: UnitOfWork, case: Case, *, response_url: str | None, now: datetime
) -> None:
    notice = Notice(
        kind=NoticeKind.CONFIRM_ASKED,
        contact_id=case.admin_id,
        case_id=case.id,
        response_url=response_url,
    )
    uow.outbox.add(notice, now=now)
