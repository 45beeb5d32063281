"""Reading a case, or a request, together with its people."""

from bot.domain.model.cases import Case
from bot.domain.model.ids import AccountId, ContactId
from bot.domain.model.people import Account, Contact
from bot.domain.model.requests import OwnRequest, RequestView
from bot.domain.model.views import CaseView
from bot.domain.ports.unit_of_work import UnitOfWork
from bot.domain.record.telling import ways_to


def look_up_both(uow: UnitOfWork, case: Case) -> None:
    """Have admin and subscriber looked up at once, for whoever asks about them one by one."""
    if case.admin_id is not None:
        uow.contacts.with_ids((case.admin_id, case.subscriber_id))


def case_view(uow: UnitOfWork, case: Case) -> CaseView:
    """Return the case with its people and its account.

    Raises `LookupError` where the directory no longer has them, which no act of Rekey brings about.
    """
    subscriber = uow.contacts.get(case.subscriber_id)
    account = _account(uow, case.account_id, subscriber)
    if account is None or subscriber is None:
        raise LookupError(f"case {case.id} names an account or a contact that is gone")
    return CaseView(
        case=case,
        account=account,
        subscriber=subscriber,
        admin=contact_of(uow, case.admin_id),
        taken_over_by=contact_of(uow, case.taken_over_by),
        ways=ways_to(uow, subscriber),
    )


def request_view(uow: UnitOfWork, request: OwnRequest) -> RequestView:
    """Return the request with its people and its account; raises `LookupError` as `case_view`."""
    account = uow.contacts.account(request.account_id)
    subscriber = uow.contacts.get(request.subscriber_id)
    if account is None or subscriber is None:
        raise LookupError(f"request {request.id} names an account or a contact that is gone")
    return RequestView(
        request=request,
        account=account,
        subscriber=subscriber,
        taken_by=contact_of(uow, request.taken_by),
    )


def _account(uow: UnitOfWork, account_id: AccountId, of: Contact | None) -> Account | None:
    """Return the account; it is known already where the contact still belongs to it."""
    known = (member.account for member in of.memberships) if of else ()
    found = next((account for account in known if account.id == account_id), None)
    return found or uow.contacts.account(account_id)


def contact_of(uow: UnitOfWork, contact_id: ContactId | None) -> Contact | None:
    """Return the contact; `None` where there is no id, or nobody by it."""
    return uow.contacts.get(contact_id) if contact_id else None
