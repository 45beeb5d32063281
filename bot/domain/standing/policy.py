"""Who may reset whom: design rules 5 and 6, as plain questions about people."""

from collections.abc import Collection, Iterable
from typing import NoReturn

from bot.domain.model.errors import (
    AdminSuspended,
    BotRefused,
    DeactivatedRefused,
    ExternalRefused,
    GuestRefused,
    NoSharedAccount,
    NotAnAdministrator,
    NothingToReset,
    NotYoursToLift,
    OneselfRefused,
    OperatorSuspended,
    Outranked,
    ResetRefused,
    SubscriberNotAContact,
)
from bot.domain.model.ids import ContactId
from bot.domain.model.people import Account, Contact, Member, Role, Suspension, SuspensionCause


def verify_member(member: Member) -> None:
    """Raise a `PersonRefused` for anybody who is not a full, active person of this workspace."""
    if member.is_external:
        raise ExternalRefused
    if member.is_bot:
        raise BotRefused
    if member.is_deactivated:
        raise DeactivatedRefused
    if member.is_guest:
        raise GuestRefused


def authorize_reset(admin: Contact, subscriber: Contact) -> tuple[Account, ...]:
    """Return the accounts, by name, in which `admin` may reset `subscriber`: never none.

    Wherever the subscriber is more than a member, in any account, the admin must hold at least
    that role too, since an authenticator belongs to the person. Raises a `ResetRefused` that names
    no account.
    """
    if admin.suspended:
        raise AdminSuspended
    if admin.id == subscriber.id:
        raise OneselfRefused
    if not admin.administered:
        raise NotAnAdministrator
    shared = [m.account for m in subscriber.memberships if admin.administers(m.account.id)]
    if not shared:
        raise NoSharedAccount
    if any(_outranks(subscriber, admin, m.account) for m in subscriber.memberships):
        raise Outranked
    return tuple(sorted(shared, key=lambda account: (account.name, account.id)))


def administers(admin: Contact, contact: Contact) -> bool:
    """Whether `admin` administers any account of the contact's, and so may know of them."""
    return any(admin.administers(m.account.id) for m in contact.memberships)


def refuse_unknown(admin: Contact) -> NoReturn:
    """Raise what is due where whoever was named is no contact.

    Members get the same answer for contacts and strangers: who exists is not theirs to find out.
    """
    authorize_overview(admin)
    raise SubscriberNotAContact


def authorize_overview(admin: Contact) -> tuple[Account, ...]:
    """Return the accounts that `admin` administers, never none; raises a `ResetRefused`."""
    if admin.suspended:
        raise AdminSuspended
    if not admin.administered:
        raise NotAnAdministrator
    return admin.administered


def authorize_lifting(
    admin_id: ContactId, suspension: Suspension, reported: Collection[ContactId]
) -> None:
    """Raise a `ResetRefused` where a reset by that admin would not lift the suspension.

    The operator's own is the operator's to lift. A report is not lifted by whoever had a hand in
    what the subscriber may have meant (rule 10): those are `reported`.
    """
    if suspension.cause is SuspensionCause.OPERATOR:
        raise OperatorSuspended
    if suspension.cause is SuspensionCause.VETOED and admin_id in reported:
        raise NotYoursToLift


def who_can_reset(subscriber: Contact, contacts: Iterable[Contact]) -> tuple[Contact, ...]:
    """Return those of `contacts` who are entitled to reset `subscriber`, in the order given."""
    return tuple(contact for contact in contacts if entitled_accounts(contact, subscriber))


def entitled_accounts(admin: Contact, subscriber: Contact) -> tuple[Account, ...]:
    """Return what `authorize_reset` does, and nothing where it refuses."""
    try:
        return authorize_reset(admin, subscriber)
    except ResetRefused:
        return ()


def verify_anything_to_reset(subscriber: Contact, *, enrolled: bool, set_up_required: bool) -> None:
    """Raise `NothingToReset` where a reset would change nothing for the subscriber (rule 5)."""
    if not (enrolled or set_up_required or subscriber.suspended):
        raise NothingToReset


def _outranks(subscriber: Contact, admin: Contact, account: Account) -> bool:
    """Whether the subscriber holds a privileged role in `account` that the admin does not reach."""
    held = subscriber.role_in(account.id)
    if held is None or held is Role.MEMBER:
        return False
    own = admin.role_in(account.id)
    return own is None or own.rank < held.rank
