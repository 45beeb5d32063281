"""What one person's Home shows, and what it keeps from them."""

import pytest

from bot.domain.desk.case_lists import MOST_LISTED
from bot.domain.desk.case_story import OUTSIDER
from bot.domain.desk.home import MOST_ACTS, HomeService
from bot.domain.desk.home_view import CONTACTS_A_PAGE, Desk, HomeState, HomeView
from bot.domain.model.cases import Case, CaseState
from bot.domain.model.errors import (
    GuestRefused,
    NoAuthenticator,
    NotAContact,
    WorkspaceUnavailableError,
)
from bot.domain.model.ids import AccountId, CaseId, ContactId
from bot.domain.model.people import Role, SuspensionCause
from bot.domain.model.roster import ChangeKind, RosterChange, RosterContact
from tests.fakes import (
    ACME,
    GLOBEX,
    Person,
    a_case,
    a_member,
    a_slack_identity,
    a_suspension,
    an_event,
)
from tests.office.desk import Desk as HelpDesk


@pytest.fixture
def desk() -> HelpDesk:
    return HelpDesk()


@pytest.fixture
def home(desk: HelpDesk) -> HomeService:
    return desk.home


def seen(home: HomeService, person: Person, **state: object) -> HomeView:
    return home.view(person.slack, HomeState(**state))  # type: ignore[arg-type]  # named by tests


def shown(home: HomeService, person: Person, **state: object) -> Desk:
    found = seen(home, person, **state).desk
    assert found is not None
    return found


def resettable(found: Desk) -> list[str]:
    return [row.entry.contact.username for row in found.rows if row.can_reset]


def add_case(desk: HelpDesk, subscriber: Person, state: CaseState = CaseState.COMPLETED) -> Case:
    case = a_case(subscriber_id=subscriber.id, admin_id=desk.world.alice.id, state=state)
    with desk.database.unit_of_work() as uow:
        assert uow.cases.add(case)
        uow.commit()
    return case


def give(desk: HelpDesk, person: Person, roles: dict[AccountId, Role]) -> None:
    with desk.database.unit_of_work() as uow:
        known = uow.roster.read().contacts[person.email]
        changed = RosterContact(
            id=known.id,
            email=known.email,
            username=known.username,
            name=known.name,
            phone=None,
            manager=None,
            slack=known.slack,
            roles=roles,
        )
        change = RosterChange(kind=ChangeKind.CONTACT_CHANGED, contact=changed)
        list(uow.roster.apply([change], now=desk.clock.now()))
        uow.commit()


def hire(desk: HelpDesk, count: int) -> None:
    with desk.database.unit_of_work() as uow:
        for number in range(count):
            contact = RosterContact(
                id=None,
                email=f"w{number:02}@acme.example",
                username=f"w{number:02}",
                name=f"Worker {number:02}",
                phone=None,
                manager=None,
                slack=None,
                roles={ACME.id: Role.MEMBER},
            )
            change = RosterChange(kind=ChangeKind.CONTACT_ADDED, contact=contact)
            list(uow.roster.apply([change], now=desk.clock.now()))
        uow.commit()


class TestWhoSeesWhat:
    def test_member_sees_themselves_alone(self, desk: HelpDesk, home: HomeService) -> None:
        view = seen(home, desk.world.bob, account_id=ACME.id, words="alice", page=3)
        assert view.own.contact.id == desk.world.bob.id
        assert len(view.own.authenticators) == 1
        assert (view.desk, view.no_desk, view.state) == (None, None, HomeState())

    def test_administrator_sees_their_account(self, desk: HelpDesk, home: HomeService) -> None:
        view = seen(home, desk.world.alice)
        assert view.desk is not None
        assert view.desk.account == ACME
        assert view.desk.accounts == (ACME,)
        assert view.state == HomeState(account_id=ACME.id)
        assert (view.first, view.desk.total, len(view.desk.rows)) == (1, 4, 4)

    def test_without_an_authenticator_an_administrator_is_told_why_there_is_no_more(
        self, desk: HelpDesk, home: HomeService
    ) -> None:
        view = seen(home, desk.world.dana)
        assert view.desk is None
        assert isinstance(view.no_desk, NoAuthenticator)

    def test_suspended_administrator_sees_themselves_alone(
        self, desk: HelpDesk, home: HomeService
    ) -> None:
        suspension = a_suspension(desk.world.alice.id)
        with desk.database.unit_of_work() as uow:
            uow.suspensions.add(suspension)
            uow.commit()
        view = seen(home, desk.world.alice)
        assert (view.desk, view.no_desk) == (None, None)
        assert view.own.suspension == suspension

    def test_strangers_guests_and_the_unknown_see_nothing(
        self, desk: HelpDesk, home: HomeService
    ) -> None:
        desk.workspace.members["U01NEW"] = a_member("U01NEW")
        with pytest.raises(NotAContact):
            home.view(a_slack_identity("U01NEW"), HomeState())
        user = desk.world.alice.slack.user
        desk.workspace.members[user] = a_member(user, is_guest=True)
        with pytest.raises(GuestRefused):
            seen(home, desk.world.alice)
        desk.workspace.available = False
        with pytest.raises(WorkspaceUnavailableError):
            seen(home, desk.world.alan)
        assert desk.tags() == []

    def test_looking_writes_nothing(self, desk: HelpDesk, home: HomeService) -> None:
        commits = desk.database.commits
        seen(home, desk.world.alice)
        assert desk.database.commits == commits


class TestAccount:
    def test_is_the_one_that_was_chosen(self, desk: HelpDesk, home: HomeService) -> None:
        give(desk, desk.world.alice, dict.fromkeys((ACME.id, GLOBEX.id), Role.OWNER))
        found = shown(home, desk.world.alice, account_id=GLOBEX.id)
        assert found.account == GLOBEX
        assert found.accounts == (ACME, GLOBEX)
        assert [row.entry.contact.username for row in found.rows] == ["alice", "bob", "dana"]

    def test_of_others_is_refused_and_recorded(self, desk: HelpDesk, home: HomeService) -> None:
        view = seen(home, desk.world.alice, account_id=GLOBEX.id, words="dana", page=1)
        assert view.desk is not None
        assert view.desk.account == ACME
        assert view.state == HomeState(account_id=ACME.id)
        with desk.database.snapshot() as uow:
            (record,) = uow.audit.records()
        assert (record.tag, record.actor) == ("slack:home:account_refused", desk.world.alice.id)


class TestContacts:
    def test_pages_end_where_the_contacts_do(self, desk: HelpDesk, home: HomeService) -> None:
        hire(desk, 2 * CONTACTS_A_PAGE - 4)
        second = seen(home, desk.world.alice, page=1)
        assert second.desk is not None
        assert (second.first, len(second.desk.rows)) == (CONTACTS_A_PAGE + 1, CONTACTS_A_PAGE)
        beyond = seen(home, desk.world.alice, page=7)
        assert beyond.state.page == 1
        assert beyond.desk == second.desk
        assert seen(home, desk.world.alice, page=-1).state.page == 0

    def test_search_that_finds_nobody_is_at_its_first_page(
        self, desk: HelpDesk, home: HomeService
    ) -> None:
        view = seen(home, desk.world.alice, words=" nobody ", page=2)
        assert view.desk is not None
        assert (view.desk.rows, view.desk.total) == ((), 0)
        assert view.state == HomeState(account_id=ACME.id, words="nobody")

    def test_words_narrow_the_list(self, desk: HelpDesk, home: HomeService) -> None:
        found = shown(home, desk.world.alice, words="AL")
        assert [row.entry.contact.username for row in found.rows] == ["alan", "alice"]

    def test_button_only_where_one_is_entitled(self, desk: HelpDesk, home: HomeService) -> None:
        assert resettable(shown(home, desk.world.alice)) == ["alan", "bob"]
        assert resettable(shown(home, desk.world.carol)) == ["alan", "alice", "bob"]

    def test_no_button_where_there_is_nothing_to_reset(
        self, desk: HelpDesk, home: HomeService
    ) -> None:
        with desk.database.unit_of_work() as uow:
            uow.authenticators.invalidate_all(desk.world.bob.id, now=desk.clock.now())
            uow.commit()
        assert resettable(shown(home, desk.world.alice)) == ["alan"]
        with desk.database.unit_of_work() as uow:
            uow.contacts.set_set_up_required(desk.world.bob.id, required=True)
            uow.commit()
        assert resettable(shown(home, desk.world.alice)) == ["alan", "bob"]

    @pytest.mark.parametrize(
        ("cause", "offered"),
        [(SuspensionCause.LAPSED, ["alan", "bob"]), (SuspensionCause.OPERATOR, ["alan"])],
    )
    def test_button_beside_the_suspended_unless_the_operator_did_it(
        self, desk: HelpDesk, home: HomeService, cause: SuspensionCause, offered: list[str]
    ) -> None:
        with desk.database.unit_of_work() as uow:
            uow.authenticators.invalidate_all(desk.world.bob.id, now=desk.clock.now())
            uow.suspensions.add(a_suspension(desk.world.bob.id, cause=cause))
            uow.commit()
        assert resettable(shown(home, desk.world.alice)) == offered


class TestCases:
    def test_are_the_oldest_of_those_one_may_look_after(
        self, desk: HelpDesk, home: HomeService
    ) -> None:
        cases = [add_case(desk, desk.world.bob) for _ in range(MOST_LISTED + 1)]
        add_case(desk, desk.world.carol)
        add_case(desk, desk.world.bob, CaseState.DECLINED)
        found = shown(home, desk.world.alan).cases
        assert [c.view.case.id for c in found.cases] == [c.id for c in cases[:MOST_LISTED]]
        assert (found.total, found.more) == (MOST_LISTED + 1, True)

    def test_say_when_there_are_no_more(self, desk: HelpDesk, home: HomeService) -> None:
        add_case(desk, desk.world.bob)
        assert shown(home, desk.world.alan).cases.more is False

    def test_say_that_more_may_wait_than_were_looked_through(
        self, desk: HelpDesk, home: HomeService, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("bot.domain.desk.case_lists.MOST_READ", 1)
        add_case(desk, desk.world.bob)
        assert shown(home, desk.world.alan).cases.more is True


class TestActs:
    def test_are_the_newest_with_the_names_of_the_accounts_people(
        self, desk: HelpDesk, home: HomeService
    ) -> None:
        bob, dana = desk.world.bob.id, desk.world.dana.id
        with desk.database.unit_of_work() as uow:
            for actor in ("operator", *[dana] * MOST_ACTS):
                uow.audit.record(an_event(account=ACME.id, actor=actor, subscriber=bob))
            uow.audit.record(an_event("slack:case:shown", account=ACME.id))
            uow.audit.record(an_event(account=GLOBEX.id))
            uow.audit.record(an_event(account=ACME.id, actor="sweep"))
            uow.commit()
        found = shown(home, desk.world.alice)
        assert [act.actor for act in found.acts] == ["sweep", *[dana] * (MOST_ACTS - 1)]
        assert found.names == {ACME.id: ACME.name, bob: "Bob Brown", dana: OUTSIDER}


class TestCover:
    def test_names_the_accounts_own_whom_fewer_than_two_can_reset(
        self, desk: HelpDesk, home: HomeService
    ) -> None:
        exposed = shown(home, desk.world.alice).exposed
        assert [(each.username, number) for each, number in exposed] == [("carol", 0)]

    def test_leaves_out_whoever_is_of_other_accounts_alone(
        self, desk: HelpDesk, home: HomeService
    ) -> None:
        give(desk, desk.world.alan, dict.fromkeys((ACME.id, GLOBEX.id), Role.ADMINISTRATOR))
        exposed = shown(home, desk.world.alice).exposed
        assert [(each.username, number) for each, number in exposed] == [
            ("alan", 0),
            ("carol", 0),
        ]


def test_what_is_touched_by_cases(desk: HelpDesk, home: HomeService) -> None:
    case = add_case(desk, desk.world.bob)
    touched = home.touched_by([case.id, CaseId("case_none")])
    assert touched == {ACME.id, desk.world.bob.id}
    assert home.touched_by([]) == frozenset[ContactId]()
