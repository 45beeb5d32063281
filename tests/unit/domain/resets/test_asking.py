"""Asking for a reset."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.model.cases import Case, CaseKind, CaseState, Proof
from bot.domain.model.errors import (
    AccountRefused,
    BotRefused,
    CaseOpen,
    CodeWrong,
    DeactivatedRefused,
    MentionMissing,
    NoAuthenticator,
    NoSharedAccount,
    NotAContact,
    NotAnAdministrator,
    NothingToReset,
    OneselfRefused,
    Outranked,
    ProofMissing,
    ReasonMissing,
    Refusal,
    SubscriberNotAContact,
    TicketMissing,
    TicketUnfit,
    UnknownPerson,
    WorkspaceUnavailableError,
)
from bot.domain.model.ids import AccountId
from bot.domain.model.notices import NoticeKind
from bot.domain.model.people import Role
from bot.domain.model.reset_form import ResetForm
from bot.domain.model.views import CaseView
from storage.cases import SqlCases
from tests.fakes import NOON, Person, a_case, a_slack_identity
from tests.office.desk import CONFIRM_WITHIN, Desk


class TestPrepare:
    @pytest.fixture(autouse=True)
    def _desk(self) -> None:
        self.desk = Desk()
        self.world = self.desk.world
        self.alice, self.bob = self.world.alice, self.world.bob

    def test_shows_who_the_subscriber_is(self) -> None:
        form = self.desk.prepare(self.alice, self.bob)
        assert isinstance(form, ResetForm)
        assert (form.admin.id, form.subscriber.id) == (self.alice.id, self.bob.id)
        assert form.accounts == (self.world.acme,)
        assert [a.id for a in form.authenticators] == [self.bob.authenticator_id]
        assert form.last_reset_at is None

    def test_tells_of_the_last_reset(self) -> None:
        self.desk.reset(self.alice, self.bob)
        form = self.desk.prepare(self.alice, self.bob)
        assert isinstance(form, ResetForm)
        assert form.last_reset_at == NOON

    def test_a_first_set_up_and_a_reset_of_another_account_are_none_to_tell_of(self) -> None:
        acme, globex = self.world.acme.id, self.world.globex.id
        for kind, account in (CaseKind.FIRST_SET_UP, acme), (CaseKind.RESET, globex):
            with self.desk.database.unit_of_work() as uow:
                uow.cases.add(
                    a_case(
                        subscriber_id=self.bob.id,
                        account_id=account,
                        kind=kind,
                        state=CaseState.RE_ENROLLED,
                        completed_at=NOON,
                    )
                )
                uow.commit()
        form = self.desk.prepare(self.alice, self.bob)
        assert isinstance(form, ResetForm)
        assert form.last_reset_at is None

    def test_asks_slack_about_both_people(self) -> None:
        self.desk.prepare(self.alice, self.bob)
        assert self.desk.workspace.asked == [self.alice.slack.user, self.bob.slack.user]

    def test_changes_and_sends_nothing(self) -> None:
        self.desk.prepare(self.alice, self.bob)
        assert self.desk.tags() == []
        assert self.desk.messages() == []

    @pytest.mark.parametrize(
        ("admin", "subscriber", "refusal"),
        [
            ("alice", "alice", OneselfRefused),
            ("alice", "carol", Outranked),
            ("alice", "dana", NoSharedAccount),
            ("dana", "bob", NoAuthenticator),
        ],
    )
    def test_a_refusal_is_recorded_with_both_names(
        self, admin: str, subscriber: str, refusal: type[Refusal]
    ) -> None:
        actor: Person = getattr(self.world, admin)
        other: Person = getattr(self.world, subscriber)
        with pytest.raises(refusal):
            self.desk.prepare(actor, other)
        with self.desk.database.unit_of_work() as uow:
            (record,) = uow.audit.records()
        assert record.tag == f"slack:reset:{refusal.tag}"
        assert (record.actor, record.subscriber) == (actor.id, other.id)
        assert record.slack_user == actor.slack.user
        assert record.details == {"named": other.slack.user}

    def test_nothing_to_reset_is_refused(self) -> None:
        with self.desk.database.unit_of_work() as uow:
            uow.authenticators.invalidate_all(self.bob.id, now=NOON)
            uow.commit()
        with pytest.raises(NothingToReset):
            self.desk.prepare(self.alice, self.bob)

    def test_a_required_set_up_is_something_to_reset(self) -> None:
        with self.desk.database.unit_of_work() as uow:
            uow.authenticators.invalidate_all(self.bob.id, now=NOON)
            uow.contacts.set_set_up_required(self.bob.id, required=True)
            uow.commit()
        assert isinstance(self.desk.prepare(self.alice, self.bob), ResetForm)

    def test_an_admin_nobody_has_bound_is_refused(self) -> None:
        stranger = replace(self.alice, slack=a_slack_identity("U01STRANGER"))
        self.desk.workspace.members["U01STRANGER"] = stranger.member
        with pytest.raises(NotAContact):
            self.desk.prepare(stranger, self.bob)
        assert self.desk.tags() == ["slack:reset:not_a_contact"]

    def test_an_identity_of_another_enterprise_is_not_the_bound_one(self) -> None:
        identity = replace(self.alice.slack, enterprise="E01OTHER")
        with pytest.raises(NotAContact):
            self.desk.prepare(replace(self.alice, slack=identity), self.bob)

    def test_a_subscriber_nobody_has_bound_is_refused(self) -> None:
        stranger = replace(self.bob, slack=a_slack_identity("U01STRANGER"))
        self.desk.workspace.members["U01STRANGER"] = stranger.member
        with pytest.raises(SubscriberNotAContact):
            self.desk.prepare(self.alice, stranger)
        assert self.desk.tags() == ["slack:reset:subscriber_not_a_contact"]

    def test_a_member_does_not_learn_who_is_bound(self) -> None:
        stranger = replace(self.bob, slack=a_slack_identity("U01STRANGER"))
        self.desk.workspace.members["U01STRANGER"] = stranger.member
        for subscriber in (self.world.dana, stranger):
            with pytest.raises(NotAnAdministrator):
                self.desk.prepare(self.bob, subscriber)
        assert self.desk.tags() == ["slack:reset:not_an_administrator"] * 2

    def test_somebody_unknown_to_slack_is_refused(self) -> None:
        del self.desk.workspace.members[self.bob.slack.user]
        with pytest.raises(UnknownPerson):
            self.desk.prepare(self.alice, self.bob)

    def test_a_deactivated_admin_is_refused(self) -> None:
        self.desk.workspace.deactivate(self.alice.slack.user)
        with pytest.raises(DeactivatedRefused):
            self.desk.prepare(self.alice, self.bob)

    def test_a_bot_is_refused(self) -> None:
        bob = self.bob.slack.user
        self.desk.workspace.members[bob] = replace(self.bob.member, is_bot=True)
        with pytest.raises(BotRefused):
            self.desk.prepare(self.alice, self.bob)

    def test_without_an_answer_from_slack_nothing_proceeds_and_that_is_recorded(self) -> None:
        self.desk.workspace.available = False
        with pytest.raises(WorkspaceUnavailableError):
            self.desk.prepare(self.alice, self.bob)
        assert self.desk.tags() == ["slack:reset:workspace_unavailable_error"]

    def test_the_same_admin_gets_the_waiting_block_again_with_the_same_deadline(self) -> None:
        waiting = self.desk.request(self.alice, self.bob)
        self.desk.clock.advance(timedelta(minutes=1))
        again = self.desk.prepare(self.alice, self.bob)
        assert isinstance(again, CaseView)
        assert again.case.id == waiting.case.id
        assert again.case.confirm_by == NOON + CONFIRM_WITHIN
        assert self.desk.told(NoticeKind.CONFIRM_ASKED) == [self.alice.id, self.alice.id]

    def test_another_admin_is_told_whose_case_is_open(self) -> None:
        self.desk.request(self.alice, self.bob)
        with pytest.raises(CaseOpen) as refused:
            self.desk.prepare(self.world.alan, self.bob)
        assert refused.value.admin_name == "Alice Archer"

    def test_an_open_case_that_nobody_admins_is_the_operators(self) -> None:
        with self.desk.database.unit_of_work() as uow:
            uow.cases.add(a_case(subscriber_id=self.bob.id, state=CaseState.EXECUTING))
            uow.commit()
        self.desk.clock.at = NOON - timedelta(minutes=1)
        with pytest.raises(CaseOpen) as refused:
            self.desk.prepare(self.alice, self.bob)
        assert refused.value.admin_name == "the operator"

    def test_a_case_past_its_deadline_is_not_in_the_way(self) -> None:
        old = self.desk.request(self.alice, self.bob)
        self.desk.clock.advance(CONFIRM_WITHIN)
        assert isinstance(self.desk.prepare(self.world.alan, self.bob), ResetForm)
        assert self.desk.case(old.case.id).state is CaseState.EXPIRED


class TestRequest:
    @pytest.fixture(autouse=True)
    def _desk(self) -> None:
        self.desk = Desk()
        self.world = self.desk.world
        self.alice, self.bob = self.world.alice, self.world.bob

    def test_opens_a_case_and_asks_to_confirm_where_the_command_was_typed(self) -> None:
        view = self.desk.request(self.alice, self.bob)
        case = self.desk.case(view.case.id)
        assert case.state is CaseState.AWAITING_CONFIRMATION
        assert (case.proof, case.reason) == (Proof.VIDEO, "Lost the phone")
        assert case.confirm_by == NOON + CONFIRM_WITHIN
        (message,) = self.desk.messages()
        assert message.notice.kind is NoticeKind.CONFIRM_ASKED
        assert message.notice.contact_id == self.alice.id
        assert message.notice.response_url == "https://hooks/1"

    def test_records_the_code_and_the_state_but_not_the_code_itself(self) -> None:
        code = self.alice.code(self.desk.clock)
        self.desk.request(self.alice, self.bob, code=code)
        with self.desk.database.unit_of_work() as uow:
            records = list(uow.audit.records())
        assert [record.tag for record in records] == [
            "slack:code:accepted",
            "slack:case:awaiting_confirmation",
        ]
        assert code not in repr(records)

    def test_a_wrong_code_counts_although_it_is_refused(self) -> None:
        with pytest.raises(CodeWrong):
            self.desk.request(self.alice, self.bob, code="000000")
        assert len(self.desk.database.rows("attempts")) == 1
        assert self.desk.tags() == ["slack:reset:code_wrong"]
        assert self.desk.messages() == []

    def test_a_code_is_spent_on_one_case(self) -> None:
        code = self.alice.code(self.desk.clock)
        view = self.desk.request(self.alice, self.bob, code=code)
        self.desk.decline(self.alice, view.case.id)
        with pytest.raises(CodeWrong):
            self.desk.request(self.alice, self.world.alan, code=code)

    @pytest.mark.parametrize(
        ("changes", "refusal"),
        [
            ({"proof": None}, ProofMissing),
            ({"reason": " "}, ReasonMissing),
            ({"account_id": AccountId("globex")}, AccountRefused),
        ],
    )
    def test_other_refusals_spend_no_code(
        self, changes: dict[str, object], refusal: type[Refusal]
    ) -> None:
        code = self.alice.code(self.desk.clock)
        with pytest.raises(refusal):
            self.desk.request(self.alice, self.bob, code=code, **changes)
        assert self.desk.request(self.alice, self.bob, code=code).case.reason == "Lost the phone"

    def test_standing_is_settled_anew(self) -> None:
        self.desk.prepare(self.alice, self.bob)
        self.desk.workspace.deactivate(self.bob.slack.user)
        with pytest.raises(DeactivatedRefused):
            self.desk.request(self.alice, self.bob)

    def test_the_account_has_to_be_named_where_several_are_possible(self) -> None:
        self.desk.database.give(self.alice.id, globex=Role.ADMINISTRATOR)
        with pytest.raises(AccountRefused):
            self.desk.request(self.alice, self.bob)
        view = self.desk.request(self.alice, self.bob, account_id=AccountId("globex"))
        assert view.account.id == "globex"

    def test_a_second_request_while_one_waits_is_refused(self) -> None:
        self.desk.request(self.alice, self.bob)
        self.desk.clock.advance(timedelta(seconds=30))
        with pytest.raises(CaseOpen):
            self.desk.request(self.alice, self.bob)

    def test_a_rival_that_opens_a_case_meanwhile_wins(self) -> None:
        def rival(user: str) -> None:
            if user == self.bob.slack.user:
                self.desk.workspace.on_ask = lambda _user: None
                self.desk.request(self.world.alan, self.bob)

        self.desk.workspace.on_ask = rival
        with pytest.raises(CaseOpen) as refused:
            self.desk.request(self.alice, self.bob)
        assert refused.value.admin_name == "Alan Ames"
        assert self.desk.tags().count("slack:case:awaiting_confirmation") == 1

    def test_a_rival_that_opens_a_case_after_we_looked_wins_too(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        add = SqlCases.add

        def rival_first(cases: SqlCases, case: Case) -> bool:
            add(cases, a_case(subscriber_id=case.subscriber_id, admin_id=self.world.alan.id))
            return add(cases, case)

        monkeypatch.setattr(SqlCases, "add", rival_first)
        code = self.alice.code(self.desk.clock)
        with pytest.raises(CaseOpen) as refused:
            self.desk.request(self.alice, self.bob, code=code)
        assert refused.value.admin_name == "Alan Ames"
        monkeypatch.undo()
        assert self.desk.request(self.alice, self.bob, code=code)  # and the code was not spent


class TestTicket:
    def test_the_form_says_whether_one_is_asked_for(self) -> None:
        for pattern in (None, "HD-[0-9]+"):
            desk = Desk(ticket_pattern=pattern)
            form = desk.prepare(desk.world.alice, desk.world.bob)
            assert isinstance(form, ResetForm)
            assert form.ticket_required is (pattern is not None)

    def test_it_is_kept_on_the_case_and_in_the_audit_record(self) -> None:
        desk = Desk(ticket_pattern="HD-[0-9]+")
        view = desk.request(desk.world.alice, desk.world.bob, ticket=" HD-42 ")
        assert desk.case(view.case.id).ticket == "HD-42"
        with desk.database.unit_of_work() as uow:
            opened = list(uow.audit.records())[-1]
        assert (opened.details or {})["ticket"] == "HD-42"

    def test_without_one_the_audit_record_names_none(self) -> None:
        desk = Desk()
        view = desk.request(desk.world.alice, desk.world.bob)
        assert desk.case(view.case.id).ticket is None
        with desk.database.unit_of_work() as uow:
            assert "ticket" not in (list(uow.audit.records())[-1].details or {})

    @pytest.mark.parametrize(("ticket", "refusal"), [(None, TicketMissing), ("HD", TicketUnfit)])
    def test_an_unfit_one_is_refused_and_recorded_and_spends_no_code(
        self, ticket: str | None, refusal: type[Refusal]
    ) -> None:
        desk = Desk(ticket_pattern="HD-[0-9]+")
        code = desk.world.alice.code(desk.clock)
        with pytest.raises(refusal):
            desk.request(desk.world.alice, desk.world.bob, ticket=ticket, code=code)
        assert desk.tags() == [f"slack:reset:{refusal.tag}"]
        assert desk.request(desk.world.alice, desk.world.bob, ticket="HD-1", code=code)


class TestNamed:
    def test_a_user_name_of_the_directory_names_its_contact(self) -> None:
        desk = Desk()
        assert desk.asking.named(desk.world.alice.slack, "bob") == desk.world.bob.slack.user

    def test_an_unknown_name_names_nobody(self) -> None:
        desk = Desk()
        with pytest.raises(MentionMissing):
            desk.asking.named(desk.world.alice.slack, "bobby")

    def test_a_stranger_learns_nothing(self) -> None:
        desk = Desk()
        with pytest.raises(MentionMissing):
            desk.asking.named(a_slack_identity("U01STRANGER"), "bob")

    def test_everybody_names_themselves(self) -> None:
        desk = Desk()
        assert desk.asking.named(desk.world.bob.slack, "bob") == desk.world.bob.slack.user

    @pytest.mark.parametrize(("who", "username"), [("bob", "dana"), ("alice", "dana")])
    def test_whoever_administers_no_account_of_theirs_learns_nothing(
        self, who: str, username: str
    ) -> None:
        """A member, and an administrator of another account."""
        desk = Desk()
        with pytest.raises(MentionMissing):
            desk.asking.named(getattr(desk.world, who).slack, username)

    def test_a_contact_without_a_slack_identity_cannot_be_named(self) -> None:
        desk = Desk()
        desk.database.bind(desk.world.bob.id, None)
        with pytest.raises(MentionMissing):
            desk.asking.named(desk.world.alice.slack, "bob")


class TestRefuseInput:
    def test_is_recorded(self) -> None:
        desk = Desk()
        desk.asking.refuse_input(desk.world.alice.slack, MentionMissing())
        assert desk.tags() == ["slack:reset:mention_missing"]
