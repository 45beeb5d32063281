"""Blanking of whatever looks like a secret, in anything that is about to be logged.

The last line of defence: secrets are not meant to be logged at all. It would rather blank an
innocent number than let a code pass.
"""

import re
from collections.abc import Mapping, MutableMapping
from collections.abc import Set as AbstractSet
from datetime import date, timedelta
from typing import Any
from urllib.parse import unquote, unquote_plus

BLANK = "[redacted]"

# A name whose value is a secret whatever it looks like; a status code is not one.
_NAME = r"""
    (?: [\w.-]{0,40} (?: passw(?:or)?d | passphrase | secret | token | cookie | authorization | csrf
                  | credential | signature | otpauth | api_?key | private_?key | secret_?keys?
                  | response_url | trigger_id | private_metadata | payload | request_body
                  | smtp_url | database_url | input_value )
        [\w.-]{0,40}
      | (?: [\w.-]{0,40}[_.-] )? (?<! status_ ) (?<! error_ ) (?<! exit_ ) (?<! return_ ) code s?
      | (?: [\w.-]{0,40}[_.-] )? (?: key s? | pin | otp | totp | body | form | wss_ur[il] )
    )
"""
_SECRET_NAME = re.compile(_NAME, re.IGNORECASE | re.VERBOSE)

_ASSIGNED = re.compile(
    rf"""
    (?P<name> (?<! [\w.-] ) (?P<quote> \\?["']? ) {_NAME} (?P=quote) (?! \w ) )
    (?P<sign> \s* [=:] \s* )
    (?! \[redacted\] )
    (?: b? " (?: [^"\\] | \\. )* (?: " | \\? \Z )
      | b? ' (?: [^'\\] | \\. )* (?: ' | \\? \Z )
      | b? \\" .*? (?: \\" | \Z )
      | b? \\' .*? (?: \\' | \Z )
      | (?P<bare> (?: (?: bearer | basic ) \s+ )? [^\s,;&"'(){{}}\[\]]+ )
    )
    """,
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_SETTING = re.compile(r"[A-Z][A-Z0-9_]*")

_PLAIN = (str, int, date, timedelta, BaseException)

# Where a word begins, also behind an escaped character.
_ESCAPED = r"(?<=\\[abfnrtv])|(?<=\\x[0-9a-f]{2})|(?<=\\u[0-9a-f]{4})"
_START = rf"(?:(?<![^\W_])|{_ESCAPED})"
_END = r"(?![^\W_])"
_GAP = r"(?:[\s\-\u2010-\u2015+.]|\\[nrt]|\\xa0)"

_LOOKS_SECRET = tuple(
    re.compile(pattern)
    for pattern in (
        r"otpauth(?:-migration)?://[^\s\"'<>]*",
        r"xox[a-z][.-][\w.-]+",
        r"(?:xapp|xwfp)-[\w.-]+",
        r"https?://hooks\.slack[\w.-]*\.com[^\s\"'<>]*",
        r"https?://[^\s\"'<>]{1,200}/(?:actions|app|commands|services|workflows)/[TE]\w+/[^\s\"'<>]+",
        r"wss?://[^\s\"'<>]+",
        r"(?<=://)[^\s/@\"'<>]*:[^\s/@\"'<>]*(?=@)",
        r"(?i:\b(?:bearer|basic)\s+)[\w.~+/=-]{8,}",
        r"\$(?:argon2\w*|2[aby]|scrypt|pbkdf2[\w-]*)\$[^\s\"']+",
        r"\bv0=[0-9a-f]{64}\b",
        r"\[parameters: [^\n]*",  # what SQLAlchemy adds to an error
        # 32 bytes in base64, and a signing secret
        rf"(?:(?<![A-Za-z0-9/_])|{_ESCAPED})[A-Za-z0-9+/_-]{{43}}=?(?![A-Za-z0-9/_+-])",
        rf"{_START}[0-9a-f]{{32}}{_END}",
        # base32, in one piece or in groups of four
        rf"{_START}[A-Z2-7]{{16,}}={{0,6}}{_END}",
        rf"{_START}(?=[a-z]*[2-7])[a-z2-7]{{16,}}={{0,6}}{_END}",
        rf"{_START}(?:[A-Z2-7]{{4}}{_GAP}){{3,}}[A-Z2-7]{{1,4}}{_END}",
        # a set-up code: two groups of four, or eight in one piece
        rf"{_START}[A-Z0-9]{{4}}{_GAP}[A-Z0-9]{{4}}{_END}",
        rf"{_START}[A-Za-z0-9]{{4}}-[A-Za-z0-9]{{4}}{_END}",
        rf"{_START}[A-Z0-9]{{8}}{_END}",
        rf"{_START}(?=[A-Za-z]*[0-9])(?=[0-9]*[A-Za-z])[A-Za-z0-9]{{8}}{_END}",
        # a code: six digits of any script, alone, as 3+3, or spaced in any way
        rf"{_START}\d{{3}}{_GAP}?\d{{3}}{_END}",
        rf"{_START}\d(?:(?:\s|\+|\\[nrt])*\d){{5}}{_END}",
    )
)
_PERCENT_ENCODED = re.compile(r"(?<!\S)\S*?%[0-9A-Fa-f]{2}\S*")
_ENCODED_AT_MOST = 3
_KEPT = re.compile(
    r"\b[a-z]+_[0-9a-f]{20}\b|"  # an id of ours
    r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"  # a UUID
    r"|\b\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?)?"  # a date, with its time
)


def redact(text: str) -> str:
    """Return `text` with everything that looks like a secret replaced by `BLANK`."""
    return _redact_decoded(_PERCENT_ENCODED.sub(_blank_encoded, text))


def redact_value(value: object, *, name: str = "") -> Any:  # noqa: ANN401  # data of any shape
    """Return `value` as plain data without secrets: by the `name` it goes by, and by its look."""
    if value is None or isinstance(value, bool | float):
        return value
    if name and _SECRET_NAME.fullmatch(name):
        return BLANK
    if isinstance(value, Mapping):
        return {redact(str(key)): redact_value(v, name=str(key)) for key, v in value.items()}
    if isinstance(value, list | tuple | AbstractSet):
        return [redact_value(item) for item in value]
    text = redact(str(value) if isinstance(value, _PLAIN) else repr(value))
    return value if isinstance(value, int) and text == str(value) else text


def redact_event(
    _logger: object, _method: str, event_dict: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Redact a whole log event; the structlog processor just before the time is added."""
    return {name: redact_value(value, name=name) for name, value in event_dict.items()}


def _redact_decoded(text: str) -> str:
    text = _ASSIGNED.sub(_blank_assigned, text)
    pieces: list[str] = []
    done = 0
    for kept in _KEPT.finditer(text):
        pieces += [_blank_lookalikes(text[done : kept.start()]), kept.group()]
        done = kept.end()
    return "".join([*pieces, _blank_lookalikes(text[done:])])


def _blank_lookalikes(text: str) -> str:
    for pattern in _LOOKS_SECRET:
        text = pattern.sub(BLANK, text)
    return text


def _blank_encoded(match: re.Match[str]) -> str:
    """Blank a percent-encoded run as a whole if it holds a secret, encoded up to three times."""
    for decode in (unquote, unquote_plus):
        text = match.group()
        for _ in range(_ENCODED_AT_MOST):
            text = decode(text)
            if _redact_decoded(text) != text:
                return BLANK
    return match.group()


def _blank_assigned(match: re.Match[str]) -> str:
    # "SLACK_BOT_TOKEN: is missing" is how a setting's fault reads, and holds no value.
    if match["bare"] and ":" in match["sign"] and _SETTING.fullmatch(match["name"]):
        return match.group()
    return f"{match['name']}{match['sign']}{BLANK}"
