"""Asking for a reset."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.model import errors
from bot.domain.model.cases import Case, CaseKind, CaseState, Proof
from bot.domain.model.ids import AccountId
from bot.domain.model.notices import NoticeKind
from bot.domain.model.people import Role
from bot.domain.model.reset_form import ResetForm
from bot.domain.model.views import CaseView
from storage.cases import SqlCases
from tests.fakes import NOON, Person, a_case, a_member, a_slack_identity
from tests.office.desk import CONFIRM_WITHIN, Desk

STRANGER = "U01STRANGER"


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.workspace.members[STRANGER] = a_member(STRANGER)
    return desk


def person(desk: Desk, name: str) -> Person:
    """Return one of the sample people, or somebody whom nobody has bound."""
    if name == "stranger":
        return replace(desk.world.alice, slack=a_slack_identity(STRANGER))
    found: Person = getattr(desk.world, name)
    return found


def form_of(desk: Desk) -> ResetForm:
    form = desk.prepare(desk.world.alice, desk.world.bob)
    assert isinstance(form, ResetForm)
    return form


def nothing(_desk: Desk) -> None:
    """Leave everybody as they are."""


def bob_has_no_authenticator(desk: Desk) -> None:
    desk.strip(desk.world.bob)


def slack_knows_no_bob(desk: Desk) -> None:
    del desk.workspace.members[desk.world.bob.slack.user]


def alice_is_deactivated(desk: Desk) -> None:
    desk.workspace.deactivate(desk.world.alice.slack.user)


def bob_is_deactivated(desk: Desk) -> None:
    desk.workspace.deactivate(desk.world.bob.slack.user)


def bob_is_a_bot(desk: Desk) -> None:
    bob = desk.world.bob
    desk.workspace.members[bob.slack.user] = replace(bob.member, is_bot=True)


def slack_is_away(desk: Desk) -> None:
    desk.workspace.available = False


def alan_has_asked(desk: Desk) -> None:
    desk.request(desk.world.alan, desk.world.bob)


REFUSED: list[tuple[str, str, Callable[[Desk], None], type[errors.Refusal | errors.Fault]]] = [
    ("alice", "alice", nothing, errors.OneselfRefused),
    ("alice", "carol", nothing, errors.Outranked),
    ("alice", "dana", nothing, errors.NoSharedAccount),
    ("dana", "bob", nothing, errors.NoAuthenticator),
    ("bob", "dana", nothing, errors.NotAnAdministrator),
    ("bob", "stranger", nothing, errors.NotAnAdministrator),
    ("stranger", "bob", nothing, errors.NotAContact),
    ("alice", "stranger", nothing, errors.SubscriberNotAContact),
    ("alice", "bob", bob_has_no_authenticator, errors.NothingToReset),
    ("alice", "bob", slack_knows_no_bob, errors.UnknownPerson),
    ("alice", "bob", alice_is_deactivated, errors.DeactivatedRefused),
    ("alice", "bob", bob_is_deactivated, errors.DeactivatedRefused),
    ("alice", "bob", bob_is_a_bot, errors.BotRefused),
    ("alice", "bob", slack_is_away, errors.WorkspaceUnavailableError),
    ("alice", "bob", alan_has_asked, errors.CaseOpen),
]


@pytest.mark.parametrize("door", ["prepare", "request"])
@pytest.mark.parametrize(("admin", "subscriber", "arrange", "refusal"), REFUSED)
def test_a_refusal_is_recorded_with_both_names_and_does_nothing(
    desk: Desk,
    *,
    door: str,
    admin: str,
    subscriber: str,
    arrange: Callable[[Desk], None],
    refusal: type[errors.Refusal | errors.Fault],
) -> None:
    actor, other = person(desk, admin), person(desk, subscriber)
    arrange(desk)
    before, messages = len(desk.tags()), desk.messages()
    how = {"code": "123456"} if door == "request" and actor.secret is None else {}
    with pytest.raises(refusal):
        getattr(desk, door)(actor, other, **how)
    (record,) = desk.records()[before:]
    assert record.tag == f"slack:reset:{refusal.tag}"
    assert (record.slack_user, record.details) == (actor.slack.user, {"named": other.slack.user})
    if arrange is nothing and "stranger" not in (admin, subscriber):
        assert (record.actor, record.subscriber) == (actor.id, other.id)
    assert desk.messages() == messages
    assert desk.database.rows("attempts") == []


class TestPrepare:
    def test_shows_who_the_subscriber_is_asking_slack_about_both_and_changing_nothing(
        self, desk: Desk
    ) -> None:
        world, form = desk.world, form_of(desk)
        assert (form.admin.id, form.subscriber.id) == (world.alice.id, world.bob.id)
        assert form.accounts == (world.acme,)
        assert [a.id for a in form.authenticators] == [world.bob.authenticator_id]
        assert desk.workspace.asked == [world.alice.slack.user, world.bob.slack.user]
        assert desk.tags() == []
        assert desk.messages() == []

    def test_tells_of_the_last_reset(self, desk: Desk) -> None:
        desk.reset(desk.world.alice, desk.world.bob)
        assert form_of(desk).last_reset_at == NOON

    def test_a_first_set_up_and_a_reset_of_another_account_are_none_to_tell_of(
        self, desk: Desk
    ) -> None:
        acme, globex = desk.world.acme.id, desk.world.globex.id
        for kind, account in (CaseKind.FIRST_SET_UP, acme), (CaseKind.RESET, globex):
            desk.add_case(
                CaseState.RE_ENROLLED,
                account_id=account,
                admin_id=None,
                kind=kind,
                completed_at=NOON,
            )
        assert form_of(desk).last_reset_at is None

    def test_a_required_set_up_is_something_to_reset(self, desk: Desk) -> None:
        desk.strip(desk.world.bob)
        desk.require_set_up(desk.world.bob)
        assert form_of(desk)

    def test_an_identity_of_another_enterprise_is_not_the_bound_one(self, desk: Desk) -> None:
        alice = desk.world.alice
        elsewhere = replace(alice, slack=replace(alice.slack, enterprise="E01OTHER"))
        with pytest.raises(errors.NotAContact):
            desk.prepare(elsewhere, desk.world.bob)

    def test_the_same_admin_gets_the_waiting_block_again_with_the_same_deadline(
        self, desk: Desk
    ) -> None:
        alice, bob = desk.world.alice, desk.world.bob
        waiting = desk.request(alice, bob)
        desk.clock.advance(timedelta(minutes=1))
        again = desk.prepare(alice, bob)
        assert isinstance(again, CaseView)
        assert again.case.id == waiting.case.id
        assert again.case.confirm_by == NOON + CONFIRM_WITHIN
        assert desk.told(NoticeKind.CONFIRM_ASKED) == [alice.id, alice.id]

    @pytest.mark.parametrize(("admin", "name"), [("alan", "Alan Ames"), (None, "the operator")])
    def test_another_is_told_whose_case_is_open(
        self, desk: Desk, admin: str | None, name: str
    ) -> None:
        admin_id = person(desk, admin).id if admin else None
        desk.add_case(CaseState.EXECUTING, admin_id=admin_id)
        with pytest.raises(errors.CaseOpen) as refused:
            form_of(desk)
        assert refused.value.admin_name == name

    def test_a_case_past_its_deadline_is_not_in_the_way(self, desk: Desk) -> None:
        old = desk.request(desk.world.alan, desk.world.bob)
        desk.clock.advance(CONFIRM_WITHIN)
        assert form_of(desk)
        assert desk.case(old.case.id).state is CaseState.EXPIRED


class TestRequest:
    def test_opens_a_case_and_asks_to_confirm_where_the_command_was_typed(self, desk: Desk) -> None:
        alice = desk.world.alice
        code = alice.code(desk.clock)
        case = desk.case(desk.request(alice, desk.world.bob, code=code).case.id)
        assert case.state is CaseState.AWAITING_CONFIRMATION
        assert (case.proof, case.reason, case.ticket) == (Proof.VIDEO, "Lost the phone", None)
        assert case.confirm_by == NOON + CONFIRM_WITHIN
        (message,) = desk.messages()
        assert message.notice.kind is NoticeKind.CONFIRM_ASKED
        assert message.notice.contact_id == alice.id
        assert message.notice.response_url == "https://hooks/1"
        assert desk.tags() == ["slack:code:accepted", "slack:case:awaiting_confirmation"]
        assert code not in repr(desk.records())
        assert "ticket" not in (desk.records()[-1].details or {})

    def test_a_wrong_code_counts_although_it_is_refused(self, desk: Desk) -> None:
        with pytest.raises(errors.CodeWrong):
            desk.request(desk.world.alice, desk.world.bob, code="000000")
        assert len(desk.database.rows("attempts")) == 1
        assert desk.tags() == ["slack:reset:code_wrong"]
        assert desk.messages() == []

    def test_a_code_is_spent_on_one_case(self, desk: Desk) -> None:
        alice, code = desk.world.alice, desk.world.alice.code(desk.clock)
        desk.decline(alice, desk.request(alice, desk.world.bob, code=code).case.id)
        with pytest.raises(errors.CodeWrong):
            desk.request(alice, desk.world.alan, code=code)

    @pytest.mark.parametrize(
        ("changes", "refusal"),
        [
            ({"proof": None}, errors.ProofMissing),
            ({"reason": " "}, errors.ReasonMissing),
            ({"account_id": AccountId("globex")}, errors.AccountRefused),
            ({"ticket": None}, errors.TicketMissing),
            ({"ticket": "HD"}, errors.TicketUnfit),
        ],
    )
    def test_an_unfit_form_is_recorded_and_spends_no_code(
        self, changes: dict[str, object], refusal: type[errors.Refusal]
    ) -> None:
        desk = Desk(ticket_pattern="HD-[0-9]+")
        assert form_of(desk).ticket_required
        alice = desk.world.alice
        fit: dict[str, Any] = {"ticket": " HD-42 ", "code": alice.code(desk.clock)}
        with pytest.raises(refusal):
            desk.request(alice, desk.world.bob, **(fit | changes))
        assert desk.tags() == [f"slack:reset:{refusal.tag}"]
        view = desk.request(alice, desk.world.bob, **fit)
        assert desk.case(view.case.id).ticket == "HD-42"
        assert (desk.records()[-1].details or {})["ticket"] == "HD-42"

    def test_no_ticket_is_asked_for_where_none_is_set_up(self, desk: Desk) -> None:
        assert not form_of(desk).ticket_required

    def test_the_account_has_to_be_named_where_several_are_possible(self, desk: Desk) -> None:
        alice, bob = desk.world.alice, desk.world.bob
        desk.database.give(alice.id, globex=Role.ADMINISTRATOR)
        with pytest.raises(errors.AccountRefused):
            desk.request(alice, bob)
        view = desk.request(alice, bob, account_id=AccountId("globex"))
        assert view.account.id == "globex"

    def test_a_second_request_while_ones_own_waits_is_refused(self, desk: Desk) -> None:
        desk.request(desk.world.alice, desk.world.bob)
        desk.clock.advance(timedelta(seconds=30))
        with pytest.raises(errors.CaseOpen):
            desk.request(desk.world.alice, desk.world.bob)

    def test_a_rival_that_opens_a_case_meanwhile_wins(self, desk: Desk) -> None:
        alice, bob = desk.world.alice, desk.world.bob

        def rival(user: str) -> None:
            if user == bob.slack.user:
                desk.workspace.on_ask = lambda _user: None
                desk.request(desk.world.alan, bob)

        desk.workspace.on_ask = rival
        with pytest.raises(errors.CaseOpen) as refused:
            desk.request(alice, bob)
        assert refused.value.admin_name == "Alan Ames"
        assert desk.tags().count("slack:case:awaiting_confirmation") == 1

    def test_a_rival_that_opens_a_case_after_we_looked_wins_too(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        alice, bob, add = desk.world.alice, desk.world.bob, SqlCases.add

        def rival_first(cases: SqlCases, case: Case) -> bool:
            add(cases, a_case(subscriber_id=case.subscriber_id, admin_id=desk.world.alan.id))
            return add(cases, case)

        monkeypatch.setattr(SqlCases, "add", rival_first)
        code = alice.code(desk.clock)
        with pytest.raises(errors.CaseOpen) as refused:
            desk.request(alice, bob, code=code)
        assert refused.value.admin_name == "Alan Ames"
        monkeypatch.undo()
        assert desk.request(alice, bob, code=code)  # and the code was not spent


class TestNamed:
    @pytest.mark.parametrize(("who", "username"), [("alice", "bob"), ("bob", "bob")])
    def test_a_user_name_names_oneself_and_a_contact_one_administers(
        self, desk: Desk, who: str, username: str
    ) -> None:
        named = desk.asking.named(person(desk, who).slack, username)
        assert named == person(desk, username).slack.user

    @pytest.mark.parametrize(
        ("who", "username"),
        [
            pytest.param("alice", "bobby", id="nobody's name"),
            pytest.param("stranger", "bob", id="a stranger learns nothing"),
            pytest.param("bob", "dana", id="nor does a member"),
            pytest.param("alice", "dana", id="nor an administrator of another account"),
            pytest.param("alice", "alan", id="a contact without a Slack identity"),
        ],
    )
    def test_any_other_names_nobody(self, desk: Desk, who: str, username: str) -> None:
        desk.database.bind(desk.world.alan.id, None)
        with pytest.raises(errors.MentionMissing):
            desk.asking.named(person(desk, who).slack, username)


def test_refused_input_is_recorded(desk: Desk) -> None:
    desk.asking.refuse_input(desk.world.alice.slack, errors.MentionMissing())
    assert desk.tags() == ["slack:reset:mention_missing"]
