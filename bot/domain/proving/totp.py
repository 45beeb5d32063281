"""Time-based one-time passwords, RFC 6238: SHA-1, six digits, steps of 30 seconds."""

import re
from datetime import datetime, timedelta

import pyotp

TIME_STEP = timedelta(seconds=30)
SKEW_STEPS = 1
"""Steps accepted on either side of the current one (RFC 6238, section 5.2)."""

_SIX_DIGITS = re.compile(r"[0-9]{6}", re.ASCII)
_SPACES = re.compile(r"\s+")


def new_shared_secret() -> str:
    """Make a base32 secret of 160 random bits (RFC 4226, section 4, recommends that length)."""
    return pyotp.random_base32(length=32)


def step_at(instant: datetime) -> int:
    """Return RFC 6238's T at that instant."""
    return int(instant.timestamp() // TIME_STEP.total_seconds())


def code_at(shared_secret: str, step: int) -> str:
    """Return the six digits of that step."""
    return pyotp.TOTP(shared_secret).generate_otp(step)


def normalise_code(typed: str) -> str | None:
    """Return the six ASCII digits in `typed`, spaces left out; `None` if it holds anything else."""
    code = _SPACES.sub("", typed)
    return code if _SIX_DIGITS.fullmatch(code) else None


def matching_step(shared_secret: str, code: str, *, now: datetime) -> int | None:
    """Return the step within the skew whose code this is, the latest first; `None` for none."""
    current = step_at(now)
    for step in range(current + SKEW_STEPS, current - SKEW_STEPS - 1, -1):
        if pyotp.utils.strings_equal(code_at(shared_secret, step), code):
            return step
    return None


def otpauth_uri(shared_secret: str, *, label: str, issuer: str) -> str:
    """Return the URI that an authenticator app reads from the QR code; it holds the secret."""
    return pyotp.TOTP(shared_secret).provisioning_uri(name=label, issuer_name=issuer)
