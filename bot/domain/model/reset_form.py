"""What an admin fills in to ask for a reset, and what of it can be used."""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.model.cases import Proof
from bot.domain.model.errors import (
    ProofMissing,
    ReasonHoldsCode,
    ReasonMissing,
    ReasonTooLong,
    TicketMissing,
    TicketUnfit,
)
from bot.domain.model.ids import AccountId, ContactId
from bot.domain.model.notices import Channel
from bot.domain.model.people import Account, Authenticator, Contact

REASON_LENGTH = 500
"""Characters kept of a reason: enough for a story, and inside every Block Kit limit."""

TICKET_LENGTH = 100
"""Characters of a ticket; bounds what an operator's pattern may be made to work upon, too."""

_DAY, _MONTH = r"(?:0[1-9]|[12]\d|3[01])", r"(?:0[1-9]|1[0-2])"
_DATE = (
    rf"(?:{_DAY}[./-]{_MONTH}[./-]\d\d|{_MONTH}[./-]{_DAY}[./-]\d\d|\d\d[./-]{_MONTH}[./-]{_DAY})"
)
_BETWEEN = r"[\s._/\u2010-\u2015\u2212-]"
_PAIRS = rf"(?!{_DATE}(?!\w))(?<!\d[._/-])\d\d(?:{_BETWEEN}\d\d){{2}}(?![._/-]\d)"
"""No date, and no part of a longer number such as some countries write telephone numbers."""
_LOOKS_LIKE_A_CODE = re.compile(
    rf"(?<!\w)(?:\d{{6}}|\d{{3}}{_BETWEEN}\d{{3}}|\d\d(?:\s\d\d){{2}}|{_PAIRS}"
    rf"|\d(?:{_BETWEEN}\d){{5}})(?!\w)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Whom an admin named: somebody of the workspace, or a contact of the directory.

    Just one of the two ids is given.
    """

    slack_user: str | None = None
    contact_id: ContactId | None = None

    def __str__(self) -> str:
        return self.contact_id or self.slack_user or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetForm:
    """What the admin has to know before asking: who, where, and since when.

    `ways` lead to the subscriber.
    """

    admin: Contact
    subscriber: Contact
    accounts: tuple[Account, ...]
    authenticators: tuple[Authenticator, ...]
    last_reset_at: datetime | None
    ticket_required: bool = False
    ways: tuple[Channel, ...] = (Channel.SLACK,)


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledForm:
    """The filled-in form; `account_id` may be left out where only one account is possible."""

    subscriber: Named
    account_id: AccountId | None
    proof: Proof | None
    reason: str
    ticket: str | None
    code: str = field(repr=False)


def verify_proof(proof: Proof | None) -> Proof:
    """Return the proof; raises `ProofMissing` where none was chosen."""
    if proof is None:
        raise ProofMissing
    return proof


def verify_reason(typed: str) -> str:
    """Return the reason as it is kept; raises an `InputRefused` for one that cannot be."""
    reason = " ".join(typed.split())
    if not reason:
        raise ReasonMissing
    if len(reason) > REASON_LENGTH:
        raise ReasonTooLong
    if looks_like_a_code(reason):
        raise ReasonHoldsCode
    return reason


def verify_ticket(typed: str | None, pattern: re.Pattern[str] | None) -> str | None:
    """Return the ticket as it is kept, `None` where none was given and none is asked for.

    With a `pattern` there must be one, and all of it must match. Raises an `InputRefused`.
    """
    ticket = " ".join((typed or "").split())
    if not ticket:
        if pattern is not None:
            raise TicketMissing
        return None
    if len(ticket) > TICKET_LENGTH or (pattern is not None and not pattern.fullmatch(ticket)):
        raise TicketUnfit
    return ticket


def looks_like_a_code(text: str) -> bool:
    """Whether `text` holds six digits that stand alone, together or in groups, in any script.

    Characters that show nothing do not part them.
    """
    shown = (char for char in text if unicodedata.category(char) != "Cf")
    return _LOOKS_LIKE_A_CODE.search(unicodedata.normalize("NFKC", "".join(shown))) is not None
