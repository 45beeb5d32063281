"""What `rekey doctor` looks at on this machine: settings, database, keys, people."""

from collections.abc import Generator, Iterator
from pathlib import Path

from bot.cli.console import listed, most_shown, standard_output
from bot.cli.findings import Finding, fail, ok, warn
from bot.cli.importing import cover_sentence
from bot.cli.mail_checks import mail_checks
from bot.cli.slack_checks import slack_checks
from bot.cli.tools import database_file
from bot.clock import SystemClock
from bot.domain.model.people import Contact, Role
from bot.domain.model.roster import Roster
from bot.domain.ports.unit_of_work import UnitOfWork
from bot.domain.standing.lockout_risk import weakly_covered
from bot.settings.loading import load_settings, repeated_settings
from bot.settings.settings import Need, Settings, SettingsError
from bot.settings.values import is_loopback
from storage.database import Database
from storage.errors import StorageError

_OTHERS = 0o077


def every_check() -> Iterator[Finding]:
    """Make every check that the settings allow, in turn."""
    try:
        settings = load_settings()
    except SettingsError as unfit:
        yield from (fail(fault) for fault in unfit.faults)
        return
    missing = settings.missing(Need.SLACK, Need.KEYS)
    yield from (fail(fault) for fault in missing)
    if not missing:
        yield ok("settings: all that serve needs")
    yield from (warn(line) for line in repeated_settings())
    yield from _advice(settings)
    roster = yield from _database(settings)
    yield from slack_checks(settings, SystemClock(), roster)


def _advice(settings: Settings) -> Iterator[Finding]:
    """Say what works and might be better."""
    if settings.secure_cookies:
        yield ok("REKEY_PUBLIC_URL: https")
        if is_loopback(settings.listen.host) and not settings.trusted_proxies:
            yield warn(
                "REKEY_TRUSTED_PROXIES: not set, so every sign-in seems to come from the proxy"
            )
    else:
        yield warn("REKEY_PUBLIC_URL: only this machine's browsers reach it")
    if not settings.set_up_code_required:
        yield warn("REKEY_SET_UP_CODE: off, so a password alone lets somebody set 2FA up")
    yield from mail_checks(settings)
    if settings.help_contact is None:
        yield warn("REKEY_HELP_CONTACT: not set, so messages cannot say whom to call")
    env_file = Path(".env")
    if env_file.exists() and env_file.stat().st_mode & _OTHERS:
        yield warn(".env: others than its owner can read it")


def _database(settings: Settings) -> Generator[Finding, None, Roster | None]:
    """Look at the database without migrating it; return the roster, where it can be read."""
    file = database_file(settings)
    if file is not None:
        if not file.exists():
            yield fail(f"database: there is none at {file}; rekey db upgrade makes it")
            return None
        if file.stat().st_mode & _OTHERS:  # looked at first, since opening puts it right
            yield fail(f"database: others than its owner could read {file}; now they cannot")
    try:
        database = Database(
            settings.database_url.get_secret_value(),
            secret_keys=settings.secret_keys.get_secret_value(),
        )
        if not database.is_current():
            database.refuse_newer()
            yield fail("database: of an older version of Rekey; rekey db upgrade migrates it")
            return None
        yield ok("database: migrated")
        with database.snapshot() as uow:
            roster = uow.roster.read()
            yield from _keys(uow, settings)
            for name, kind in settings.directories.items():
                yield ok(f"directory {name}: {kind}, and it answers")
            yield from _people(uow, roster)
    except StorageError as unusable:
        yield fail(f"database: {unusable}")
        return None
    return roster


def _keys(uow: UnitOfWork, settings: Settings) -> Iterator[Finding]:
    """Try the keys on every shared secret, and say whether an old key may go."""
    if not settings.secret_keys.get_secret_value():
        return
    use = uow.authenticators.key_use()
    if use.lost:
        yield fail(f"keys: no key fits {_many(use.lost, 'shared secret')}")
    if use.older:
        are = "is" if use.older == 1 else "are"
        secrets = _many(use.older, "shared secret")
        yield warn(f"keys: {secrets} {are} under an older key; run rekey keys rotate")
    if not use.lost and not use.older:
        tried = "they decrypt what is stored" if use.current else "no shared secret to try them on"
        yield ok(f"keys: {tried}")


def _admins(uow: UnitOfWork, roster: Roster) -> tuple[Contact, ...]:
    return uow.contacts.with_role(tuple(roster.accounts), at_least=Role.ADMINISTRATOR)


def _many(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _people(uow: UnitOfWork, roster: Roster) -> Iterator[Finding]:
    people = [contact for contact in roster.contacts.values() if contact.roles]
    unbound = [contact.email for contact in people if contact.slack is None]
    accounts = _many(len(roster.accounts), "account")
    yield ok(f"people: {_many(len(people), 'contact')} in {accounts}")
    if unbound:
        who = listed(unbound, standard_output())
        contacts = _many(len(unbound), "contact")
        yield warn(f"people: {contacts} without a Slack identity: {who}")
    if not _admins(uow, roster):
        yield fail("people: nobody administers an account, so nobody can reset anybody")
    weak = weakly_covered(uow, roster.accounts)
    shown = weak[: most_shown(standard_output())]
    for contact, number in shown:
        yield warn(f"people: {cover_sentence(contact, number)}")
    if more := len(weak) - len(shown):
        yield warn(f"people: … and {more} more whom fewer than two can reset")
