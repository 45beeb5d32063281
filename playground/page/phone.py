"""What a sample person's authenticator app shows."""

import hashlib
from datetime import UTC, datetime, timedelta

from bot.domain.proving.totp import TIME_STEP, code_at, step_at
from playground.office import Office
from playground.people import SamplePerson
from playground.slack.model import Json

_STEPS_AHEAD = 3
"""Codes that are sent in advance, so that the page need not ask at the turn of every step."""


def entries(office: Office, person: SamplePerson, *, now: datetime) -> list[Json]:
    """Return each entry with its codes, the one of now first; `until` is in milliseconds.

    A `pending` entry is one whose QR code the set-up page shows: it counts as scanned.
    """
    found = []
    for state in ("active", "pending"):
        secret = office.secret_of(person, pending=state == "pending")
        if secret is not None:
            found.append(
                {
                    "id": hashlib.sha256(secret.encode()).hexdigest()[:12],
                    "state": state,
                    "issuer": office.rekey.settings.issuer,
                    "label": person.handle,
                    "codes": _codes(secret, now),
                }
            )
    return found


def _codes(secret: str, now: datetime) -> list[Json]:
    first = step_at(now)
    return [
        {"code": code_at(secret, step), "until": _milliseconds((step + 1) * TIME_STEP)}
        for step in range(first, first + 1 + _STEPS_AHEAD)
    ]


def _milliseconds(since_epoch: timedelta) -> int:
    return since_epoch // timedelta(milliseconds=1)


def milliseconds_at(instant: datetime) -> int:
    """Return the instant as a browser counts it."""
    return _milliseconds(instant - datetime.fromtimestamp(0, UTC))
