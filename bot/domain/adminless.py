"""Cases that no administrator asked for: a first sign-in's, and the operator's."""

from datetime import datetime

from bot.domain.case import Case, CaseKind, CaseState
from bot.domain.ids import AccountId, CaseId, new_id
from bot.domain.model import Contact, TwoFactor


def case_without_admin(
    contact: Contact, *, kind: CaseKind, state: CaseState, now: datetime, reason: str | None = None
) -> Case:
    """Make a case of the contact that begins in `state`, not stored yet.

    Unless it is still to be executed there was nothing to reset, and it counts as completed.
    """
    return Case(
        id=CaseId(new_id("case")),
        kind=kind,
        state=state,
        account_id=strictest_account(contact),
        admin_id=None,
        subscriber_id=contact.id,
        proof=None,
        reason=reason,
        ticket=None,
        opened_at=now,
        confirm_by=None,
        completed_at=None if state is CaseState.EXECUTING else now,
        re_enrolled_at=now if state is CaseState.RE_ENROLLED else None,
    )


def strictest_account(contact: Contact) -> AccountId:
    """Return the account for whose sake 2FA is set up; the first where none requires it."""
    accounts = [membership.account for membership in contact.memberships]
    required = [account for account in accounts if account.two_factor is TwoFactor.REQUIRED]
    return (required + accounts)[0].id
