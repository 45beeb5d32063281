"""One case's story, read from the audit log for those who look after it."""

from collections import deque
from collections.abc import Iterable
from dataclasses import replace

from bot.domain.desk.statuses import is_known_to
from bot.domain.model.audit import AuditRecord
from bot.domain.model.cases import Case
from bot.domain.model.ids import ContactId
from bot.domain.model.views import CaseStory, CaseView
from bot.domain.ports.unit_of_work import UnitOfWork
from bot.domain.record.case_views import case_view

MOST_RECORDS = 40
"""Records of a case that its story tells; the modal that shows it holds a hundred blocks."""

OUTSIDER = "somebody outside the account"
"""Whoever acted upon a case and is nobody whose name its administrators may hear."""

LOOKED_AT = "slack:case:shown"
"""What is left out of stories: the operator's export has it."""


def case_story(uow: UnitOfWork, case: Case) -> CaseStory:
    """Return the newest records of the case, without what lies beside the chain.

    That somebody looked at it in Slack is left out: the operator's export has it.
    """
    view = case_view(uow, case)
    newest: deque[AuditRecord] = deque(maxlen=MOST_RECORDS)
    count = 0
    for record in uow.audit.records(case=case.id):
        if record.tag != LOOKED_AT:
            newest.append(replace(record, salt=None, details=None))
            count += 1
    return CaseStory(
        view=view,
        records=tuple(newest),
        earlier=count - len(newest),
        names=_names(uow, view, newest),
    )


def _names(uow: UnitOfWork, view: CaseView, records: Iterable[AuditRecord]) -> dict[str, str]:
    names: dict[str, str] = {view.account.id: view.account.name}
    for key in {view.subscriber.id, *(record.actor for record in records)}:
        contact = uow.contacts.get(ContactId(key))
        if contact is not None:
            names[contact.id] = contact.name if is_known_to(view, contact) else OUTSIDER
    return names
