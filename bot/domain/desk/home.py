"""App Home: everybody's own 2FA, and for administrators an account to look after."""

from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial

from bot.domain.desk.case_lists import waiting_for
from bot.domain.desk.case_story import LOOKED_AT, OUTSIDER
from bot.domain.desk.home_view import CONTACTS_A_PAGE, Desk, HomeState, HomeView, Row
from bot.domain.model.audit import AuditRecord, Source
from bot.domain.model.errors import (
    AccountRefused,
    AdminSuspended,
    NoAuthenticator,
    NotAContact,
    NotAnAdministrator,
    ResetRefused,
)
from bot.domain.model.ids import CaseId, ContactId
from bot.domain.model.people import Account, Contact, Role, SlackIdentity, SuspensionCause
from bot.domain.model.views import ContactEntry, OwnStatus
from bot.domain.ports.clock import Clock
from bot.domain.ports.directory import DirectoryFactory
from bot.domain.ports.unit_of_work import UnitOfWork, UnitOfWorkFactory
from bot.domain.record.case_views import request_view
from bot.domain.record.refusals import Recorder
from bot.domain.standing.lockout_risk import weakly_covered
from bot.domain.standing.policy import authorize_overview, authorize_reset, verify_anything_to_reset
from bot.domain.standing.standing import StandingService

MOST_ACTS = 10


class HomeService:
    """Reads what one person's Home shows, in one snapshot; changes nothing.

    That somebody looked is not recorded: Slack asks by itself each time that the tab is opened.
    """

    def __init__(
        self,
        *,
        unit_of_work: UnitOfWorkFactory,
        recorder: Recorder,
        snapshot: UnitOfWorkFactory,
        standing: StandingService,
        directory: DirectoryFactory,
        clock: Clock,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._refusals = partial(recorder.refusals, Source.SLACK, "home")
        self._snapshot = snapshot
        self._standing = standing
        self._directory = directory
        self._clock = clock

    def view(self, actor: SlackIdentity, state: HomeState) -> HomeView:
        """Return what the actor sees, who is asked of Slack anew.

        An account that they do not administer is refused and recorded, and their first one shown.
        Raises a `PersonRefused`, or `WorkspaceUnavailableError`.
        """
        self._standing.verify_actor(actor)
        with self._snapshot() as uow:
            contact = uow.contacts.by_slack(actor)
            if contact is None:
                raise NotAContact
            own, now = self._own(uow, contact), self._clock.now()
            try:
                accounts = _administered(own)
            except (NotAnAdministrator, AdminSuspended):  # their own status says the latter
                return HomeView(as_of=now, own=own, state=HomeState())
            except NoAuthenticator as refusal:
                return HomeView(as_of=now, own=own, state=HomeState(), no_desk=refusal)
            known = {account.id: account for account in accounts}
            shown = known.get(state.account_id or accounts[0].id)
            settled = state if shown else HomeState()
            view = _with_desk(uow, own, shown or accounts[0], accounts, settled, now=now)
        if shown is None:
            with suppress(AccountRefused):  # recorded, and another one is shown
                self._refuse_account(actor, contact)
        return view

    def touched_by(self, case_ids: Collection[CaseId]) -> frozenset[str]:
        """Return the ids of the accounts and subscribers of those cases: whose Home has aged."""
        with self._snapshot() as uow:
            cases = [case for case_id in case_ids if (case := uow.cases.get(case_id))]
        return frozenset(each for c in cases for each in (c.account_id, c.subscriber_id))

    def _own(self, uow: UnitOfWork, contact: Contact) -> OwnStatus:
        directory, live = self._directory(uow), uow.requests.live_of(contact.id)
        return OwnStatus(
            contact=contact,
            authenticators=directory.authenticators_of(contact.id),
            set_up_required=directory.set_up_required(contact.id),
            suspension=uow.suspensions.current(contact.id),
            request=request_view(uow, live) if live else None,
        )

    def _refuse_account(self, actor: SlackIdentity, contact: Contact) -> None:
        with self._refusals(slack=actor, actor=contact.id):
            raise AccountRefused


def _administered(own: OwnStatus) -> tuple[Account, ...]:
    """Return the accounts to look after, never none; raises a `ResetRefused`."""
    accounts = authorize_overview(own.contact)
    if not own.authenticators:
        raise NoAuthenticator
    return accounts


def _with_desk(
    uow: UnitOfWork,
    own: OwnStatus,
    account: Account,
    accounts: tuple[Account, ...],
    state: HomeState,
    *,
    now: datetime,
) -> HomeView:
    admin, words = own.contact, state.words.strip()
    number = max(state.page, 0)
    found = uow.overview.page(
        account.id, words, offset=number * CONTACTS_A_PAGE, limit=CONTACTS_A_PAGE
    )
    if number and not found.entries:  # fewer are left than there were: the last page
        number = max(found.total - 1, 0) // CONTACTS_A_PAGE
        found = uow.overview.page(
            account.id, words, offset=number * CONTACTS_A_PAGE, limit=CONTACTS_A_PAGE
        )
    acts = uow.overview.last_acts(account.id, limit=MOST_ACTS, without=[LOOKED_AT])
    desk = Desk(
        account=account,
        accounts=accounts,
        rows=tuple(Row(entry=e, can_reset=_can_reset(admin, e)) for e in found.entries),
        total=found.total,
        cases=waiting_for(uow, admin, [account], now=now),
        acts=acts,
        names=_names(uow, account, acts),
        exposed=_exposed(uow, account),
    )
    shown = replace(state, account_id=account.id, words=words, page=number)
    return HomeView(as_of=now, own=own, state=shown, desk=desk)


def _can_reset(admin: Contact, entry: ContactEntry) -> bool:
    """Whether a reset is worth asking for: the rules are asked again when it is."""
    suspension = entry.suspension
    if suspension is not None and suspension.cause is SuspensionCause.OPERATOR:
        return False
    contact, enrolled = entry.contact, entry.authenticators > 0
    try:
        verify_anything_to_reset(
            contact, enrolled=enrolled, set_up_required=contact.set_up_required
        )
        authorize_reset(admin, contact)
    except ResetRefused:
        return False
    return True


def _names(uow: UnitOfWork, account: Account, acts: Iterable[AuditRecord]) -> dict[str, str]:
    """Name whoever belongs to the account; its administrators need not know anybody else."""
    names: dict[str, str] = {account.id: account.name}
    for key in {key for act in acts for key in (act.actor, act.subscriber) if key}:
        contact = uow.contacts.get(ContactId(key))
        if contact is not None:
            names[key] = contact.name if contact.role_in(account.id) else OUTSIDER
    return names


def _exposed(uow: UnitOfWork, account: Account) -> tuple[tuple[Contact, int], ...]:
    admins = uow.contacts.with_role([account.id], at_least=Role.ADMINISTRATOR)
    nearby = {membership.account.id for admin in admins for membership in admin.memberships}
    own = {admin.id for admin in admins}
    return tuple((each, n) for each, n in weakly_covered(uow, nearby) if each.id in own)
