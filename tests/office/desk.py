"""The sample people over any store, every service, and the acts that tests begin with."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.directories.embedded import EmbeddedDirectory
from bot.domain.model.cases import Case, CaseState, Proof
from bot.domain.model.errors import DirectoryUnavailableError
from bot.domain.model.ids import CaseId, ContactId
from bot.domain.model.people import Role, SuspensionCause
from bot.domain.model.pressed import Pressed
from bot.domain.model.reset_form import FilledForm, Named, ResetForm
from bot.domain.model.roster import ChangeKind, RosterChange, RosterContact
from bot.domain.model.views import CaseView
from bot.domain.ports.directory import Directory
from bot.domain.ports.passwords import Passwords
from bot.domain.ports.unit_of_work import UnitOfWork, UnitOfWorkFactory
from tests.fakes import (
    ACME,
    FakeDatabase,
    FakePasswords,
    FixedClock,
    Person,
    World,
    a_case,
    a_suspension,
    seed,
)
from tests.office.services import PEPPER, AllServices, default_terms, ports_over
from tests.office.sight import Sight

CONFIRM_WITHIN = timedelta(minutes=5)
REMIND_AFTER = (timedelta(days=1), timedelta(days=3), timedelta(days=7))
SUSPEND_AFTER = timedelta(days=14)
AUDIT_CHANNEL = "C01AUDIT"
ALERT_AFTER = 2


class Company(Sight, AllServices):
    """Every service, over a store into which the sample people are put.

    Services may be given units of work of their own; `terms` change the settings.
    """

    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory,
        *,
        snapshot: UnitOfWorkFactory | None = None,
        services_use: UnitOfWorkFactory | None = None,
        passwords: Passwords | None = None,
        pepper: bytes = PEPPER,
        **terms: Any,
    ) -> None:
        self.unit_of_work = unit_of_work
        self.look = snapshot or unit_of_work
        self.clock = FixedClock()
        self.passwords: Passwords = passwords or FakePasswords()
        self.world: World = seed(unit_of_work, passwords=passwords)
        self.carol, self.alice, self.alan, self.bob, self.dana = self.world.people
        self.workspace = self.world.workspace()
        self.make_directory: Any = lambda uow: EmbeddedDirectory(uow, clock=self.clock)
        ports = ports_over(
            services_use or unit_of_work,
            snapshot=snapshot,
            clock=self.clock,
            workspace=self.workspace,
            passwords=self.passwords,
            directory=self._directory,
            key_for=lambda _: pepper,
        )
        super().__init__(ports, default_terms(**terms))

    def _directory(self, uow: UnitOfWork) -> Directory:
        directory: Directory = self.make_directory(uow)
        return directory

    def store(self, act: Callable[[UnitOfWork], object]) -> None:
        """Commit what no service does by itself."""
        with self.unit_of_work() as uow:
            act(uow)
            uow.commit()

    def suspend_for(
        self, cause: SuspensionCause, person: Person, *, case_id: CaseId | None = None
    ) -> None:
        self.store(
            lambda uow: uow.suspensions.add(a_suspension(person.id, cause=cause, case_id=case_id))
        )

    def strip(self, person: Person) -> None:
        """Take every authenticator from somebody; a set-up is not required by that."""
        self.store(lambda uow: uow.authenticators.invalidate_all(person.id, now=self.clock.now()))

    def require_set_up(self, person: Person, *, required: bool = True) -> None:
        self.store(lambda uow: uow.contacts.set_set_up_required(person.id, required=required))


class Desk(Company):
    """A help desk: what an admin asks for and answers in Slack."""

    def __init__(
        self,
        *,
        audit_channel: str | None = AUDIT_CHANNEL,
        ticket_pattern: str | None = None,
        request_channel: str | None = None,
        **terms: Any,
    ) -> None:
        self.database = FakeDatabase()
        super().__init__(
            self.database.unit_of_work,
            snapshot=self.database.snapshot,
            audit_channel=audit_channel,
            alert_after=ALERT_AFTER,
            ticket_pattern=re.compile(ticket_pattern) if ticket_pattern else None,
            request_channel=request_channel,
            **terms,
        )

    def add_case(self, state: CaseState = CaseState.COMPLETED, **fields: Any) -> Case:
        """Store a case of Bob's, for which Alice asked; one is completed now."""
        values: dict[str, Any] = {
            "subscriber_id": self.world.bob.id,
            "admin_id": self.world.alice.id,
            "completed_at": self.clock.now() if state is CaseState.COMPLETED else None,
        }
        case = a_case(state=state, **(values | fields))
        with self.unit_of_work() as uow:
            assert uow.cases.add(case)
            uow.commit()
        return case

    def hire(self, *usernames: str) -> None:
        """Add members of Acme who are not in Slack."""
        contacts = [
            RosterContact(
                id=None,
                email=f"{username}@acme.example",
                username=username,
                name=username.title(),
                phone=None,
                manager=None,
                slack=None,
                roles={ACME.id: Role.MEMBER},
            )
            for username in usernames
        ]
        changes = [RosterChange(kind=ChangeKind.CONTACT_ADDED, contact=each) for each in contacts]
        self.store(lambda uow: list(uow.roster.apply(changes, now=self.clock.now())))

    def give_only(self, person: Person, **roles: Role) -> None:
        """Give somebody these roles in place of theirs."""
        self.database.remove("memberships", contact_id=person.id)
        self.database.give(person.id, **roles)

    def prepare(self, admin: Person, subscriber: Person) -> ResetForm | CaseView:
        return self.asking.prepare(
            admin.slack, Named(slack_user=subscriber.slack.user), response_url="https://hooks/1"
        )

    def request(
        self, admin: Person, subscriber: Person, *, code: str | None = None, **changes: Any
    ) -> CaseView:
        values: dict[str, Any] = {
            "subscriber": Named(slack_user=subscriber.slack.user),
            "account_id": None,
            "proof": Proof.VIDEO,
            "reason": "Lost the phone",
            "ticket": None,
            "code": code or admin.code(self.clock),
        }
        request = FilledForm(**(values | changes))
        return self.asking.request(admin.slack, request, response_url="https://hooks/1")

    def confirm(self, admin: Person, case_id: CaseId) -> Case:
        return self.deciding.confirm(
            Pressed(actor=admin.slack, value=case_id, response_url="https://hooks/2")
        )

    def decline(self, admin: Person, case_id: CaseId) -> Case:
        return self.deciding.decline(
            Pressed(actor=admin.slack, value=case_id, response_url="https://hooks/2")
        )

    def reset(self, admin: Person, subscriber: Person) -> Case:
        """Ask and confirm; the admin's next code is a step later."""
        case = self.confirm(admin, self.request(admin, subscriber).case.id)
        self.clock.advance(timedelta(seconds=60))
        return case


def silence_about(monkeypatch: pytest.MonkeyPatch, contact_id: ContactId) -> None:
    """Have the directory answer nothing about that contact alone."""
    asked = EmbeddedDirectory.set_up_required

    def set_up_required(directory: EmbeddedDirectory, about: ContactId) -> bool:
        if about == contact_id:
            raise DirectoryUnavailableError
        return asked(directory, about)

    monkeypatch.setattr(EmbeddedDirectory, "set_up_required", set_up_required)
