"""What one person's Home shows, and what it keeps from them."""

import pytest

from bot.domain.desk.case_lists import MOST_LISTED
from bot.domain.desk.case_story import OUTSIDER
from bot.domain.desk.home import MOST_ACTS
from bot.domain.desk.home_view import CONTACTS_A_PAGE, Desk, HomeState, HomeView
from bot.domain.model import errors
from bot.domain.model.ids import CaseId
from bot.domain.model.people import Role, SuspensionCause
from tests.fakes import ACME, GLOBEX, Person, an_event
from tests.office.desk import Desk as HelpDesk
from tests.unit.domain.desk import unfit


@pytest.fixture
def desk() -> HelpDesk:
    return HelpDesk()


def seen(desk: HelpDesk, person: Person, **state: object) -> HomeView:
    return desk.home.view(person.slack, HomeState(**state))  # type: ignore[arg-type]  # by name


def shown(desk: HelpDesk, person: Person, **state: object) -> Desk:
    found = seen(desk, person, **state).desk
    assert found is not None
    return found


def usernames(found: Desk) -> list[str]:
    return [row.entry.contact.username for row in found.rows]


def resettable(desk: HelpDesk, person: Person) -> list[str]:
    rows = shown(desk, person).rows
    return [row.entry.contact.username for row in rows if row.can_reset]


class TestWhoSeesWhat:
    def test_a_member_sees_themselves_alone(self, desk: HelpDesk) -> None:
        view = seen(desk, desk.bob, account_id=ACME.id, words="alice", page=3)
        assert view.own.contact.id == desk.bob.id
        assert len(view.own.authenticators) == 1
        assert (view.desk, view.no_desk, view.state) == (None, None, HomeState())

    def test_an_administrator_sees_their_account_and_writes_nothing(self, desk: HelpDesk) -> None:
        commits = desk.database.commits
        view = seen(desk, desk.alice)
        assert view.desk is not None
        assert (view.desk.account, view.desk.accounts) == (ACME, (ACME,))
        assert view.state == HomeState(account_id=ACME.id)
        assert (view.first, view.desk.total, len(view.desk.rows)) == (1, 4, 4)
        assert desk.database.commits == commits

    def test_without_an_authenticator_one_is_told_why_there_is_no_more(
        self, desk: HelpDesk
    ) -> None:
        view = seen(desk, desk.dana)
        assert view.desk is None
        assert isinstance(view.no_desk, errors.NoAuthenticator)

    def test_a_suspended_administrator_sees_themselves_alone(self, desk: HelpDesk) -> None:
        unfit.is_suspended(desk)
        view = seen(desk, desk.alan)
        assert (view.desk, view.no_desk) == (None, None)
        assert view.own.suspension is not None
        assert view.own.suspension.contact_id == desk.alan.id

    @pytest.mark.parametrize(
        ("arrange", "refusal"),
        [
            (unfit.is_bound_to_another, errors.NotAContact),
            (unfit.has_become_a_guest, errors.GuestRefused),
            (unfit.slack_is_silent, errors.WorkspaceUnavailableError),
        ],
    )
    def test_strangers_guests_and_the_unknown_see_nothing(
        self, desk: HelpDesk, arrange: unfit.Arrange, refusal: unfit.Why
    ) -> None:
        arrange(desk)
        with pytest.raises(refusal):
            seen(desk, desk.alan)
        assert desk.tags() == []


class TestAccount:
    def test_is_the_one_that_was_chosen(self, desk: HelpDesk) -> None:
        desk.give_only(desk.alice, acme=Role.OWNER, globex=Role.OWNER)
        found = shown(desk, desk.alice, account_id=GLOBEX.id)
        assert (found.account, found.accounts) == (GLOBEX, (ACME, GLOBEX))
        assert usernames(found) == ["alice", "bob", "dana"]

    def test_of_others_is_refused_and_recorded(self, desk: HelpDesk) -> None:
        view = seen(desk, desk.alice, account_id=GLOBEX.id, words="dana", page=1)
        assert view.desk is not None
        assert view.desk.account == ACME
        assert view.state == HomeState(account_id=ACME.id)
        (record,) = desk.records()
        assert (record.tag, record.actor) == ("slack:home:account_refused", desk.alice.id)


class TestContacts:
    def test_pages_end_where_the_contacts_do(self, desk: HelpDesk) -> None:
        desk.hire(*(f"w{number:02}" for number in range(2 * CONTACTS_A_PAGE - 4)))
        second = seen(desk, desk.alice, page=1)
        assert second.desk is not None
        assert (second.first, len(second.desk.rows)) == (CONTACTS_A_PAGE + 1, CONTACTS_A_PAGE)
        beyond = seen(desk, desk.alice, page=7)
        assert (beyond.state.page, beyond.desk) == (1, second.desk)
        assert seen(desk, desk.alice, page=-1).state.page == 0

    def test_words_narrow_the_list(self, desk: HelpDesk) -> None:
        assert usernames(shown(desk, desk.alice, words="AL")) == ["alan", "alice"]
        nobody = seen(desk, desk.alice, words=" nobody ", page=2)
        assert nobody.desk is not None
        assert (nobody.desk.rows, nobody.desk.total) == ((), 0)
        assert nobody.state == HomeState(account_id=ACME.id, words="nobody")

    def test_a_button_is_only_where_one_is_entitled_and_there_is_anything_to_reset(
        self, desk: HelpDesk
    ) -> None:
        world = desk.world
        assert resettable(desk, world.alice) == ["alan", "bob"]
        assert resettable(desk, world.carol) == ["alan", "alice", "bob"]
        desk.strip(world.bob)
        assert resettable(desk, world.alice) == ["alan"]
        desk.require_set_up(world.bob)
        assert resettable(desk, world.alice) == ["alan", "bob"]
        desk.require_set_up(world.bob, required=False)
        desk.suspend_for(SuspensionCause.LAPSED, world.bob)
        assert resettable(desk, world.alice) == ["alan", "bob"]
        desk.suspend_for(SuspensionCause.OPERATOR, world.alan)
        assert resettable(desk, world.alice) == ["bob"]


class TestCases:
    def test_are_the_oldest_of_those_one_may_look_after(self, desk: HelpDesk) -> None:
        cases = [desk.add_case() for _ in range(MOST_LISTED)]
        assert shown(desk, desk.alan).cases.more is False
        desk.add_case()
        desk.add_case(subscriber_id=desk.carol.id)
        found = shown(desk, desk.alan).cases
        assert [c.view.case.id for c in found.cases] == [c.id for c in cases]
        assert (found.total, found.more) == (MOST_LISTED + 1, True)

    def test_say_which_accounts_and_people_they_touch(self, desk: HelpDesk) -> None:
        case = desk.add_case()
        touched = desk.home.touched_by([case.id, CaseId("case_none")])
        assert touched == {ACME.id, desk.bob.id}
        assert desk.home.touched_by([]) == set()


def test_acts_are_the_newest_with_the_names_of_the_accounts_people(desk: HelpDesk) -> None:
    bob, dana = desk.bob.id, desk.dana.id
    with desk.unit_of_work() as uow:
        for actor in ("operator", *[dana] * MOST_ACTS):
            uow.audit.record(an_event(account=ACME.id, actor=actor, subscriber=bob))
        uow.audit.record(an_event("slack:case:shown", account=ACME.id))
        uow.audit.record(an_event(account=GLOBEX.id))
        uow.audit.record(an_event(account=ACME.id, actor="sweep"))
        uow.commit()
    found = shown(desk, desk.alice)
    assert [act.actor for act in found.acts] == ["sweep", *[dana] * (MOST_ACTS - 1)]
    assert found.names == {ACME.id: ACME.name, bob: "Bob Brown", dana: OUTSIDER}


def test_those_of_the_account_whom_fewer_than_two_can_reset_are_named(desk: HelpDesk) -> None:
    def exposed() -> list[tuple[str, int]]:
        return [(each.username, n) for each, n in shown(desk, desk.alice).exposed]

    assert exposed() == [("carol", 0)]
    desk.give_only(desk.alan, acme=Role.ADMINISTRATOR, globex=Role.ADMINISTRATOR)
    assert exposed() == [("alan", 0), ("carol", 0)]  # but nobody of the other account alone
