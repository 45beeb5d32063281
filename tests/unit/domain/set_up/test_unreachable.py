"""A sign-in that waits for a set-up code, of somebody who cannot be shown it in Slack."""

import pytest

from bot.domain.model.notices import Channel, NoticeKind
from tests.fakes import FakeDatabase, Person
from tests.office.portal import House


class TestUnreachable:
    @pytest.fixture(autouse=True)
    def _house(self) -> None:
        self.database = FakeDatabase()
        self.house = House(self.database.unit_of_work)
        self.alice, self.bob = self.house.world.alice, self.house.world.bob
        self.carol = self.house.world.carol

    def take_out_of_slack(self, person: Person) -> None:
        self.database.bind(person.id, None)

    def told(self, kind: NoticeKind) -> list[tuple[str | None, Channel]]:
        return [(n.contact_id, n.channel) for n in self.house.notices(kind)]

    def test_whoever_is_in_charge_is_told_in_place_of_them(self) -> None:
        self.take_out_of_slack(self.bob)
        case = self.house.reset(self.bob)
        waiting = self.house.waiting(self.bob)
        (notice,) = self.house.notices(NoticeKind.SET_UP_UNREACHABLE)
        assert (notice.contact_id, notice.subject_id) == (self.alice.id, self.bob.id)
        assert (notice.case_id, notice.session_id) == (case.id, waiting.session.id)
        assert self.told(NoticeKind.SET_UP_WAITING) == []

    def test_where_nobody_in_slack_is_in_charge_the_administrators_are_told(self) -> None:
        self.take_out_of_slack(self.bob)
        self.take_out_of_slack(self.alice)
        self.house.reset(self.bob)
        self.house.waiting(self.bob)
        told = [contact_id for contact_id, _ in self.told(NoticeKind.SET_UP_UNREACHABLE)]
        assert told == [self.house.world.alan.id, self.carol.id]

    def test_for_a_first_set_up_the_administrators_of_the_account_are_told(self) -> None:
        self.take_out_of_slack(self.bob)
        self.take_out_of_slack(self.carol)
        with self.database.unit_of_work() as uow:
            uow.authenticators.invalidate_all(self.bob.id, now=self.house.clock.now())
            uow.commit()
        self.house.waiting(self.bob)
        alan = self.house.world.alan
        assert self.told(NoticeKind.SET_UP_UNREACHABLE) == [
            (alan.id, Channel.SLACK),
            (self.alice.id, Channel.SLACK),
        ]

    def test_an_administrator_is_not_told_of_themselves(self) -> None:
        self.take_out_of_slack(self.alice)
        with self.database.unit_of_work() as uow:
            uow.authenticators.invalidate_all(self.alice.id, now=self.house.clock.now())
            uow.commit()
        self.house.waiting(self.alice)
        told = [contact_id for contact_id, _ in self.told(NoticeKind.SET_UP_UNREACHABLE)]
        assert self.alice.id not in told
        assert self.carol.id in told

    def test_who_has_e_mail_alone_hears_of_it_too(self) -> None:
        self.database.channels = frozenset({Channel.SLACK, Channel.EMAIL})
        self.take_out_of_slack(self.bob)
        self.house.reset(self.bob)
        self.house.waiting(self.bob)
        assert self.told(NoticeKind.SET_UP_WAITING) == [(self.bob.id, Channel.EMAIL)]
        assert self.told(NoticeKind.SET_UP_UNREACHABLE) == [(self.alice.id, Channel.SLACK)]

    def test_who_is_in_slack_needs_nobody(self) -> None:
        self.house.reset(self.bob)
        self.house.waiting(self.bob)
        assert self.told(NoticeKind.SET_UP_WAITING) == [(self.bob.id, Channel.SLACK)]
        assert self.told(NoticeKind.SET_UP_UNREACHABLE) == []

    def test_three_sign_ins_an_hour_are_told_of(self) -> None:
        self.take_out_of_slack(self.bob)
        self.house.reset(self.bob)
        for _ in range(4):
            self.house.waiting(self.bob)
        assert len(self.told(NoticeKind.SET_UP_UNREACHABLE)) == 3
