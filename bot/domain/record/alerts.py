"""Alerts: what may be an attack, told at once to the owners concerned and to the audit channel."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.model.cases import Case
from bot.domain.model.ids import AuthenticatorId, ContactId
from bot.domain.model.limits import CODE_LIMITS, Limit
from bot.domain.model.notices import Notice, NoticeKind
from bot.domain.model.people import AttemptKind, Contact, Role
from bot.domain.record.audience import Audience, owners_of
from bot.domain.record.journal import Journal

AN_HOUR = timedelta(hours=1)
"""In which the resets of one admin are counted."""

AGAIN_WITHIN = timedelta(days=30)
"""Within which a second reset of the same person is told of."""


class Alert(StrEnum):
    """What an alert is about; the fact `what` of its notice."""

    WRONG_CODES = "wrong_codes"
    MANY_RESETS = "many_resets"
    SECOND_RESET = "second_reset"


class Alerts:
    """Raises alerts inside the unit of work of their cause, which commits them with it.

    Whoever did it is not told: they know, or it was not them. Each alert is an audit record too,
    since its threshold is a setting: later nobody could tell whether the owners had been warned.
    """

    def __init__(self, *, audience: Audience, alert_after: int) -> None:
        self._audience = audience
        self._alert_after = alert_after

    def wrong_code(
        self, journal: Journal, contact_id: ContactId, authenticator_id: AuthenticatorId
    ) -> None:
        """Look at a wrong code that was just counted.

        Where it is the one by which an administrator's throttle bites, the owners of every account
        of theirs are told, once an hour: an authenticator belongs to the person.
        """
        admin = journal.uow.contacts.get(contact_id)
        limit = _reached(journal, authenticator_id)
        if limit is None or admin is None or not admin.administered:
            return
        minutes = limit.period // timedelta(minutes=1)
        facts = {"count": str(limit.attempts), "minutes": str(minutes), "door": str(journal.source)}
        owners = owners_of(journal.uow, admin)
        notice = _notice(Alert.WRONG_CODES, admin, facts, once=_hour(journal.now))
        self._raise(journal, notice, admin, owners)

    def reset_completed(self, journal: Journal, case: Case) -> None:
        """Look at a reset that was just completed: at its admin's others, its subscriber's others.

        Of too many by one admin the owners of the accounts that they administer are told, once an
        hour; of a second one of the same person, the owners of every account of theirs.
        """
        admin = journal.uow.contacts.get(case.admin_id) if case.admin_id else None
        if admin is not None:
            self._count_resets_by(journal, admin, case)
        self._count_resets_of_subscriber(journal, case)

    def _count_resets_by(self, journal: Journal, admin: Contact, case: Case) -> None:
        count = journal.uow.cases.count_completed_by(admin.id, since=journal.now - AN_HOUR)
        if count > self._alert_after:
            accounts = [account.id for account in admin.administered]
            people = journal.uow.contacts.with_role(accounts, at_least=Role.OWNER)
            owners = [owner.id for owner in people]
            facts = {"count": str(count)}
            notice = _notice(Alert.MANY_RESETS, admin, facts, once=_hour(journal.now))
            self._raise(journal, notice, admin, owners, case)

    def _count_resets_of_subscriber(self, journal: Journal, case: Case) -> None:
        since = journal.now - AGAIN_WITHIN
        cases = journal.uow.cases.of(case.subscriber_id)
        count = sum(1 for each in cases if (at := each.reset_at) is not None and at > since)
        subscriber = journal.uow.contacts.get(case.subscriber_id)
        if subscriber is not None and count > 1:
            owners = owners_of(journal.uow, subscriber)
            notice = _notice(Alert.SECOND_RESET, subscriber, {"count": str(count)}, once=case.id)
            self._raise(journal, notice, subscriber, owners, case)

    def _raise(
        self,
        journal: Journal,
        notice: Notice,
        about: Contact,
        owners: Iterable[ContactId],
        case: Case | None = None,
    ) -> None:
        facts = {**notice.facts, "at": journal.now.isoformat()}
        # the sweep may have acted for the case's admin
        whoever_did = {journal.actor, case.admin_id if case else None}
        notice = replace(notice, case_id=case.id if case else None, facts=facts)
        written = self._audience.tell(journal.uow, notice, owners, but=whoever_did, now=journal.now)
        if written and not any(written):
            return  # they were told within the hour
        details = {"alert": notice.facts["what"], "count": notice.facts["count"]}
        if case is not None:
            journal.happened("alert:raised", case, details)
        else:
            journal.happened_to("alert:raised", about.id, details)


def _notice(what: Alert, about: Contact, facts: Mapping[str, str], *, once: str) -> Notice:
    return Notice(
        kind=NoticeKind.ALERT,
        subject_id=about.id,
        facts={"what": str(what), **facts},
        once=f"alert:{what}:{about.id}:{once}",
    )


def _hour(now: datetime) -> str:
    return f"{now:%Y-%m-%dT%H}"


def _reached(journal: Journal, authenticator_id: AuthenticatorId) -> Limit | None:
    """Return the limit on guessing that is used up now, if one is."""
    for limit in CODE_LIMITS:
        made = journal.uow.attempts.recent(
            AttemptKind.CODE,
            authenticator_id,
            since=journal.now - limit.period,
            limit=limit.attempts,
        )
        if len(made) == limit.attempts:
            return limit
    return None
