"""Finding contacts by name or e-mail."""

import pytest

from bot.domain.desk.searching import MOST_FOUND
from bot.domain.model.ids import ContactId
from bot.domain.model.people import Role
from bot.domain.model.roster import ChangeKind, RosterChange, RosterContact
from bot.domain.proving import totp
from tests.fakes import (
    NOON,
    FakeDatabase,
    FixedClock,
    Person,
    a_member,
    a_slack_identity,
    a_suspension,
    bind,
    seed,
)
from tests.office.services import services_over


class TestSearching:
    @pytest.fixture(autouse=True)
    def _world(self) -> None:
        self.database = FakeDatabase()
        self.world = seed(self.database.unit_of_work)
        self.workspace = self.world.workspace()
        self.service = services_over(
            self.database.unit_of_work, clock=FixedClock(), workspace=self.workspace
        ).search

    def found(self, actor: Person, words: str) -> list[str]:
        return [contact.username for contact in self.service.search(actor.slack, words)]

    def test_finds_by_name_user_name_and_e_mail(self) -> None:
        assert self.found(self.world.alice, "Brown") == ["bob"]
        assert self.found(self.world.alice, "BOB@") == ["bob"]

    def test_finds_people_of_the_accounts_that_the_actor_administers_alone(self) -> None:
        assert self.found(self.world.alice, "acme.example") == ["alan", "bob", "carol"]
        self.enrol(self.world.dana)
        assert self.found(self.world.dana, "acme.example") == ["bob"]

    def test_an_owner_without_an_authenticator_finds_nobody(self) -> None:
        assert self.found(self.world.dana, "bob") == []

    def test_finds_those_who_are_not_in_slack(self) -> None:
        self.hire("zoe")
        assert self.found(self.world.alice, "zoe") == ["zoe"]

    def test_never_finds_the_actor(self) -> None:
        assert self.found(self.world.alice, "alice") == []

    def test_finds_twenty_at_most(self) -> None:
        for number in range(MOST_FOUND + 1):
            self.hire(f"aa{number:02}")
        assert len(self.found(self.world.alice, "")) == MOST_FOUND
        assert "alice" not in self.found(self.world.alice, "al")

    def test_a_member_finds_nobody(self) -> None:
        assert self.found(self.world.bob, "alice") == []

    def test_a_stranger_finds_nobody(self) -> None:
        self.workspace.members["U01STRANGER"] = a_member("U01STRANGER")
        assert self.service.search(a_slack_identity("U01STRANGER"), "bob") == ()

    def test_a_suspended_administrator_finds_nobody(self) -> None:
        with self.database.unit_of_work() as uow:
            uow.suspensions.add(a_suspension(self.world.alice.id))
            uow.commit()
        assert self.found(self.world.alice, "bob") == []

    def test_whom_slack_has_deactivated_finds_nobody(self) -> None:
        self.workspace.deactivate(self.world.alice.slack.user)
        assert self.found(self.world.alice, "bob") == []

    def test_nobody_is_found_while_slack_does_not_answer(self) -> None:
        self.workspace.available = False
        assert self.found(self.world.alice, "bob") == []

    def test_nothing_is_recorded(self) -> None:
        self.found(self.world.bob, "alice")
        assert self.database.records() == []

    def enrol(self, person: Person) -> None:
        with self.database.unit_of_work() as uow:
            bind(uow, person.id, totp.new_shared_secret())
            uow.commit()

    def hire(self, username: str) -> None:
        contact = RosterContact(
            id=ContactId(f"con_{username}"),
            email=f"{username}@acme.example",
            username=username,
            name=username.title(),
            phone=None,
            manager=None,
            slack=None,
            roles={self.world.acme.id: Role.MEMBER},
        )
        with self.database.unit_of_work() as uow:
            change = RosterChange(kind=ChangeKind.CONTACT_ADDED, contact=contact)
            list(uow.roster.apply([change], now=NOON))
            uow.commit()
