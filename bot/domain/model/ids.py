"""Identifiers: opaque, random, and safe to show."""

import secrets
from typing import NewType

AccountId = NewType("AccountId", str)
ContactId = NewType("ContactId", str)
AuthenticatorId = NewType("AuthenticatorId", str)
SessionId = NewType("SessionId", str)
SuspensionId = NewType("SuspensionId", str)
CaseId = NewType("CaseId", str)
MessageId = NewType("MessageId", str)
HandOverId = NewType("HandOverId", str)
RequestId = NewType("RequestId", str)
LeaseHolder = NewType("LeaseHolder", str)

_ID_BYTES = 10


def new_id(prefix: str) -> str:
    """Make an identifier of 80 random bits, `prefix` in front, that proves nothing by itself."""
    return f"{prefix}_{secrets.token_hex(_ID_BYTES)}"
