"""The settings: read from the environment or a `.env` file, all faults told at once, by name.

Nothing here repeats a value that was given, since it may be a secret.
"""

import re
from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AliasGenerator, PlainValidator, Secret, SecretStr, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from bot.settings import values
from bot.settings.mail_server import MailServer, parse_smtp_url
from bot.settings.values import HostAndPort, Network


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


# One validator for the whole of `X | None`: pydantic would tell one fault twice otherwise.
Duration = Annotated[timedelta, PlainValidator(values.parse_duration)]
Token = Annotated[SecretStr | None, PlainValidator(values.parse_token)]
BotToken = Annotated[SecretStr | None, PlainValidator(values.parse_bot_token)]
AppToken = Annotated[SecretStr | None, PlainValidator(values.parse_app_token)]
ApiUrl = Annotated[str, PlainValidator(values.parse_api_url)]
PublicUrl = Annotated[str, PlainValidator(values.parse_public_url)]
DatabaseUrl = Annotated[SecretStr, PlainValidator(values.parse_database_url)]
SmtpUrl = Annotated[MailServer | None, PlainValidator(parse_smtp_url)]
SecretKeys = Annotated[Secret[tuple[bytes, ...]], PlainValidator(values.parse_secret_keys)]
Listen = Annotated[HostAndPort, PlainValidator(values.parse_host_and_port)]
Networks = Annotated[tuple[Network, ...], PlainValidator(values.parse_networks)]
RisingDurations = Annotated[tuple[timedelta, ...], PlainValidator(values.parse_rising_durations)]
DurationOrNever = Annotated[timedelta | None, PlainValidator(values.parse_duration_or_never)]
Pattern = Annotated[re.Pattern[str] | None, PlainValidator(values.parse_pattern)]
Issuer = Annotated[str, PlainValidator(values.parse_issuer)]
Channel = Annotated[str | None, PlainValidator(values.parse_channel)]
Text = Annotated[str | None, PlainValidator(values.parse_text)]
Count = Annotated[int, PlainValidator(values.parse_count)]


class Settings(BaseSettings):
    """Every setting of the contract; secrets are held so that no `repr` shows them.

    Made by `load_settings` or `settings_of`. What a command did not ask for may be absent.
    """

    model_config = SettingsConfigDict(
        alias_generator=AliasGenerator(validation_alias=setting_name),
        case_sensitive=True,
        enable_decoding=False,
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        validate_default=False,
    )

    slack_bot_token: BotToken = None
    slack_signing_secret: Token = None
    slack_app_token: AppToken = None
    slack_api_url: ApiUrl = "https://slack.com/api/"
    database_url: DatabaseUrl = SecretStr("sqlite:///var/rekey.db")
    secret_keys: SecretKeys = Secret(())
    listen: Listen = HostAndPort("127.0.0.1", 3000)
    public_url: PublicUrl = "http://127.0.0.1:3000"
    trusted_proxies: Networks = ()
    metrics_token: Token = None
    issuer: Issuer = "Rekey Portal"
    directory: Literal["embedded"] = "embedded"
    confirm_within: Duration = timedelta(minutes=5)
    remind_after: RisingDurations = (timedelta(days=1), timedelta(days=3), timedelta(days=7))
    suspend_after: DurationOrNever = timedelta(days=14)
    sweep_every: Duration = timedelta(minutes=1)
    set_up_code: Literal["required", "off"] = "required"
    ticket_pattern: Pattern = None
    audit_channel: Channel = None
    alert_after: Count = 5
    request_channel: Channel = None
    help_contact: Text = None
    smtp_url: SmtpUrl = None

    @property
    def secure_cookies(self) -> bool:
        """Whether browsers reach us over https, so that cookies are `__Host-` and Secure."""
        return self.public_url.startswith("https:")

    @property
    def sign_in_url(self) -> str:
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

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read nothing unasked: `load_settings` does the reading, so that it knows what was set."""
        del settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)


def load_settings(*needs: Need, env_file: Path | None = Path(".env")) -> Settings:
    """Read the settings; the environment wins over the file, and an empty value counts as not set.

    Raises a `SettingsError` that tells all faults at once, among them what `needs` misses.
    """
    fault = None
    try:
        given = {
            **DotEnvSettingsSource(Settings, env_file=env_file)(),
            **EnvSettingsSource(Settings)(),
        }
    except OSError as unreadable:
        fault = f"{env_file}: cannot be read: {unreadable.strerror}"
    except UnicodeDecodeError:
        fault = f"{env_file}: cannot be read as UTF-8 text"
    if fault:  # raised out here, so that it carries no error that knows the values
        raise SettingsError([fault])
    return settings_of(given, *needs)


def settings_of(given: Mapping[str, str], *needs: Need) -> Settings:
    """Make settings of these values alone, by name; the environment is not looked at.

    Raises a `SettingsError` as `load_settings` does.
    """
    known = {setting_name(field) for field in Settings.model_fields}
    given = {name: value for name, value in given.items() if name in known and value.strip()}
    faults: list[str] = []
    try:
        settings = Settings.model_validate(given)
    except ValidationError as error:
        faults = [f"{fault['loc'][0]}: {_reason(fault)}" for fault in error.errors()]
    faults += _missing(given.keys(), needs)
    if faults:  # raised out here, so that it carries no error that knows the values
        raise SettingsError(faults)
    return settings


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
    """Say what is wrong, in our words where pydantic's would name the language's own notions."""
    if fault["type"] == "literal_error":
        return f"must be {fault['ctx']['expected'].replace(chr(39), '')}"
    return str(fault["ctx"]["error"])
