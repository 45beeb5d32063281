"""`rekey.toml`: what may stand there, what may not, and which place wins."""

import base64
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from bot.settings.loading import load_settings, repeated_settings
from bot.settings.settings import Need, SettingsError

KEY = base64.b64encode(bytes(range(32))).decode()
SECRET = "hunter2-hunter2"
"""Stands in each bad file below, and in no fault."""

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Stand in a folder of its own, and write `rekey.toml` there."""
    monkeypatch.chdir(tmp_path)

    def write_config(text: str) -> Path:
        (tmp_path / "rekey.toml").write_text(text, "utf-8")
        return tmp_path

    return write_config


def faults(*needs: Need) -> list[str]:
    with pytest.raises(SettingsError) as refused:
        load_settings(*needs)
    assert SECRET not in str(refused.value)
    return list(refused.value.faults)


def test_every_kind_of_value_stands_as_toml_has_it(write: Write) -> None:
    write(
        'remind_after = ["PT1H", "P2D"]\n'
        'trusted_proxies = ["10.0.0.7", "fd00::/8"]\n'
        "alert_after = 7\n"
        "ticket_pattern = 'HD-[0-9]+'\n"
        '[directories.acme]\ntype = "embedded"\n'
    )
    settings = load_settings()
    assert settings.remind_after == (timedelta(hours=1), timedelta(days=2))
    assert [str(network) for network in settings.trusted_proxies] == ["10.0.0.7/32", "fd00::/8"]
    assert settings.alert_after == 7
    assert settings.ticket_pattern is not None
    assert settings.ticket_pattern.fullmatch("HD-42")
    assert settings.directories == {"acme": "embedded"}


def test_without_a_file_there_is_one_directory(write: Write) -> None:
    write("").joinpath("rekey.toml").unlink()
    assert load_settings().directories == {"portal": "embedded"}


def test_another_file_is_read_where_one_is_named(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write('issuer = "Of rekey.toml"').joinpath("other.toml").write_text('issuer = "Other"')
    monkeypatch.setenv("REKEY_CONFIG", "other.toml")
    assert load_settings().issuer == "Other"
    monkeypatch.setenv("REKEY_CONFIG", "missing.toml")
    assert faults() == ["REKEY_CONFIG: names a file that does not exist"]


def test_the_environment_wins_over_the_env_file_and_that_over_toml(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write('issuer = "toml"\nhelp_contact = "toml"\nset_up_code = "off"')
    (folder / ".env").write_text('REKEY_ISSUER=file\nREKEY_HELP_CONTACT="file"\n')
    monkeypatch.setenv("REKEY_ISSUER", "environment")
    settings = load_settings()
    assert (settings.issuer, settings.help_contact) == ("environment", "file")
    assert not settings.set_up_code_required
    assert sorted(repeated_settings()) == [
        "REKEY_HELP_CONTACT: stands in .env and in rekey.toml; .env wins",
        "REKEY_ISSUER: stands in the environment and in .env; the environment wins",
        "REKEY_ISSUER: stands in the environment and in rekey.toml; the environment wins",
    ]


def test_a_secret_comes_from_a_file_beside_it(write: Write) -> None:
    folder = write('secret_keys_file = "keys"\nmetrics_token_file = "token"')
    (folder / "keys").write_text(f"{KEY}\n")
    (folder / "token").write_text(SECRET)
    settings = load_settings()
    assert settings.secret_keys.get_secret_value() == (bytes(range(32)),)
    assert settings.metrics_token is not None
    assert settings.metrics_token.get_secret_value() == SECRET


def test_a_url_without_a_password_is_no_secret(write: Write) -> None:
    write('database_url = "sqlite:///x.db"\nsmtp_url = "smtp://mail.acme.example?from=a@b.example"')
    assert load_settings().database_url.get_secret_value() == "sqlite:///x.db"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('isuer = "x"', ["isuer in rekey.toml: is not a setting; the nearest is issuer"]),
        (
            "[directorys.a]",
            ["directorys in rekey.toml: is not a setting; the nearest is direct"],
        ),
        ('"is\\nuer" = 1', ["'is\\nuer' in rekey.toml: is not a setting; the nearest is issuer"]),
        ("config = 'x'", ["config in rekey.toml: is not a setting; the nearest is confirm_within"]),
        ("directories = 1", ["directories in rekey.toml: must be one or more tables"]),
        ("[directories.a]", ["directories.a.type in rekey.toml: is missing"]),
        (
            '[directories.a]\ntype = "embeded"\nkind = 1',
            [
                "directories.a.kind in rekey.toml: is not a setting; the nearest is type",
                "directories.a.type in rekey.toml: is not known; the nearest is embedded",
            ],
        ),
        (
            '[directories.a]\ntype = "embedded"\n[directories.b]\ntype = "embedded"',
            ["directories in rekey.toml: only one can be of type embedded"],
        ),
        ('[directories."a b"]', ["directories in rekey.toml: a name must be 1 to 40 letters"]),
        ("issuer = {}", ["issuer in rekey.toml: must be one line of up to 64 characters"]),
        ("alert_after = 0.5", ["alert_after in rekey.toml: must be a whole number from 1 to 999"]),
        ("alert_after = true", ["alert_after in rekey.toml: must be a whole number from 1 to 99"]),
        ("remind_after = [1]", ["remind_after in rekey.toml: must be ISO 8601 durations"]),
        (f'slack_bot_token = "xoxb-{SECRET}"', ["slack_bot_token in rekey.toml: holds a secret"]),
        (f'secret_keys = "{SECRET}"', ["secret_keys in rekey.toml: holds a secret"]),
        (
            f'database_url = "postgresql+psycopg://rekey:{SECRET}@db/rekey"',
            ["database_url in rekey.toml: holds a secret"],
        ),
        (f'smtp_url = "smtps://me:{SECRET}@mail"', ["smtp_url in rekey.toml: holds a secret"]),
        ('metrics_token_file = "gone"', ["metrics_token_file in rekey.toml: names a file that ca"]),
        ("metrics_token_file = 7", ["metrics_token_file in rekey.toml: must be the path of a fi"]),
        (f'issuer = "{SECRET}', ["rekey.toml: is not TOML at line 1, column"]),
        (f'issuer = "a"\nissuer = "{SECRET}"', ["rekey.toml: is not TOML at line 2, column"]),
        ("a" + ".a" * 5000 + " = 1", ["a in rekey.toml: is not a setting; the nearest is "]),
    ],
)
def test_what_cannot_stand_there_is_told_in_one_sentence(
    write: Write, text: str, told: list[str]
) -> None:
    write(text)
    found = faults()
    assert len(found) == len(told), found
    for fault, beginning in zip(found, told, strict=True):
        assert fault.startswith(beginning), fault
        assert "\n" not in fault


def test_a_file_that_is_no_text_is_told(write: Write) -> None:
    write("").joinpath("rekey.toml").write_bytes(b"\xff")
    assert faults() == ["rekey.toml: cannot be read as UTF-8 text"]


def test_a_secret_is_in_one_place(write: Write) -> None:
    folder = write(f'metrics_token_file = "token"\nmetrics_token = "{SECRET}"')
    (folder / "token").write_text(SECRET)
    assert any("stands beside metrics_token_file" in fault for fault in faults())


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("REKEY_ISSUR", "REKEY_ISSUR: is not a setting; the nearest is REKEY_ISSUER"),
        ("REKEY_DIRECTORY", "REKEY_DIRECTORY: is gone; write [directories.NAME] in rekey.toml"),
    ],
)
@pytest.mark.parametrize("place", ["environment", ".env"])
def test_an_unknown_variable_names_the_nearest(
    write: Write, monkeypatch: pytest.MonkeyPatch, name: str, told: str, place: str
) -> None:
    folder = write("")
    if place == ".env":
        (folder / ".env").write_text(f"{name}={SECRET}\n")
    else:
        monkeypatch.setenv(name, SECRET)
    (fault,) = faults()
    assert fault.startswith(told)


def test_what_kubernetes_sets_for_a_service_is_no_setting(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("")
    monkeypatch.setenv("REKEY_SERVICE_HOST", "10.0.0.1")
    monkeypatch.setenv("REKEY_PORT", "tcp://10.0.0.1:3000")
    assert load_settings().issuer == "Rekey Portal"


def test_all_faults_of_all_places_are_told_at_once(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write('isuer = "x"\nalert_after = 0\n[directories.a]')
    monkeypatch.setenv("REKEY_LISTEN", "nowhere")
    monkeypatch.setenv("REKEY_ISSUR", "x")
    names = [fault.partition(":")[0] for fault in faults(Need.KEYS)]
    assert sorted(names) == [
        "REKEY_ISSUR",
        "REKEY_LISTEN",
        "REKEY_SECRET_KEYS",
        "alert_after in rekey.toml",
        "directories.a.type in rekey.toml",
        "isuer in rekey.toml",
    ]
