"""What follows from a message that arrived, or that never will."""

from bot.domain.desk.case_story import OUTSIDER
from bot.domain.desk.statuses import is_known_to
from bot.domain.model.ids import ContactId, RequestId
from bot.domain.model.notices import Message, Notice, NoticeKind, Way
from bot.domain.model.requests import RequestMessage
from bot.domain.model.views import NoticeView
from bot.outbox.results import Delivered


def is_offer_to_channel(message: Message) -> bool:
    """Whether the channel for requests was offered one; administrators are asked in its place."""
    notice = message.notice
    return notice.kind is NoticeKind.REQUEST_OFFERED and notice.slack_address is not None


def offered(message: Message, result: Delivered) -> RequestMessage | None:
    """Return where a request was offered, to be changed there when it is taken or ends."""
    request_id = message.notice.facts.get("request")
    if message.notice.kind is not NoticeKind.REQUEST_OFFERED or not request_id:
        return None
    if result.channel is None or result.ts is None:
        return None
    return RequestMessage(request_id=RequestId(request_id), channel=result.channel, ts=result.ts)


def is_farewell(message: Message) -> bool:
    """Whether it tells a leaver's Slack account, which may be gone as well, that it is nobody's."""
    notice = message.notice
    to_nobody = notice.contact_id is None and notice.way is Way.POST
    return notice.kind is NoticeKind.OPERATOR_ACTED and to_nobody


def undeliverable(
    message: Message, view: NoticeView, *, error: str, audit_channel: str | None
) -> Notice | None:
    """Return what is said, once, of a message that never arrives.

    The case's admin is told, who can tell the person; where that is whom it was for, or there is
    no case, the audit channel. Of an answer to a click its recipient misses it themselves. Whom the
    admin may not know is not named: owners of the subscriber's other accounts are told, too.
    """
    notice = message.notice
    in_charge: ContactId | None = view.case.case.in_charge_id if view.case else None
    if in_charge == notice.contact_id:
        in_charge = None
    to_channel = in_charge is None and notice.kind is not NoticeKind.REPLY
    address = audit_channel if to_channel and audit_channel != notice.slack_address else None
    if notice.kind is NoticeKind.UNDELIVERABLE or (in_charge is None and address is None):
        return None
    recipient = notice.contact_id or notice.slack_address or ""
    hidden = (
        in_charge is not None
        and view.case is not None
        and view.recipient is not None
        and not is_known_to(view.case, view.recipient)
    )
    return Notice(
        kind=NoticeKind.UNDELIVERABLE,
        contact_id=in_charge,
        slack_address=address,
        case_id=notice.case_id,
        subject_id=None if hidden else notice.contact_id,
        facts={
            "kind": notice.kind,
            "recipient": OUTSIDER if hidden else recipient,
            "error": error,
            "channel": notice.channel,
        },
        once=f"undeliverable:{message.id}",
    )
