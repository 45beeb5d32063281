"""Importing accounts, contacts and roles into the directory: all or nothing, audited."""

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from functools import partial

from bot.domain.model.audit import AuditEvent, Source
from bot.domain.model.ids import AccountId, ContactId
from bot.domain.model.notices import Notice, NoticeKind
from bot.domain.model.people import Contact, Operator, Role, SlackIdentity
from bot.domain.model.roster import ChangeKind, Roster, RosterChange, RosterContact
from bot.domain.operator.import_plan import ImportPlan, RosterFile, plan_import
from bot.domain.operator.introducing import tell_of_bindings, tell_of_unbinding
from bot.domain.operator.leaving import end_cases
from bot.domain.ports.clock import Clock
from bot.domain.ports.unit_of_work import UnitOfWork, UnitOfWorkFactory
from bot.domain.record.audience import Audience
from bot.domain.record.journal import OPERATOR, Journal
from bot.domain.record.refusals import Recorder

Advance = Callable[[int, int], None]
"""Told how much of how much is done."""

_ACTIONS = {
    ChangeKind.ACCOUNT_ADDED: "account:added",
    ChangeKind.ACCOUNT_CHANGED: "account:changed",
    ChangeKind.CONTACT_ADDED: "contact:added",
    ChangeKind.CONTACT_CHANGED: "contact:changed",
    ChangeKind.CONTACT_REMOVED: "contact:removed",
}


class ImportService:
    """What an import would change, and the import itself."""

    def __init__(
        self,
        *,
        unit_of_work: UnitOfWorkFactory,
        recorder: Recorder,
        snapshot: UnitOfWorkFactory,
        clock: Clock,
        audience: Audience,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._refusals = partial(recorder.refusals, Source.OPERATOR, "directory")
        self._snapshot = snapshot
        self._clock = clock
        self._audience = audience

    def preview(self, file: RosterFile, *, prune: bool) -> ImportPlan:
        """Return what the import would change; raises `ImportFileUnfit`, and records nothing."""
        with self._snapshot() as uow:
            return plan_import(file, uow.roster.read(), prune=prune)

    def run(
        self,
        read: Callable[[], RosterFile],
        *,
        prune: bool,
        operator: Operator,
        origin: Mapping[str, str],
        advance: Advance = lambda _done, _total: None,
    ) -> ImportPlan:
        """Import what `read` returns, in one transaction; return what was changed.

        Every account and contact that changes is one audit record, and the import one more, with
        the file's `origin` and the counts. The audit channel is told, and whoever owned an account
        before whose administrators or owners change; of identities, of those who were known before,
        everybody whom `tell_of_bindings` and `tell_of_unbinding` name. The cases of whoever is left
        without a role end. Raises `ImportFileUnfit`, recorded.
        """
        about = {**origin, "prune": str(prune).lower(), **operator.details()}
        with self._refusals(actor=OPERATOR, details=about):
            file = read()
            with self._unit_of_work() as uow:
                before, plan = _plan_that_stays(uow, file, prune=prune)
                if plan.changes:
                    self._tell(uow, plan, _privileged_accounts(plan, before))
                    self._carry_out(uow, plan, before, about, advance)
                    uow.commit()
            return plan

    def _carry_out(
        self,
        uow: UnitOfWork,
        plan: ImportPlan,
        before: Roster,
        about: Mapping[str, str],
        advance: Advance,
    ) -> None:
        now = self._clock.now()
        total = 2 * len(plan.changes)
        for done in uow.roster.apply(plan.changes, now=now):
            advance(done, total)
        # before the audit chain's head is held
        self._tell_of_identities(uow, plan, before, now=now)
        _end_leavers_cases(uow, plan, about, now=now)
        ids = {email: contact.id for email, contact in uow.roster.read().contacts.items()}
        events = (_event(change, ids, about, now=now) for change in plan.changes)
        for done in uow.audit.record_all(events):
            advance(len(plan.changes) + done, total)
        counts = {kind.value: str(plan.count(kind)) for kind in ChangeKind}
        imported = AuditEvent(
            tag="operator:directory:imported",
            at=now,
            actor=OPERATOR,
            details={**about, **{kind: n for kind, n in counts.items() if n != "0"}},
        )
        uow.audit.record(imported)

    def _tell(self, uow: UnitOfWork, plan: ImportPlan, accounts: Collection[AccountId]) -> None:
        now = self._clock.now()
        for owner in uow.contacts.with_role(accounts, at_least=Role.OWNER):
            uow.outbox.add(_to_owner(owner, accounts), now=now)
        facts = {"act": "imported accounts and people", "about": f"Changes: {len(plan.changes)}."}
        notice = Notice(kind=NoticeKind.OPERATOR_ACTED, facts=facts)
        self._audience.tell_channel(uow, notice, now=now)

    def _tell_of_identities(
        self, uow: UnitOfWork, plan: ImportPlan, before: Roster, *, now: datetime
    ) -> None:
        bound = _newly_bound(uow, plan, before)
        tell_of_bindings(uow, bound, audience=self._audience, now=now)
        for contact_id, identity in _unbound(plan, before):
            tell_of_unbinding(uow, contact_id, identity, now=now)


def _plan_that_stays(
    uow: UnitOfWork, file: RosterFile, *, prune: bool
) -> tuple[Roster, ImportPlan]:
    """Return who is there, and what changes of it: of people who stay so until this unit ends.

    Whoever is forgotten meanwhile is somebody new to the file, and whoever is bound, bound.
    """
    held: set[ContactId] = set()
    while True:
        before = uow.roster.read()
        plan = plan_import(file, before, prune=prune)
        people = {c.contact.id for c in plan.changes if c.contact and c.contact.id} - held
        if not people or not uow.roster.hold(people):
            return before, plan
        held |= people


def _newly_bound(uow: UnitOfWork, plan: ImportPlan, before: Roster) -> list[Contact]:
    """Return who was known, had no Slack identity, and has one now.

    Whoever is new to the directory has nothing yet that an identity could be used for.
    """
    known = {c.id for c in before.contacts.values() if c.slack is None}
    changed = (change.contact for change in plan.changes if change.contact is not None)
    ids = [c.id for c in changed if c.slack is not None and c.id is not None and c.id in known]
    found = map(uow.contacts.get, ids)
    return [contact for contact in found if contact is not None]


def _unbound(plan: ImportPlan, before: Roster) -> Iterator[tuple[ContactId, SlackIdentity]]:
    """Yield who loses their Slack identity, and which."""
    for change in plan.changes:
        if change.kind is ChangeKind.CONTACT_REMOVED and change.contact is not None:
            old = before.contacts[change.contact.email]
            if old.id is not None and old.slack is not None:
                yield old.id, old.slack


def _end_leavers_cases(
    uow: UnitOfWork, plan: ImportPlan, about: Mapping[str, str], *, now: datetime
) -> None:
    gone = {c.contact.id for c in plan.changes if c.contact and not c.contact.roles}
    if gone:
        journal = Journal(uow=uow, source=Source.OPERATOR, actor=OPERATOR, now=now, details=about)
        cases = [case for case in uow.cases.waiting() if case.subscriber_id in gone]
        end_cases(journal, cases, because="left")


def _privileged_accounts(plan: ImportPlan, before: Roster) -> set[AccountId]:
    """Return the known accounts whose administrators or owners, or their identities, change."""
    touched: set[AccountId] = set()
    for change in plan.changes:
        if change.contact is not None:
            old = _privileges(before.contacts.get(change.contact.email))
            touched |= {account for account, _, _ in old ^ _privileges(change.contact)}
    return touched & before.accounts.keys()


def _privileges(
    contact: RosterContact | None,
) -> set[tuple[AccountId, Role, SlackIdentity | None]]:
    roles = contact.roles.items() if contact else ()
    slack = contact.slack if contact else None
    return {(account, role, slack) for account, role in roles if role is not Role.MEMBER}


def _to_owner(owner: Contact, accounts: Collection[AccountId]) -> Notice:
    owned = [m.account for m in owner.memberships if m.role is Role.OWNER]
    names = ", ".join(account.name for account in owned if account.id in accounts)
    facts = {
        "act": "changed who administers an account of yours, or their Slack account",
        "about": f"This is about: {names}.",
    }
    return Notice(kind=NoticeKind.OPERATOR_ACTED, contact_id=owner.id, facts=facts)


def _event(
    change: RosterChange,
    ids: Mapping[str, ContactId | None],
    about: Mapping[str, str],
    *,
    now: datetime,
) -> AuditEvent:
    contact = change.contact
    was = {f"{name}_before": value for name, value in change.was.items()}
    return AuditEvent(
        tag=f"{Source.OPERATOR}:{_ACTIONS[change.kind]}",
        at=now,
        actor=OPERATOR,
        subscriber=ids.get(contact.email) if contact else None,
        account=change.account.id if change.account else None,
        slack=contact.slack if contact else None,
        details={
            **({"email": contact.email} if contact else {}),
            **was,
            **change.now,
            "sha256": about.get("sha256", ""),
        },
    )
