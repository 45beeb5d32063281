"""The sample people: who they are in the directory and in Slack, and what only they know."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from argon2 import PasswordHasher

from bot.domain.model.ids import AccountId
from bot.domain.model.people import Account, Operator, Role, SlackIdentity, TwoFactor
from bot.domain.model.roster import RosterContact
from bot.domain.operator.import_plan import FileAccount, FileContact, RosterFile
from bot.domain.ports.unit_of_work import UnitOfWork
from bot.domain.proving import totp
from bot.domain.set_up.first_codes import add_pending
from bot.wiring.operator import OperatorServices
from bot.wiring.ports import Ports, Terms

TEAM = "T0PLAYGRND"
OTHER_TEAM = "T0ELSEWHERE"
PHONE = "+44 20 7946 0100"

_ACME, _GLOBEX, _INITECH = AccountId("acme"), AccountId("globex"), AccountId("initech")
ACCOUNTS = (
    Account(id=_ACME, name="Acme Ltd", two_factor=TwoFactor.REQUIRED),
    Account(id=_GLOBEX, name="Globex Inc", two_factor=TwoFactor.OPTIONAL),
    Account(id=_INITECH, name="Initech GmbH", two_factor=TwoFactor.OPTIONAL),
)
_ENROLLED_FOR = timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplePerson:
    """One of them; `handle` is also the user name. Without `roles` they are no contact at all."""

    handle: str
    name: str
    note: str = ""
    domain: str = "acme.example"
    roles: Mapping[AccountId, Role] = field(default_factory=dict)
    flags: Mapping[str, Any] = field(default_factory=dict)
    enrolled: bool = True
    manager: str | None = "carol@acme.example"

    @property
    def email(self) -> str:
        return f"{self.handle}@{self.domain}"

    @property
    def slack_user(self) -> str:
        return f"U0{self.handle.upper()}"

    @property
    def password(self) -> str:
        """Public, as everything about sample people is."""
        return f"correct horse {self.handle}"

    @property
    def standing(self) -> str:
        """Every role, account by account."""
        names = {account.id: account.name for account in ACCOUNTS}
        return "\n".join(f"{role} of {names[account]}" for account, role in self.roles.items())


PEOPLE = (
    SamplePerson(handle="carol", name="Carol Cole", roles={_ACME: Role.OWNER}, manager=None),
    SamplePerson(handle="alice", name="Alice Archer", roles={_ACME: Role.ADMINISTRATOR}),
    SamplePerson(handle="alan", name="Alan Ames", roles={_ACME: Role.ADMINISTRATOR}),
    SamplePerson(handle="bob", name="Bob Brown", roles={_ACME: Role.MEMBER, _GLOBEX: Role.MEMBER}),
    SamplePerson(
        handle="erin",
        name="Erin Evans",
        note="has not set up 2FA yet",
        roles={_ACME: Role.MEMBER},
        enrolled=False,
    ),
    SamplePerson(
        handle="dana",
        name="Dana Drew",
        domain="globex.example",
        roles={_GLOBEX: Role.OWNER, _ACME: Role.MEMBER},
        manager=None,
    ),
    SamplePerson(
        handle="ivan",
        name="Ivan Ivers",
        domain="initech.example",
        roles={_INITECH: Role.OWNER},
        manager=None,
    ),
    SamplePerson(
        handle="gus",
        name="Gus Guest",
        note="a guest in Slack",
        roles={_ACME: Role.MEMBER},
        flags={"is_restricted": True},
    ),
    SamplePerson(
        handle="dora",
        name="Dora Gone",
        note="deactivated in Slack",
        roles={_ACME: Role.MEMBER},
        flags={"deleted": True},
    ),
    SamplePerson(
        handle="xavier",
        name="Xavier Extern",
        note="of another workspace",
        domain="elsewhere.example",
        flags={"team_id": OTHER_TEAM, "is_stranger": True},
    ),
    SamplePerson(handle="robo", name="Robo Deploy", note="a bot", flags={"is_bot": True}),
)
BY_HANDLE: Mapping[str, SamplePerson] = {person.handle: person for person in PEOPLE}


def seed(ports: Ports, terms: Terms) -> None:
    """Import them as an operator would, unannounced; give them passwords and authenticators."""
    OperatorServices(ports, replace(terms, audit_channel=None)).imports.run(
        roster_file,
        prune=False,
        operator=Operator(user="playground", host="localhost"),
        origin={"file": "the sample people"},
    )
    contacts = [person for person in PEOPLE if person.roles]
    # These passwords are shown on the screen: a slow hash would guard nothing, and cost seconds.
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    hashes = {person.handle: quick.hash(person.password) for person in contacts}
    enrolled_at = ports.clock.now() - _ENROLLED_FOR
    with ports.unit_of_work() as uow:
        for person in contacts:
            _equip(uow, person, password_hash=hashes[person.handle], enrolled_at=enrolled_at)
        uow.commit()


def roster_file() -> RosterFile:
    """Return them as an import file would hold them."""
    contacts = [person for person in PEOPLE if person.roles]
    return RosterFile(
        accounts=tuple(
            FileAccount(line=line, account=account) for line, account in enumerate(ACCOUNTS, 1)
        ),
        contacts=tuple(
            FileContact(
                line=line,
                contact=_contact(person),
                role_lines=dict.fromkeys(person.roles, line),
            )
            for line, person in enumerate(contacts, len(ACCOUNTS) + 1)
        ),
    )


def _contact(person: SamplePerson) -> RosterContact:
    return RosterContact(
        id=None,
        email=person.email,
        username=person.handle,
        name=person.name,
        phone=PHONE,
        manager=person.manager,
        slack=SlackIdentity(enterprise=None, team=TEAM, user=person.slack_user),
        roles=person.roles,
    )


def _equip(
    uow: UnitOfWork, person: SamplePerson, *, password_hash: str, enrolled_at: datetime
) -> None:
    contact = uow.contacts.by_email(person.email)
    if contact is None:
        raise LookupError(f"{person.email} was not imported")
    uow.contacts.set_password(contact.id, password_hash, must_change=False)
    if not person.enrolled:
        return
    pending = add_pending(uow, contact.id, now=enrolled_at)
    uow.authenticators.activate(pending.id, step=totp.step_at(enrolled_at), now=enrolled_at)
