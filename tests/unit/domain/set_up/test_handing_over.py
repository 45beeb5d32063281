"""`HandOverService` over in-memory ports."""

import re
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.model.cases import Case, CaseState, Proof
from bot.domain.model.errors import (
    CodeMalformed,
    CodeThrottled,
    CodeWrong,
    DeactivatedRefused,
    HandOverByAdmin,
    NoAuthenticator,
    NobodyWaits,
    NoSharedAccount,
    NotAnAdministrator,
    OneselfRefused,
    Outranked,
    ProofMissing,
    Refusal,
    SetUpCodeThrottled,
    SetUpCodeWrong,
    SignInMissing,
    SubscriberNotAContact,
    SubscriberSuspended,
    UnknownPerson,
    WorkspaceUnavailableError,
)
from bot.domain.model.ids import ContactId, SessionId
from bot.domain.model.notices import Notice, NoticeKind
from bot.domain.model.people import Operator, SessionStage, SuspensionCause
from bot.domain.model.reset_form import Named
from bot.domain.proving import totp
from bot.domain.set_up.handing_over import FilledHandOver, HandedOver
from bot.domain.set_up.sessions import SignedSession
from tests.fakes import NOON, FakeDatabase, Person, a_case, a_member, a_suspension
from tests.fakes.world import bind
from tests.office.portal import ADDRESS, BROWSER, House, Rivals
from tests.office.services import AllServices, default_terms

AUDIT_CHANNEL = "C01AUDIT"


class Base:
    @pytest.fixture(autouse=True)
    def _house(self) -> None:
        self.database = FakeDatabase()
        self.rivals = Rivals(self.database.unit_of_work)
        self.house = House(
            self.database.unit_of_work, services_use=self.rivals, audit_channel=AUDIT_CHANNEL
        )
        self.world, self.clock = self.house.world, self.house.clock
        self.alice, self.alan, self.bob = self.world.alice, self.world.alan, self.world.bob
        self.case = self.house.reset(self.bob)
        self.service = self.house.hand_over

    def hand_over(
        self, waiting: SignedSession, *, by: Person | None = None, **changes: Any
    ) -> HandedOver:
        admin = by or self.alan
        values: dict[str, Any] = {
            "subscriber": Named(slack_user=self.bob.slack.user),
            "session_id": waiting.session.id,
            "proof": Proof.CALLED_BACK,
            "code": changes.pop("code", None) or admin.code(self.clock),
        }
        return self.service.hand_over(admin.slack, FilledHandOver(**(values | changes)))

    def suspend(self, person: Person) -> None:
        with self.database.unit_of_work() as uow:
            uow.suspensions.add(a_suspension(person.id))
            uow.commit()

    def end_sessions(self) -> None:
        with self.database.unit_of_work() as uow:
            uow.sessions.end_all(self.bob.id, now=self.clock.now())
            uow.commit()

    def refused(self) -> str:
        """The tag of the last audit record, which is a refusal."""
        return self.house.tags()[-1].removeprefix("slack:hand_over:")


class TestPreparing(Base):
    def prepare(self, admin: Person, subscriber: Person) -> Any:
        return self.service.prepare(admin.slack, Named(slack_user=subscriber.slack.user))

    def test_shows_whom_why_and_which_sign_ins(self) -> None:
        first = self.house.waiting(self.bob).session
        self.clock.advance(timedelta(minutes=1))
        second = self.house.waiting(self.bob).session
        form = self.prepare(self.alan, self.bob)
        assert (form.subscriber.id, form.accounts) == (self.bob.id, (self.world.acme,))
        assert form.case.case == self.case
        assert [session.id for session in form.sessions] == [second.id, first.id]

    def test_changes_and_tells_nothing(self) -> None:
        self.house.waiting(self.bob)
        before = self.house.tags()
        self.prepare(self.alan, self.bob)
        assert self.house.tags() == before
        assert self.house.notices(NoticeKind.HANDED_OVER) == []

    @pytest.mark.parametrize(
        ("admin", "subscriber", "refusal"),
        [
            ("alan", "alan", OneselfRefused),
            ("alan", "carol", Outranked),
            ("alan", "dana", NoSharedAccount),
            ("dana", "bob", NoAuthenticator),
            ("alice", "bob", HandOverByAdmin),
        ],
    )
    def test_who_is_not_entitled_is_refused(
        self, admin: str, subscriber: str, refusal: type[Refusal]
    ) -> None:
        self.house.waiting(self.bob)
        with pytest.raises(refusal):
            self.prepare(getattr(self.world, admin), getattr(self.world, subscriber))
        record = self.database.records()[-1]
        assert record.tag == f"slack:hand_over:{refusal.tag}"
        assert record.actor == getattr(self.world, admin).id

    def test_a_refusal_because_of_the_case_names_it(self) -> None:
        with pytest.raises(HandOverByAdmin):
            self.prepare(self.alice, self.bob)
        record = self.database.records()[-1]
        assert (record.case, record.account) == (self.case.id, self.case.account_id)

    @pytest.mark.parametrize(("days", "taken"), [(29, False), (30, True)])
    def test_who_was_reported_hands_nothing_over_for_thirty_days(
        self, days: int, *, taken: bool
    ) -> None:
        """Alan's reset was reported and undone by Alice's: he stays out of what follows."""
        reported = a_case(
            subscriber_id=self.bob.id,
            account_id=self.world.acme.id,
            admin_id=self.alan.id,
            state=CaseState.SUPERSEDED,
        )
        with self.database.unit_of_work() as uow:
            uow.cases.add(reported)
            at = self.clock.now() - timedelta(days=days)
            uow.suspensions.add(a_suspension(self.bob.id, case_id=reported.id, suspended_at=at))
            uow.suspensions.lift(self.bob.id, lifted_by=self.alice.id, now=at)
            uow.commit()
        self.house.waiting(self.bob)
        if taken:
            assert self.prepare(self.alan, self.bob).case.case.id == self.case.id
        else:
            with pytest.raises(HandOverByAdmin):
                self.prepare(self.alan, self.bob)

    def test_a_member_is_refused(self) -> None:
        with pytest.raises(NotAnAdministrator):
            self.prepare(self.bob, self.alice)

    def test_who_asked_for_an_open_case_is_refused_where_there_is_no_other(self) -> None:
        contact = self.a_first_sign_in_during_a_case_of(self.alan)
        with pytest.raises(HandOverByAdmin):
            self.prepare(self.alan, contact)
        assert self.prepare(self.alice, contact).case.case.admin_id == self.alan.id

    def test_who_asked_for_a_reset_that_failed_half_way_is_refused_too(self) -> None:
        """Nothing waits but what the sign-in opened by itself, which has no admin."""
        contact = self.a_first_sign_in_during_a_case_of(self.alan, CaseState.FAILED)
        with pytest.raises(HandOverByAdmin):
            self.prepare(self.alan, contact)
        assert self.prepare(self.alice, contact).case.case.admin_id is None

    def test_who_asked_for_the_reset_is_refused_though_the_operator_reinstated_them(self) -> None:
        """Bob's set-up was not done in time; the operator's case that follows has no admin."""
        with self.database.unit_of_work() as uow:
            states = [CaseState.COMPLETED]
            uow.cases.move(self.case.id, states=states, to=CaseState.LAPSED, now=NOON)
            lapse = a_suspension(self.bob.id, cause=SuspensionCause.LAPSED, case_id=self.case.id)
            uow.suspensions.add(lapse)
            uow.commit()
        self.clock.advance(timedelta(minutes=1))
        operator = Operator(user="ops", host="console")
        again = self.house.suspensions.reinstate(
            self.bob.email, reason="He phoned", operator=operator
        )
        self.house.waiting(self.bob)
        with pytest.raises(HandOverByAdmin):
            self.prepare(self.alice, self.bob)
        assert self.prepare(self.alan, self.bob).case.case == again.case

    def a_first_sign_in_during_a_case_of(
        self, admin: Person, state: CaseState = CaseState.AWAITING_CONFIRMATION
    ) -> Person:
        with self.database.unit_of_work() as uow:
            uow.authenticators.invalidate_all(self.bob.id, now=NOON)
            uow.contacts.set_set_up_required(self.bob.id, required=True)
            uow.cases.move(
                self.case.id, states=[CaseState.COMPLETED], to=CaseState.RE_ENROLLED, now=NOON
            )
            uow.cases.add(a_case(subscriber_id=self.bob.id, admin_id=admin.id, state=state))
            uow.commit()
        self.house.waiting(self.bob)
        return self.bob

    @pytest.mark.parametrize("subscriber", ["bob", "alice"])
    def test_nobody_waits_with_a_case_or_without_one(self, subscriber: str) -> None:
        with pytest.raises(NobodyWaits):
            self.prepare(self.alan, getattr(self.world, subscriber))

    def test_a_sign_in_that_has_gone_on_waits_no_more(self) -> None:
        self.house.setting_up(self.bob)
        with pytest.raises(NobodyWaits):
            self.prepare(self.alan, self.bob)

    def test_a_sign_in_is_void_where_nothing_has_to_be_set_up(self) -> None:
        self.house.waiting(self.bob)
        with self.database.unit_of_work() as uow:
            uow.contacts.set_set_up_required(self.bob.id, required=False)
            bind(uow, self.bob.id, totp.new_shared_secret())
            uow.commit()
        with pytest.raises(NobodyWaits):
            self.prepare(self.alan, self.bob)

    def test_a_suspended_subscriber_is_refused(self) -> None:
        self.house.waiting(self.bob)
        self.suspend(self.bob)
        with pytest.raises(SubscriberSuspended):
            self.prepare(self.alan, self.bob)

    def test_slack_is_asked_about_both(self) -> None:
        self.house.waiting(self.bob)
        self.house.workspace.deactivate(self.bob.slack.user)
        with pytest.raises(DeactivatedRefused):
            self.prepare(self.alan, self.bob)
        self.house.workspace.available = False
        with pytest.raises(WorkspaceUnavailableError):
            self.prepare(self.alan, self.bob)
        assert self.refused() == "workspace_unavailable_error"


class TestHandingOver(Base):
    def test_the_code_fits_the_chosen_sign_in_alone(self) -> None:
        mine, other = self.house.waiting(self.bob), self.house.waiting(self.bob)
        handed_over = self.hand_over(mine)
        assert re.fullmatch(r"[0-9A-Z]{4}-[0-9A-Z]{4}", handed_over.shown.code)
        assert handed_over.shown.expires_at == NOON + timedelta(minutes=10)
        assert handed_over.subscriber.id == self.bob.id
        with pytest.raises(SetUpCodeWrong):
            self.house.set_up.accept_code(other.token, handed_over.shown.code)
        accepted = self.house.set_up.accept_code(mine.token, handed_over.shown.code)
        assert accepted.session.stage is SessionStage.SETTING_UP

    def test_takes_the_place_of_the_code_shown_before(self) -> None:
        waiting = self.house.waiting(self.bob)
        shown = self.house.set_up.show_code(self.bob.slack, waiting.session.id).code
        self.hand_over(waiting)
        with pytest.raises(SetUpCodeWrong):
            self.house.set_up.accept_code(waiting.token, shown)

    def test_is_recorded_without_the_code(self) -> None:
        waiting = self.house.waiting(self.bob)
        before = len(self.house.tags())
        handed_over = self.hand_over(waiting)
        assert self.house.tags()[before:] == [
            "slack:code:accepted",
            "slack:set_up_code:handed_over",
        ]
        record = self.database.records()[-1]
        assert (record.actor, record.subscriber) == (self.alan.id, self.bob.id)
        assert (record.case, record.slack_user) == (self.case.id, self.alan.slack.user)
        assert record.details == {
            "session": waiting.session.id,
            "browser": BROWSER,
            "address": ADDRESS,
            "admin": self.alan.email,
            "subscriber": self.bob.email,
            "proof": "called_back",
        }
        written = self.database.dump() + repr(handed_over)
        assert handed_over.shown.code not in written
        assert handed_over.shown.code.replace("-", "") not in written

    def test_is_kept_with_the_case(self) -> None:
        waiting = self.house.waiting(self.bob)
        self.hand_over(waiting)
        with self.database.unit_of_work() as uow:
            (kept,) = uow.cases.hand_overs_of(self.case.id)
        assert (kept.session_id, kept.handed_over_by) == (waiting.session.id, self.alan.id)
        assert (kept.proof, kept.handed_over_at) == (Proof.CALLED_BACK, NOON)

    def test_the_subscriber_hears_who_saw_it(self) -> None:
        waiting = self.house.waiting(self.bob)
        self.hand_over(waiting)
        (notice,) = self.house.notices(NoticeKind.SUBSCRIBER_HANDED_OVER)
        assert (notice.contact_id, notice.subject_id) == (self.bob.id, self.alan.id)
        assert (notice.case_id, notice.session_id) == (self.case.id, waiting.session.id)

    def test_owners_the_admin_and_the_channel_hear_of_it_but_not_who_did_it(self) -> None:
        self.hand_over(self.house.waiting(self.bob))
        notices = self.house.notices(NoticeKind.HANDED_OVER)
        assert [addressee(notice) for notice in notices] == [
            self.alice.id,
            self.world.carol.id,
            self.world.dana.id,
            AUDIT_CHANNEL,
        ]
        assert {notice.subject_id for notice in notices} == {self.alan.id}
        assert {notice.case_id for notice in notices} == {self.case.id}

    def test_an_owner_who_did_it_is_told_nothing_and_there_may_be_no_channel(self) -> None:
        self.service = AllServices(self.house.ports, default_terms()).hand_over
        self.hand_over(self.house.waiting(self.bob), by=self.world.carol)
        notices = self.house.notices(NoticeKind.HANDED_OVER)
        assert [addressee(notice) for notice in notices] == [self.alice.id, self.world.dana.id]

    def test_whoever_took_the_case_over_hears_of_it_too(self) -> None:
        with self.database.unit_of_work() as uow:
            uow.cases.take_over(self.case.id, by=self.world.carol.id, from_=self.alice.id)
            uow.commit()
        self.hand_over(self.house.waiting(self.bob))
        told = [addressee(notice) for notice in self.house.notices(NoticeKind.HANDED_OVER)]
        assert sorted(told) == sorted(
            [self.alice.id, self.world.carol.id, self.world.dana.id, AUDIT_CHANNEL]
        )

    def test_the_code_is_spent(self) -> None:
        code = self.alan.code(self.clock)
        self.hand_over(self.house.waiting(self.bob), code=code)
        with pytest.raises(CodeWrong):
            self.hand_over(self.house.waiting(self.bob), code=code)

    def test_an_open_case_of_another_does_not_matter(self) -> None:
        self.add_open_case(self.alan)
        assert self.hand_over(self.house.waiting(self.bob)).shown.code

    def add_open_case(self, admin: Person) -> Case:
        case = a_case(subscriber_id=self.bob.id, admin_id=admin.id)
        with self.database.unit_of_work() as uow:
            assert uow.cases.add(case)
            uow.commit()
        return case

    def test_wrong_set_up_codes_stay_counted(self) -> None:
        waiting = self.house.waiting(self.bob)
        for _ in range(5):
            with pytest.raises(SetUpCodeWrong):
                self.house.set_up.accept_code(waiting.token, "0000-0000")
        handed_over = self.hand_over(waiting)
        with pytest.raises(SetUpCodeThrottled):
            self.house.set_up.accept_code(waiting.token, handed_over.shown.code)


class TestContactsWithoutSlack(Base):
    @pytest.fixture(autouse=True)
    def _out_of_slack(self, _house: None) -> None:
        self.database.bind(self.bob.id, None)

    def test_is_named_by_the_contacts_id_and_slack_is_asked_about_the_admin_alone(self) -> None:
        waiting = self.house.waiting(self.bob)
        self.house.workspace.asked.clear()
        handed_over = self.hand_over(waiting, subscriber=Named(contact_id=self.bob.id))
        assert handed_over.subscriber.id == self.bob.id
        assert self.house.workspace.asked == [self.alan.slack.user]

    def test_an_id_that_is_nobodys_is_refused(self) -> None:
        waiting = self.house.waiting(self.bob)
        with pytest.raises(SubscriberNotAContact):
            self.hand_over(waiting, subscriber=Named(contact_id=ContactId("con_nobody")))
        assert self.refused() == "subscriber_not_a_contact"

    def test_a_contact_of_no_shared_account_is_refused(self) -> None:
        waiting = self.house.waiting(self.bob)
        with pytest.raises(NoSharedAccount):
            self.hand_over(waiting, subscriber=Named(contact_id=self.world.dana.id))

    def test_whoever_was_bound_since_they_were_picked_is_asked_about(self) -> None:
        waiting = self.house.waiting(self.bob)
        self.database.bind(self.bob.id, self.bob.slack)
        self.house.workspace.deactivate(self.bob.slack.user)
        with pytest.raises(DeactivatedRefused):
            self.hand_over(waiting, subscriber=Named(contact_id=self.bob.id))


class TestRefusals(Base):
    def test_proof_is_asked_for_before_a_code_is_looked_at(self) -> None:
        waiting = self.house.waiting(self.bob)
        counted = self.database.rows("attempts")
        with pytest.raises(ProofMissing):
            self.hand_over(waiting, proof=None, code="000000")
        assert self.refused() == "proof_missing"
        assert self.database.rows("attempts") == counted

    def test_a_wrong_code_counts_and_shows_nothing(self) -> None:
        waiting = self.house.waiting(self.bob)
        for _ in range(5):
            with pytest.raises(CodeWrong):
                self.hand_over(waiting, code="000000")
        with pytest.raises(CodeThrottled):
            self.hand_over(waiting)
        assert self.house.tags().count("slack:hand_over:code_wrong") == 5
        assert self.house.notices(NoticeKind.HANDED_OVER) == []

    def test_a_malformed_code_does_not_count(self) -> None:
        waiting = self.house.waiting(self.bob)
        for _ in range(6):
            with pytest.raises(CodeMalformed):
                self.hand_over(waiting, code="12345")
        assert self.hand_over(waiting).shown.code

    @pytest.mark.parametrize("session_id", [None, SessionId("session_of_nobody")])
    def test_a_sign_in_that_does_not_wait_spends_no_code(
        self, session_id: SessionId | None
    ) -> None:
        waiting, code = self.house.waiting(self.bob), self.alan.code(self.clock)
        with pytest.raises(SignInMissing):
            self.hand_over(waiting, session_id=session_id, code=code)
        assert self.hand_over(waiting, code=code).shown.code

    def test_another_persons_sign_in_is_none_of_theirs(self) -> None:
        self.house.waiting(self.bob)
        self.house.reset(self.alice)
        foreign = self.house.waiting(self.alice)
        with pytest.raises(SignInMissing):
            self.hand_over(foreign)

    def test_the_cases_own_admin_spends_no_code(self) -> None:
        waiting, code = self.house.waiting(self.bob), self.alice.code(self.clock)
        with pytest.raises(HandOverByAdmin):
            self.hand_over(waiting, by=self.alice, code=code)
        verified = self.house.sign_in.verify_code(self.house.begin(self.alice).token, code)
        assert verified.session.stage is SessionStage.SIGNED_IN

    def test_standing_is_settled_anew(self) -> None:
        waiting = self.house.waiting(self.bob)
        self.service.prepare(self.alan.slack, Named(slack_user=self.bob.slack.user))
        self.suspend(self.alan)
        with pytest.raises(Refusal) as raised:
            self.hand_over(waiting)
        assert raised.value.tag == "admin_suspended"

    def test_a_stranger_is_refused(self) -> None:
        waiting = self.house.waiting(self.bob)
        self.house.workspace.members["U01STRANGER"] = a_member("U01STRANGER")
        with pytest.raises(SubscriberNotAContact):
            self.hand_over(waiting, subscriber=Named(slack_user="U01STRANGER"))
        with pytest.raises(UnknownPerson):
            self.hand_over(waiting, subscriber=Named())

    def test_a_sign_in_that_ends_just_then_is_missing(self) -> None:
        waiting = self.house.waiting(self.bob)
        self.rivals.before(1, self.end_sessions)
        with pytest.raises(NobodyWaits):
            self.hand_over(waiting)

    def test_a_race_lost_to_the_sign_in_itself_shows_nothing(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        waiting = self.house.waiting(self.bob)
        monkeypatch.setattr(
            "bot.domain.set_up.handing_over.issue_set_up_code", lambda *_a, **_k: None
        )
        with pytest.raises(SignInMissing):
            self.hand_over(waiting)
        assert self.house.notices(NoticeKind.HANDED_OVER) == []


def addressee(notice: Notice) -> str:
    return notice.contact_id or notice.slack_address or ""
