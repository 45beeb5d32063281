"""The settings: which there are, their defaults, and what a command cannot work without.

Nothing here repeats a value that was given, since it may be a secret.
"""

from collections.abc import Collection, Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import (
    AliasGenerator,
    BaseModel,
    ConfigDict,
    PlainValidator,
    Secret,
    SecretStr,
    ValidationError,
)
from pydantic_core import ErrorDetails

from bot.settings import values
from bot.settings.mail_server import SMTP_URL, MailServer, parse_smtp_url
from bot.settings.values import HostAndPort


class SettingsError(Exception):
    """The settings are not fit to work with; one line a fault, each beginning with a name."""

    def __init__(self, faults: Collection[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


class Need(StrEnum):
    """What a command cannot work without."""

    SLACK = "slack"
    KEYS = "keys"


def setting_name(field: str) -> str:
    """Return the name, in the environment, of a field of `Settings`."""
    return field.upper() if field.startswith("slack_") else f"REKEY_{field.upper()}"


SmtpUrl = Annotated[MailServer | None, PlainValidator(values.only_text(parse_smtp_url))]

_DURATION = "an ISO 8601 duration, such as PT5M or P1D, of up to ten years"
_CHANNEL = "a Slack channel's id, such as C012ABC3DEF, or #its-name"
_LINE = "one line of up to 300 characters"
_MUST_BE = {
    "slack_bot_token": "a bot's token (xoxb-…), without white space",
    "slack_signing_secret": "ASCII without white space",
    "slack_app_token": "an app-level token (xapp-…), without white space",
    "slack_api_url": "an https URL; http only for a loopback address",
    "database_url": "sqlite:///FILE or postgresql+psycopg://…",
    "secret_keys": f"base64 keys of {values.KEY_BYTES} bytes, with commas between them",
    "listen": "HOST:PORT, such as 127.0.0.1:3000",
    "public_url": "https://HOST or https://HOST:PORT; http only for a loopback address",
    "trusted_proxies": "addresses or networks, such as 10.0.0.7,fd00::/8",
    "metrics_token": "ASCII without white space",
    "issuer": "one line of up to 64 characters without a colon",
    "config": _LINE,
    "directories": "of known types",
    "confirm_within": _DURATION,
    "remind_after": "ISO 8601 durations in rising order, such as P1D,P3D,P7D",
    "suspend_after": f"{_DURATION}, or never",
    "sweep_every": _DURATION,
    "set_up_code": "required or off",
    "ticket_pattern": "a regular expression, as Python understands them",
    "audit_channel": _CHANNEL,
    "alert_after": "a whole number from 1 to 999",
    "request_channel": _CHANNEL,
    "help_contact": _LINE,
    "smtp_url": SMTP_URL,
}


class Settings(BaseModel):
    """Every setting of the contract; secrets are held so that no `repr` shows them.

    Made by `load_settings` or `settings_of`. What a command did not ask for may be absent.
    """

    model_config = ConfigDict(
        alias_generator=AliasGenerator(validation_alias=setting_name),
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    slack_bot_token: values.BotToken = None
    slack_signing_secret: values.Token = None
    slack_app_token: values.AppToken = None
    slack_api_url: values.ApiUrl = "https://slack.com/api/"
    database_url: values.DatabaseUrl = SecretStr("sqlite:///var/rekey.db")
    secret_keys: values.SecretKeys = Secret(())
    listen: values.Listen = HostAndPort("127.0.0.1", 3000)
    public_url: values.PublicUrl = "http://127.0.0.1:3000"
    trusted_proxies: values.Networks = ()
    metrics_token: values.Token = None
    issuer: values.Issuer = "Rekey Portal"
    config: values.Line | None = None
    directories: dict[str, Literal["embedded"]] = {"portal": "embedded"}
    confirm_within: values.Duration = timedelta(minutes=5)
    remind_after: values.RisingDurations = (
        timedelta(days=1),
        timedelta(days=3),
        timedelta(days=7),
    )
    suspend_after: values.DurationOrNever = timedelta(days=14)
    sweep_every: values.Duration = timedelta(minutes=1)
    set_up_code: Literal["required", "off"] = "required"
    ticket_pattern: values.Pattern = None
    audit_channel: values.Channel = None
    alert_after: values.Count = 5
    request_channel: values.Channel = None
    help_contact: values.Line | None = None
    smtp_url: SmtpUrl = None

    @property
    def secure_cookies(self) -> bool:
        """Whether browsers reach us over https, so that cookies are `__Host-` and Secure."""
        return self.public_url.startswith("https:")

    @property
    def sign_in_url(self) -> str:
        """Where people sign in to the Portal."""
        return f"{self.public_url}/portal/sign-in"

    @property
    def socket_mode(self) -> bool:
        """Whether Slack is reached over its socket rather than by signed requests."""
        return self.slack_app_token is not None

    @property
    def set_up_code_required(self) -> bool:
        return self.set_up_code != "off"

    @property
    def mail_sender(self) -> str:
        """From whom e-mails come: what the URL says, else `rekey` at the public host."""
        named = self.smtp_url.sender if self.smtp_url else None
        host = urlsplit(self.public_url).hostname or ""
        return named or f"rekey@{'localhost' if values.is_address(host) else host}"

    def missing(self, *needs: Need) -> tuple[str, ...]:
        """Return one line for each setting that is needed and absent."""
        return _missing({setting_name(f) for f in self.model_fields_set}, needs)

    def require(self, *needs: Need) -> None:
        """Raise a `SettingsError` that names every setting that is needed and absent."""
        if missing := self.missing(*needs):
            raise SettingsError(missing)


_FIELDS = {setting_name(field): field for field in Settings.model_fields}
NAMES = {name: field for name, field in _FIELDS.items() if field != "directories"}
"""Every setting that can stand in the environment, by its name there, with its field."""


def settings_of(
    given: Mapping[str, object],
    *needs: Need,
    labels: Mapping[str, str] | None = None,
    faults: Iterable[str] = (),
) -> Settings:
    """Make settings of these values alone, by name; the environment is not looked at.

    An empty value counts as not set. Raises a `SettingsError` that tells all faults at once, those
    that are known already and what `needs` misses among them, each by its label if it has one.
    """
    labels = labels or {}
    told = list(faults)
    known = {name: value for name, value in given.items() if name in _FIELDS and not blank(value)}
    try:
        settings = Settings.model_validate(known)
    except ValidationError as error:
        reasons = {str(fault["loc"][0]): _reason(fault) for fault in error.errors()}
        told += [f"{labels.get(name, name)}: {reason}" for name, reason in reasons.items()]
    told += _missing(known.keys() | labels.keys(), needs)
    if told:  # raised out here, so that it carries no error that knows the values
        raise SettingsError(told)
    return settings


def blank(value: object) -> bool:
    """Whether that counts as not set."""
    return isinstance(value, str) and not value.strip()


def _missing(given: AbstractSet[str], needs: Collection[Need]) -> tuple[str, ...]:
    """Name what is needed and not given."""
    lines = []
    if Need.SLACK in needs and "SLACK_BOT_TOKEN" not in given:
        lines.append("SLACK_BOT_TOKEN: is missing")
    if Need.SLACK in needs and not {"SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN"} & given:
        lines.append("SLACK_SIGNING_SECRET: is missing; or set SLACK_APP_TOKEN for Socket Mode")
    if Need.KEYS in needs and "REKEY_SECRET_KEYS" not in given:
        lines.append("REKEY_SECRET_KEYS: is missing")
    return tuple(lines)


def _reason(fault: ErrorDetails) -> str:
    """Say what is wrong in our words."""
    said = str(fault["ctx"]["error"]) if fault["type"] == "value_error" else ""
    return said or f"must be {_MUST_BE[_FIELDS[str(fault['loc'][0])]]}"
