"""Authenticators in the database, their shared secrets encrypted."""

from datetime import datetime

from sqlalchemy import Connection, Row, bindparam, insert, or_, select, update

from bot.domain.model.ids import AuthenticatorId, ContactId
from bot.domain.model.people import Authenticator, AuthenticatorState
from bot.domain.ports.sign_in import KeyUse
from storage.encryption import SecretBox
from storage.errors import SecretKeyError
from storage.tables import authenticators as rows

_ALL = select(
    rows.c.id,
    rows.c.contact_id,
    rows.c.type,
    rows.c.state,
    rows.c.created_at,
    rows.c.bound_at,
    rows.c.last_used_at,
    rows.c.failed_in_a_row,
)
_GET = _ALL.where(rows.c.id == bindparam("authenticator_id"))
_OF = _ALL.where(
    rows.c.contact_id == bindparam("contact_id"), rows.c.state == bindparam("state")
).order_by(rows.c.created_at, rows.c.id)
_OF_BOTH = _ALL.where(
    rows.c.contact_id.in_([bindparam("one"), bindparam("other")]),
    rows.c.state == AuthenticatorState.ACTIVE,
).order_by(rows.c.created_at, rows.c.id)
_ADD = insert(rows)
_SECRET = select(rows.c.encrypted_secret).where(rows.c.id == bindparam("authenticator_id"))
_UPDATE = update(rows).where(rows.c.id == bindparam("authenticator_id"))
_ACTIVATE = _UPDATE.where(rows.c.state == AuthenticatorState.PENDING).values(
    state=AuthenticatorState.ACTIVE,
    bound_at=bindparam("now"),
    last_accepted_step=bindparam("step"),
    failed_in_a_row=0,
)
_ACCEPT_STEP = _UPDATE.where(
    rows.c.state == AuthenticatorState.ACTIVE,
    or_(rows.c.last_accepted_step.is_(None), rows.c.last_accepted_step < bindparam("step")),
).values(last_accepted_step=bindparam("step"), last_used_at=bindparam("now"), failed_in_a_row=0)
_COUNT_FAILURE = _UPDATE.values(failed_in_a_row=rows.c.failed_in_a_row + 1)
_INVALIDATE = _UPDATE.where(rows.c.state != AuthenticatorState.INVALIDATED).values(
    state=AuthenticatorState.INVALIDATED, invalidated_at=bindparam("now")
)
_INVALIDATE_ALL = (
    update(rows)
    .where(
        rows.c.contact_id == bindparam("of_contact"),
        rows.c.state != AuthenticatorState.INVALIDATED,
    )
    .values(state=AuthenticatorState.INVALIDATED, invalidated_at=bindparam("now"))
    .returning(rows.c.id, rows.c.created_at, rows.c.bound_at)
)
_SECRETS = select(rows.c.id, rows.c.encrypted_secret)
_RE_ENCRYPT = _UPDATE.values(encrypted_secret=bindparam("secret"))


class SqlAuthenticators:
    """`bot.domain.ports.sign_in.AuthenticatorRepository` over one connection; never commits."""

    def __init__(self, connection: Connection, *, box: SecretBox) -> None:
        self._connection = connection
        self._box = box

    def get(self, authenticator_id: AuthenticatorId) -> Authenticator | None:
        row = self._connection.execute(_GET, {"authenticator_id": authenticator_id}).one_or_none()
        return None if row is None else _to_domain(row)

    def active_of(self, contact_id: ContactId) -> tuple[Authenticator, ...]:
        """Return the contact's active authenticators, oldest first."""
        return self._of(contact_id, AuthenticatorState.ACTIVE)

    def active_of_both(
        self, one: ContactId, other: ContactId
    ) -> tuple[tuple[Authenticator, ...], tuple[Authenticator, ...]]:
        """Return the active authenticators of each of two contacts, in one look-up."""
        self._box.expect()
        found = self._connection.execute(_OF_BOTH, {"one": one, "other": other})
        active = [_to_domain(row) for row in found]
        of_one, of_other = (
            tuple(each for each in active if each.contact_id == contact_id)
            for contact_id in (one, other)
        )
        return of_one, of_other

    def pending_of(self, contact_id: ContactId) -> tuple[Authenticator, ...]:
        """Return those that wait for their first correct code, oldest first."""
        return self._of(contact_id, AuthenticatorState.PENDING)

    def add(self, authenticator: Authenticator, *, shared_secret: str) -> None:
        """Store an authenticator, its base32 secret encrypted for this row alone."""
        self._connection.execute(
            _ADD,
            {
                "id": authenticator.id,
                "contact_id": authenticator.contact_id,
                "type": authenticator.type,
                "state": authenticator.state,
                "encrypted_secret": self._box.encrypt(shared_secret, row_id=authenticator.id),
                "created_at": authenticator.created_at,
                "bound_at": authenticator.bound_at,
                "last_used_at": authenticator.last_used_at,
                "failed_in_a_row": authenticator.failed_in_a_row,
            },
        )

    def shared_secret(self, authenticator_id: AuthenticatorId) -> str:
        """Return the base32 secret; raises `KeyError` for an unknown id, or `SecretKeyError`."""
        encrypted = self._connection.scalar(_SECRET, {"authenticator_id": authenticator_id})
        if encrypted is None:
            raise KeyError(authenticator_id)
        return self._box.decrypt(encrypted, row_id=authenticator_id)

    def activate(self, authenticator_id: AuthenticatorId, *, step: int, now: datetime) -> bool:
        """Turn pending into active, once, with `step` as its last accepted one."""
        values = {"authenticator_id": authenticator_id, "step": step, "now": now}
        return self._connection.execute(_ACTIVATE, values).rowcount == 1

    def accept_step(self, authenticator_id: AuthenticatorId, *, step: int, now: datetime) -> bool:
        """Take `step` if active and the step is later than any accepted before; forget failures.

        One conditional UPDATE: of two at once, one wins (RFC 6238, section 5.2).
        """
        values = {"authenticator_id": authenticator_id, "step": step, "now": now}
        return self._connection.execute(_ACCEPT_STEP, values).rowcount == 1

    def count_failure(self, authenticator_id: AuthenticatorId) -> None:
        self._connection.execute(_COUNT_FAILURE, {"authenticator_id": authenticator_id})

    def invalidate_all(
        self, contact_id: ContactId, *, now: datetime
    ) -> tuple[AuthenticatorId, ...]:
        """Invalidate pending and active ones; return those that were active."""
        values = {"of_contact": contact_id, "now": now}
        ended = self._connection.execute(_INVALIDATE_ALL, values).all()
        in_order = sorted(ended, key=lambda row: (row.created_at, row.id))
        return tuple(AuthenticatorId(row.id) for row in in_order if row.bound_at is not None)

    def invalidate(self, authenticator_id: AuthenticatorId, *, now: datetime) -> None:
        self._connection.execute(_INVALIDATE, {"authenticator_id": authenticator_id, "now": now})

    def re_encrypt(self) -> int:
        """Encrypt every shared secret under the first key; return how many were moved."""
        stale = [
            row
            for row in self._connection.execute(_SECRETS)
            if not self._box.is_current(row.encrypted_secret)
        ]
        for row in stale:
            secret = self._box.decrypt(row.encrypted_secret, row_id=row.id)
            moved = self._box.encrypt(secret, row_id=row.id)
            self._connection.execute(_RE_ENCRYPT, {"authenticator_id": row.id, "secret": moved})
        return len(stale)

    def key_use(self) -> KeyUse:
        """Try the keys on every shared secret, those of invalidated authenticators included."""
        current = older = lost = 0
        for row in self._connection.execute(_SECRETS):
            try:
                self._box.decrypt(row.encrypted_secret, row_id=row.id)
            except SecretKeyError:
                lost += 1
            else:
                is_current = self._box.is_current(row.encrypted_secret)
                current, older = current + is_current, older + (not is_current)
        return KeyUse(current=current, older=older, lost=lost)

    def _of(self, contact_id: ContactId, state: AuthenticatorState) -> tuple[Authenticator, ...]:
        self._box.expect()
        found = self._connection.execute(_OF, {"contact_id": contact_id, "state": state})
        return tuple(_to_domain(row) for row in found)


def _to_domain(row: Row[*tuple[object, ...]]) -> Authenticator:
    return Authenticator(**row._asdict())
