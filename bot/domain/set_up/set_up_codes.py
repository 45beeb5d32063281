"""The set-up code: what it looks like, and what is stored of it (design rule 9)."""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.model.ids import SessionId
from bot.domain.model.people import Session
from bot.domain.ports.unit_of_work import UnitOfWork

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U, so that what is read aloud or copied has one reading."""

LIFETIME = timedelta(minutes=10)
"""The longest that SP 800-63B-4, 3.1.3.2, allows a secret sent out of band."""

_LENGTH = 8  # of 5 bits each: 40
_GROUP = 4
_SEPARATORS = re.compile(r"[\s-]+")
_READ_AS = str.maketrans("OIL", "011")
_SET_UP_CODE = re.compile(f"[{ALPHABET}]{{{_LENGTH}}}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownCode:
    """A set-up code as one person sees it, once, and for which sign-in it is good, until when."""

    code: str = field(repr=False)
    session: Session
    expires_at: datetime


def issue_set_up_code(
    uow: UnitOfWork, session: Session, *, pepper: bytes, now: datetime
) -> ShownCode | None:
    """Give the waiting session a new code, in place of any before; `None` where it waits no more.

    The code never outlives the session.
    """
    code = new_set_up_code()
    expires_at = min(now + LIFETIME, session.expires_at)
    code_hash = hash_set_up_code(code, session.id, pepper=pepper)
    if not uow.sessions.set_set_up_code(session.id, code_hash=code_hash, expires_at=expires_at):
        return None
    return ShownCode(code=show_set_up_code(code), session=session, expires_at=expires_at)


def new_set_up_code() -> str:
    """Make a code of exactly 40 random bits: eight characters, not yet grouped."""
    return "".join(secrets.choice(ALPHABET) for _ in range(_LENGTH))


def show_set_up_code(code: str) -> str:
    """Return the code as people see it: two groups of four, with a hyphen."""
    return f"{code[:_GROUP]}-{code[_GROUP:]}"


def normalise_set_up_code(typed: str) -> str | None:
    """Return the eight characters meant by `typed`, `None` if it is no set-up code.

    Hyphens, spaces and case do not matter; O is read as 0, and I and L as 1.
    """
    code = _SEPARATORS.sub("", typed).upper().translate(_READ_AS)
    return code if _SET_UP_CODE.fullmatch(code) else None


def hash_set_up_code(code: str, session_id: SessionId, *, pepper: bytes) -> str:
    """Return what is stored of a code: useless without the pepper, and for another session.

    HMAC-SHA-256, since 40 bits alone could be tried out against a plain hash.
    """
    return hmac.new(pepper, f"{session_id}:{code}".encode(), hashlib.sha256).hexdigest()
