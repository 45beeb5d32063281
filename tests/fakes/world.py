"""Sample people, to be seeded into any store.

Acme (2FA required): Carol is its owner, Alice and Alan are administrators, Bob is a member.
Globex (2FA optional): Dana is its owner, Bob a member there too. All but Dana have an active
authenticator; everybody has a Slack identity and the password `correct horse <user name>`.
"""

from dataclasses import dataclass
from datetime import timedelta

from bot.domain.model.ids import AccountId, AuthenticatorId, ContactId
from bot.domain.model.people import (
    Account,
    AuthenticatorState,
    Member,
    Role,
    SlackIdentity,
    TwoFactor,
)
from bot.domain.model.roster import ChangeKind, RosterChange, RosterContact
from bot.domain.ports.passwords import Passwords
from bot.domain.ports.unit_of_work import UnitOfWork, UnitOfWorkFactory
from bot.domain.proving import totp
from tests.fakes.builders import a_member, a_slack_identity, an_account, an_authenticator
from tests.fakes.database import FakeDatabase
from tests.fakes.outside import NOON, FakePasswords, FakeWorkspace, FixedClock
from tests.secrecy import CODE, PASSWORD, SECRETS, SHARED_SECRET

ACME = an_account("acme", name="Acme Ltd", two_factor=TwoFactor.REQUIRED)
GLOBEX = an_account("globex", name="Globex Inc", two_factor=TwoFactor.OPTIONAL)

_BOUND_AT = NOON - timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One of the sample people, with what only they know."""

    id: ContactId
    username: str
    name: str
    email: str
    slack: SlackIdentity
    password: str
    secret: str | None
    authenticator_id: AuthenticatorId | None

    def code(self, clock: FixedClock, *, steps: int = 0) -> str:
        """Return what their app shows, `steps` time steps from now."""
        assert self.secret is not None
        code = totp.code_at(self.secret, totp.step_at(clock.now()) + steps)
        SECRETS.add(CODE, code)
        return code

    @property
    def member(self) -> Member:
        return a_member(self.slack.user)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    acme: Account
    globex: Account
    carol: Person
    alice: Person
    alan: Person
    bob: Person
    dana: Person

    @property
    def people(self) -> tuple[Person, ...]:
        return self.carol, self.alice, self.alan, self.bob, self.dana

    def workspace(self) -> FakeWorkspace:
        """Return a Slack in which all of them are in good standing."""
        return FakeWorkspace(person.member for person in self.people)


_PEOPLE: dict[str, tuple[str, dict[AccountId, Role]]] = {
    "carol": ("Carol Cole", {ACME.id: Role.OWNER}),
    "alice": ("Alice Archer", {ACME.id: Role.ADMINISTRATOR}),
    "alan": ("Alan Ames", {ACME.id: Role.ADMINISTRATOR}),
    "bob": ("Bob Brown", {ACME.id: Role.MEMBER, GLOBEX.id: Role.MEMBER}),
    "dana": ("Dana Drew", {GLOBEX.id: Role.OWNER}),
}
_WITHOUT_AUTHENTICATOR = frozenset({"dana"})


def seed(unit_of_work: UnitOfWorkFactory, *, passwords: Passwords | None = None) -> World:
    """Store the sample people and return what is needed to act as them.

    Passwords are hashed by `passwords`, `FakePasswords` unless told otherwise.
    """
    database = getattr(unit_of_work, "__self__", None)
    if isinstance(database, FakeDatabase) and passwords is None:
        world = database.filled(_fill)
    else:
        world = _fill(unit_of_work, passwords)
    for person in world.people:
        SECRETS.add(SHARED_SECRET, person.secret)
        SECRETS.add(PASSWORD, person.password)
    return world


def _fill(unit_of_work: UnitOfWorkFactory, passwords: Passwords | None = None) -> World:
    hashing = passwords or FakePasswords()
    hashes = {username: hashing.hash(_password(username)) for username in _PEOPLE}
    with unit_of_work() as uow:
        for _ in uow.roster.apply(_changes(), now=_BOUND_AT):
            pass
        people = {
            username: _settle(uow, username, password_hash=hashes[username]) for username in _PEOPLE
        }
        uow.commit()
    return World(acme=ACME, globex=GLOBEX, **people)


def _changes() -> list[RosterChange]:
    accounts = [
        RosterChange(kind=ChangeKind.ACCOUNT_ADDED, account=account) for account in (ACME, GLOBEX)
    ]
    contacts = [
        RosterChange(
            kind=ChangeKind.CONTACT_ADDED,
            contact=RosterContact(
                id=None,
                email=f"{username}@acme.example",
                username=username,
                name=name,
                phone="+44 20 7946 0100",
                manager=None if username == "carol" else "carol@acme.example",
                slack=_slack(username),
                roles=roles,
            ),
        )
        for username, (name, roles) in _PEOPLE.items()
    ]
    return accounts + contacts


def _settle(uow: UnitOfWork, username: str, *, password_hash: str) -> Person:
    contact = uow.contacts.by_username(username)
    assert contact is not None
    uow.contacts.set_password(contact.id, password_hash, must_change=False)
    has_one = username not in _WITHOUT_AUTHENTICATOR
    secret = totp.new_shared_secret() if has_one else None
    return Person(
        id=contact.id,
        username=username,
        name=contact.name,
        email=contact.email,
        slack=_slack(username),
        password=_password(username),
        secret=secret,
        authenticator_id=bind(uow, contact.id, secret) if secret else None,
    )


def bind(uow: UnitOfWork, contact_id: ContactId, secret: str) -> AuthenticatorId:
    """Bind an authenticator as if it had been done three months ago."""
    pending = an_authenticator(contact_id, state=AuthenticatorState.PENDING, created_at=_BOUND_AT)
    uow.authenticators.add(pending, shared_secret=secret)
    uow.authenticators.activate(pending.id, step=totp.step_at(_BOUND_AT), now=_BOUND_AT)
    return pending.id


def _slack(username: str) -> SlackIdentity:
    return a_slack_identity(f"U01{username.upper()}")


def _password(username: str) -> str:
    return f"correct horse {username}"
