"""The settings, as an operator gives them and gets them wrong."""

import base64
import errno
import re
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.settings.loading import load_settings
from bot.settings.settings import (
    NAMES,
    Need,
    SettingsError,
    settings_of,
)

FIRST, SECOND = bytes(range(32)), bytes(range(1, 33))
KEYS = ",".join(base64.b64encode(key).decode() for key in (FIRST, SECOND))
SERVED = {
    "SLACK_BOT_TOKEN": "xoxb-made-up",
    "SLACK_SIGNING_SECRET": "made-up-signing",
    "REKEY_SECRET_KEYS": KEYS,
}


def faults_of(given: dict[str, str], *needs: Need) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        settings_of(given, *needs)
    assert str(caught.value) == "\n".join(caught.value.faults)
    return caught.value.faults


def names_of(faults: tuple[str, ...]) -> list[str]:
    return [fault.partition(": ")[0] for fault in faults]


class TestDefaults:
    def test_are_those_of_the_contract(self) -> None:
        settings = settings_of({})
        assert settings.slack_api_url == "https://slack.com/api/"
        assert settings.database_url.get_secret_value() == "sqlite:///var/rekey.db"
        assert settings.listen == ("127.0.0.1", 3000)
        assert settings.public_url == "http://127.0.0.1:3000"
        assert settings.issuer == "Rekey Portal"
        assert settings.directories == {"portal": "embedded"}
        assert settings.confirm_within == timedelta(minutes=5)
        assert settings.remind_after == (timedelta(days=1), timedelta(days=3), timedelta(days=7))
        assert settings.suspend_after == timedelta(days=14)
        assert settings.sweep_every == timedelta(minutes=1)
        assert settings.set_up_code_required
        assert settings.alert_after == 5

    def test_leave_everything_else_unset(self) -> None:
        settings = settings_of({})
        assert settings.secret_keys.get_secret_value() == ()
        assert settings.trusted_proxies == ()
        unset = {name for name, value in settings if value is None}
        assert unset == {
            "slack_bot_token",
            "slack_signing_secret",
            "slack_app_token",
            "metrics_token",
            "ticket_pattern",
            "audit_channel",
            "request_channel",
            "help_contact",
            "config",
            "smtp_url",
        }


class TestValues:
    @pytest.mark.parametrize(
        ("name", "text", "value"),
        [
            ("REKEY_CONFIRM_WITHIN", "PT1H2M3.5S", timedelta(hours=1, minutes=2, seconds=3.5)),
            ("REKEY_REMIND_AFTER", "PT4S, P1DT12H, P2W",
             (timedelta(seconds=4), timedelta(days=1.5), timedelta(weeks=2))),
            ("REKEY_SUSPEND_AFTER", "never", None),
            ("REKEY_LISTEN", "0.0.0.0:80", ("0.0.0.0", 80)),  # noqa: S104  # read, not listened on
            ("REKEY_LISTEN", "[::1]:0", ("::1", 0)),
            ("REKEY_LISTEN", "localhost:65535", ("localhost", 65535)),
            ("SLACK_API_URL", "http://127.0.0.1:8080/api", "http://127.0.0.1:8080/api/"),
            ("REKEY_TRUSTED_PROXIES", "10.0.0.7, fd00::/8",
             (ip_network("10.0.0.7/32"), ip_network("fd00::/8"))),
            ("REKEY_HELP_CONTACT", " the help desk, 0100 ", "the help desk, 0100"),
            ("REKEY_ALERT_AFTER", " 999 ", 999),
            ("REKEY_TICKET_PATTERN", r"HD-\d+", re.compile(r"HD-\d+")),
            ("REKEY_AUDIT_CHANNEL", "C012ABC", "C012ABC"),
            ("REKEY_REQUEST_CHANNEL", "#resets", "#resets"),
        ],
    )  # fmt: skip
    def test_a_value_is_read(self, name: str, text: str, value: object) -> None:
        field = name.removeprefix("REKEY_").lower()
        assert getattr(settings_of({name: text}), field) == value

    def test_keys_keep_their_order(self) -> None:
        settings = settings_of({"REKEY_SECRET_KEYS": KEYS.replace(",", " , ")})
        assert settings.secret_keys.get_secret_value() == (FIRST, SECOND)

    @pytest.mark.parametrize(
        ("text", "url", "secure"),
        [
            ("https://rekey.example/", "https://rekey.example", True),
            ("https://rekey.example:8443", "https://rekey.example:8443", True),
            ("http://localhost:3000", "http://localhost:3000", False),
            ("http://127.8.9.1", "http://127.8.9.1", False),
            ("http://[::1]:3000/", "http://[::1]:3000", False),
        ],
    )
    def test_public_url_decides_on_cookies(self, text: str, url: str, *, secure: bool) -> None:
        settings = settings_of({"REKEY_PUBLIC_URL": text})
        assert (settings.public_url, settings.secure_cookies) == (url, secure)

    def test_the_set_up_code_can_be_off_and_the_database_elsewhere(self) -> None:
        url = "postgresql+psycopg://rekey:made-up@db/rekey"
        settings = settings_of({"REKEY_SET_UP_CODE": "off", "REKEY_DATABASE_URL": url})
        assert not settings.set_up_code_required
        assert settings.database_url.get_secret_value() == url

    def test_settings_cannot_be_changed(self) -> None:
        settings = settings_of({})
        with pytest.raises(ValidationError):
            settings.issuer = "Other"
        assert settings.issuer == "Rekey Portal"

    def test_no_repr_shows_a_secret(self) -> None:
        settings = settings_of(
            {
                **SERVED,
                "SLACK_APP_TOKEN": "xapp-made-up",
                "REKEY_METRICS_TOKEN": "made-up",
                "REKEY_DATABASE_URL": "postgresql+psycopg://rekey:made-up@db/rekey",
                "REKEY_SMTP_URL": "smtps://bot:made-up@mail.example",
            }
        )
        for text in (repr(settings), str(settings), repr(settings.model_dump())):
            assert "made-up" not in text
            assert KEYS[:12] not in text
            assert repr(FIRST)[2:20] not in text


class TestFaults:
    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("SLACK_BOT_TOKEN", "xapp-1-made-up"),
            ("SLACK_BOT_TOKEN", "xoxb-made up"),
            ("SLACK_APP_TOKEN", "xoxb-made-up"),
            ("SLACK_SIGNING_SECRET", "línea"),
            ("SLACK_API_URL", "http://slack.example/api/"),
            ("SLACK_API_URL", "https://"),
            ("SLACK_API_URL", "https://slack.example/api/?x=1"),
            ("REKEY_DATABASE_URL", "mysql://db/rekey"),
            ("REKEY_DATABASE_URL", "sqlite:///:memory:"),
            ("REKEY_DATABASE_URL", "sqlite:///"),
            ("REKEY_SECRET_KEYS", "c2hvcnQ="),
            ("REKEY_SECRET_KEYS", KEYS + ","),
            ("REKEY_SECRET_KEYS", KEYS[:43]),
            ("REKEY_SECRET_KEYS", "!" + KEYS[1:44]),
            ("REKEY_LISTEN", "3000"),
            ("REKEY_LISTEN", "127.0.0.1:65536"),
            ("REKEY_LISTEN", "127.0.0.1:http"),
            ("REKEY_PUBLIC_URL", "http://rekey.example"),
            ("REKEY_PUBLIC_URL", "http://127.0.0.1.example"),
            ("REKEY_PUBLIC_URL", "https://rekey.example/portal"),
            ("REKEY_PUBLIC_URL", "https://somebody@rekey.example"),
            ("REKEY_PUBLIC_URL", "https://rekey.example:0"),
            ("REKEY_PUBLIC_URL", "https://rekey.example:99999"),
            ("REKEY_PUBLIC_URL", "ftp://localhost"),
            ("REKEY_PUBLIC_URL", "rekey.example"),
            ("REKEY_TRUSTED_PROXIES", "10.0.0.1/8"),
            ("REKEY_TRUSTED_PROXIES", "proxy.example"),
            ("REKEY_METRICS_TOKEN", "two words"),
            ("REKEY_ISSUER", "Rekey: Portal"),
            ("REKEY_ISSUER", "R" * 65),
            ("REKEY_CONFIRM_WITHIN", "300"),
            ("REKEY_CONFIRM_WITHIN", "PT0S"),
            ("REKEY_CONFIRM_WITHIN", "P1M"),
            ("REKEY_CONFIRM_WITHIN", "P"),
            ("REKEY_CONFIRM_WITHIN", "P1DT"),
            ("REKEY_CONFIRM_WITHIN", "-PT5M"),
            ("REKEY_CONFIRM_WITHIN", "never"),
            ("REKEY_CONFIRM_WITHIN", f"P{'9' * 20}D"),
            ("REKEY_REMIND_AFTER", "P3D,P1D"),
            ("REKEY_REMIND_AFTER", "P1D,P1D"),
            ("REKEY_REMIND_AFTER", "P1D,,P3D"),
            ("REKEY_SUSPEND_AFTER", "P14"),
            ("REKEY_SWEEP_EVERY", "1 minute"),
            ("REKEY_SET_UP_CODE", "no"),
            ("REKEY_TICKET_PATTERN", "HD-("),
            ("REKEY_ALERT_AFTER", "0"),
            ("REKEY_ALERT_AFTER", "1000"),
            ("REKEY_ALERT_AFTER", "five"),
            ("REKEY_AUDIT_CHANNEL", "audit"),
            ("REKEY_REQUEST_CHANNEL", "U012ABC"),
            ("REKEY_HELP_CONTACT", "two\nlines"),
            ("REKEY_HELP_CONTACT", "x" * 301),
            ("REKEY_SMTP_URL", "mail.example"),
            ("REKEY_SMTP_URL", "https://mail.example"),
            ("REKEY_SMTP_URL", "smtp://mail.example/inbox"),
            ("REKEY_SMTP_URL", "smtp://mail.example#made-up"),
            ("REKEY_SMTP_URL", "smtp://mail.example:0"),
            ("REKEY_SMTP_URL", "smtp://bot@mail.example"),
            ("REKEY_SMTP_URL", "smtp://:made-up@mail.example"),
            ("REKEY_SMTP_URL", "smtp://bot:made%0Aup@mail.example"),
            ("REKEY_SMTP_URL", "smtp://bot:m%C3%A4de-up@mail.example"),
            ("REKEY_SMTP_URL", "smtp://mail.example?from=rekey"),
            ("REKEY_SMTP_URL", "smtp://mail.example?from=re..key@acme.example"),
            ("REKEY_SMTP_URL", "smtp://mail.example?from=rekey@acme.example%0Abcc:x@y.example"),
            ("REKEY_SMTP_URL", "smtp://mail.example?from=a@a.example&from=b@b.example"),
            ("REKEY_SMTP_URL", "smtp://mail.example?starttls=maybe"),
            ("REKEY_SMTP_URL", "smtp://mail.example?tls=never"),
            ("REKEY_SMTP_URL", "smtps://mail.example?starttls=never"),
            ("REKEY_SMTP_URL", "smtp://bot:made-up@mail.example?starttls=never"),
        ],
    )
    def test_a_bad_value_is_named(self, name: str, value: str) -> None:
        faults = faults_of({name: value})
        assert names_of(faults) == [name]
        assert re.search(r": must be \S", faults[0])

    def test_no_value_is_ever_repeated(self) -> None:
        names = set(NAMES)
        faults = faults_of(dict.fromkeys(names, "\nmade-up:(\x00"))
        assert sorted(names_of(faults)) == sorted(names)
        assert "made-up" not in "".join(faults)

    def test_all_are_told_at_once_with_what_is_missing(self) -> None:
        faults = faults_of(
            {"REKEY_LISTEN": "here", "REKEY_SECRET_KEYS": "made-up", "REKEY_PUBLIC_URL": "there"},
            Need.SLACK,
            Need.KEYS,
        )
        assert sorted(names_of(faults)) == [
            "REKEY_LISTEN",
            "REKEY_PUBLIC_URL",
            "REKEY_SECRET_KEYS",
            "SLACK_BOT_TOKEN",
            "SLACK_SIGNING_SECRET",
        ]

    def test_the_error_knows_no_other_that_knows_the_values(self) -> None:
        with pytest.raises(SettingsError) as caught:
            settings_of({"REKEY_SECRET_KEYS": "made-up"})
        assert caught.value.__context__ is None
        assert caught.value.__cause__ is None


class TestNeeds:
    def test_what_is_there_is_enough(self) -> None:
        settings = settings_of(SERVED, Need.SLACK, Need.KEYS)
        assert settings.missing(Need.SLACK, Need.KEYS) == ()
        assert not settings.socket_mode

    def test_socket_mode_needs_no_signing_secret(self) -> None:
        given = {"SLACK_BOT_TOKEN": "xoxb-made-up", "SLACK_APP_TOKEN": "xapp-made-up"}
        assert settings_of(given, Need.SLACK).socket_mode

    def test_a_command_may_ask_later(self) -> None:
        settings = settings_of({"SLACK_BOT_TOKEN": "xoxb-made-up"})
        settings.require()
        with pytest.raises(SettingsError) as caught:
            settings.require(Need.SLACK, Need.KEYS)
        assert names_of(caught.value.faults) == ["SLACK_SIGNING_SECRET", "REKEY_SECRET_KEYS"]

    def test_an_empty_value_counts_as_not_set(self) -> None:
        faults = faults_of({**SERVED, "REKEY_SECRET_KEYS": " ", "REKEY_LISTEN": ""}, Need.KEYS)
        assert names_of(faults) == ["REKEY_SECRET_KEYS"]


class TestLoading:
    @pytest.fixture
    def env_file(self, tmp_path: Path) -> Path:
        path = tmp_path / ".env"
        path.write_text("REKEY_ISSUER=From the file\nREKEY_LISTEN=127.0.0.1:1\nOTHER=1\n", "utf-8")
        return path

    @pytest.mark.parametrize(("given", "port"), [("127.0.0.1:2", 2), ("", 1)])
    def test_the_environment_wins_over_the_file_unless_it_is_empty(
        self, env_file: Path, monkeypatch: pytest.MonkeyPatch, given: str, port: int
    ) -> None:
        monkeypatch.setenv("REKEY_LISTEN", given)
        settings = load_settings(env_file=env_file)
        assert (settings.issuer, settings.listen.port) == ("From the file", port)

    def test_only_the_exact_name_counts(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("listen", "127.0.0.1:2")
        monkeypatch.setenv("rekey_listen", "127.0.0.1:2")
        monkeypatch.setenv("LISTEN", "127.0.0.1:2")
        assert load_settings(env_file=None).listen.port == 3000

    def test_values_given_alone_are_all_there_is(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("REKEY_LISTEN", "127.0.0.1:2")
        assert settings_of({}).listen.port == 3000

    def test_a_file_that_is_no_text_is_a_fault_that_shows_nothing(self, tmp_path: Path) -> None:
        path = tmp_path / ".env"
        path.write_bytes(b"REKEY_ISSUER=made-up\xff\n")
        with pytest.raises(SettingsError) as caught:
            load_settings(env_file=path)
        assert str(caught.value) == f"{path}: cannot be read as UTF-8 text"
        assert caught.value.__context__ is None

    def test_a_file_of_somebody_elses_is_a_fault_that_says_so(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def denied(*_: object, **__: object) -> None:
            raise PermissionError(errno.EACCES, "Permission denied")

        monkeypatch.setattr("bot.settings.loading.dotenv_values", denied)
        with pytest.raises(SettingsError) as caught:
            load_settings(env_file=tmp_path / ".env")
        assert str(caught.value) == f"{tmp_path / '.env'}: cannot be read: Permission denied"

    def test_where_there_is_no_file_only_needs_are_told(self, tmp_path: Path) -> None:
        assert load_settings(env_file=tmp_path / "absent").listen.port == 3000
        with pytest.raises(SettingsError, match="REKEY_SECRET_KEYS: is missing"):
            load_settings(Need.KEYS, env_file=tmp_path / "absent")


def test_names_are_those_of_the_contract() -> None:
    names = set(NAMES)
    assert {"SLACK_BOT_TOKEN", "SLACK_API_URL", "REKEY_LISTEN", "REKEY_SET_UP_CODE"} <= names
    assert all(re.fullmatch(r"(?:SLACK|REKEY)(?:_[A-Z]+)+", name) for name in names)
