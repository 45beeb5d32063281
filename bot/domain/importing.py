"""Importing accounts, contacts and roles into the directory: all or nothing, audited."""

from collections.abc import Callable, Mapping
from datetime import datetime

from bot.domain.audit import AuditEvent, Source
from bot.domain.directory_import import ImportPlan, RosterFile, plan_import
from bot.domain.ids import ContactId
from bot.domain.journal import OPERATOR
from bot.domain.operator import Operator
from bot.domain.ports import Clock, UnitOfWork, UnitOfWorkFactory
from bot.domain.refusals import refusals_recorded
from bot.domain.roster import ChangeKind, RosterChange

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

    def __init__(self, *, unit_of_work: UnitOfWorkFactory, clock: Clock) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock

    def preview(self, file: RosterFile, *, prune: bool) -> ImportPlan:
        """Return what the import would change; raises `ImportFileUnfit`, and records nothing."""
        with self._unit_of_work() as uow:
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
        the file's `origin` and the counts. Raises `ImportFileUnfit`, recorded.
        """
        about = {**origin, "prune": str(prune).lower(), **operator.details()}
        with refusals_recorded(
            self._unit_of_work,
            self._clock,
            source=Source.OPERATOR,
            subject="directory",
            actor=OPERATOR,
            details=about,
        ):
            file = read()
            with self._unit_of_work() as uow:
                plan = plan_import(file, uow.roster.read(), prune=prune)
                if plan.changes:
                    self._carry_out(uow, plan, about, advance)
                    uow.commit()
            return plan

    def _carry_out(
        self, uow: UnitOfWork, plan: ImportPlan, about: Mapping[str, str], advance: Advance
    ) -> None:
        now = self._clock.now()
        total = 2 * len(plan.changes)
        for done in uow.roster.apply(plan.changes, now=now):
            advance(done, total)
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
