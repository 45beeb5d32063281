"""Handing a set-up code over: an administrator sees it, and reads it to the subscriber."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.model import errors
from bot.domain.model.cases import CaseState, Proof
from bot.domain.model.ids import ContactId, SessionId
from bot.domain.model.notices import NoticeKind
from bot.domain.model.people import Operator, SessionStage, SuspensionCause
from bot.domain.model.reset_form import Named
from bot.domain.proving import totp
from bot.domain.set_up.handing_over import FilledHandOver, HandedOver
from bot.domain.set_up.sessions import SignedSession
from tests.fakes import NOON, Person, a_case, a_member, a_suspension
from tests.fakes.world import bind
from tests.office.portal import ADDRESS, BROWSER, Portal

AUDIT_CHANNEL = "C01AUDIT"


class Helping(Portal):
    """Bob's 2FA was reset by Alice's case: Alan, for one, may help him to set it up again."""

    def __init__(self, *, audit_channel: str | None = AUDIT_CHANNEL) -> None:
        super().__init__(audit_channel=audit_channel)
        self.workspace.members["U01STRANGER"] = a_member("U01STRANGER")
        self.of_bob = self.reset(self.bob)

    def prepare(self, admin: Person, subscriber: Person) -> Any:
        return self.hand_over.prepare(admin.slack, Named(slack_user=subscriber.slack.user))

    def help(
        self, waiting: SignedSession, *, by: Person | None = None, **changes: Any
    ) -> HandedOver:
        admin = by or self.alan
        values: dict[str, Any] = {
            "subscriber": Named(slack_user=self.bob.slack.user),
            "session_id": waiting.session.id,
            "proof": Proof.CALLED_BACK,
            "code": admin.code(self.clock),
        }
        return self.hand_over.hand_over(admin.slack, FilledHandOver(**(values | changes)))

    def addressees(self) -> list[str | None]:
        notices = self.notices(NoticeKind.HANDED_OVER)
        return [notice.contact_id or notice.slack_address for notice in notices]


@pytest.fixture
def house() -> Helping:
    return Helping()


def nobody_waits(_house: Helping) -> None:
    """Bob has not signed in."""


def bob_waits(house: Helping) -> None:
    house.waiting(house.bob)


def bobs_sign_in_has_gone_on(house: Helping) -> None:
    house.setting_up(house.bob)


def bob_waits_with_nothing_to_set_up(house: Helping) -> None:
    bob_waits(house)
    house.require_set_up(house.bob, required=False)
    house.store(lambda uow: bind(uow, house.bob.id, totp.new_shared_secret()))


def bob_waits_suspended(house: Helping) -> None:
    bob_waits(house)
    house.suspend_for(SuspensionCause.VETOED, house.bob)


def bob_waits_deactivated(house: Helping) -> None:
    bob_waits(house)
    house.workspace.deactivate(house.bob.slack.user)


def slack_is_away(house: Helping) -> None:
    bob_waits(house)
    house.workspace.available = False


REFUSED: list[tuple[str, str, Callable[[Helping], None], type[errors.Refusal | errors.Fault]]] = [
    ("alan", "alan", bob_waits, errors.OneselfRefused),
    ("alan", "carol", bob_waits, errors.Outranked),
    ("alan", "dana", bob_waits, errors.NoSharedAccount),
    ("dana", "bob", bob_waits, errors.NoAuthenticator),
    ("bob", "alice", bob_waits, errors.NotAnAdministrator),
    ("alice", "bob", bob_waits, errors.HandOverByAdmin),
    ("alan", "bob", nobody_waits, errors.NobodyWaits),
    ("alan", "alice", nobody_waits, errors.NobodyWaits),
    ("alan", "bob", bobs_sign_in_has_gone_on, errors.NobodyWaits),
    ("alan", "bob", bob_waits_with_nothing_to_set_up, errors.NobodyWaits),
    ("alan", "bob", bob_waits_suspended, errors.SubscriberSuspended),
    ("alan", "bob", bob_waits_deactivated, errors.DeactivatedRefused),
    ("alan", "bob", slack_is_away, errors.WorkspaceUnavailableError),
]


class TestPreparing:
    def test_shows_whom_why_and_which_sign_ins_and_changes_nothing(self, house: Helping) -> None:
        first = house.waiting(house.bob).session
        house.clock.advance(timedelta(minutes=1))
        second, before = house.waiting(house.bob).session, house.tags()
        form = house.prepare(house.alan, house.bob)
        assert (form.subscriber.id, form.accounts) == (house.bob.id, (house.world.acme,))
        assert form.case.case == house.of_bob
        assert [session.id for session in form.sessions] == [second.id, first.id]
        assert house.tags() == before
        assert house.addressees() == []

    @pytest.mark.parametrize(("admin", "subscriber", "arrange", "refusal"), REFUSED)
    def test_is_refused_and_recorded(
        self,
        house: Helping,
        admin: str,
        subscriber: str,
        *,
        arrange: Callable[[Helping], None],
        refusal: type[errors.Refusal | errors.Fault],
    ) -> None:
        actor: Person = getattr(house.world, admin)
        arrange(house)
        with pytest.raises(refusal):
            house.prepare(actor, getattr(house.world, subscriber))
        record = house.records()[-1]
        assert record.tag == f"slack:hand_over:{refusal.tag}"
        assert record.slack_user == actor.slack.user
        if refusal is errors.HandOverByAdmin:
            assert (record.actor, record.case) == (actor.id, house.of_bob.id)
            assert record.account == house.of_bob.account_id

    @pytest.mark.parametrize(("days", "taken"), [(29, False), (30, True)])
    def test_who_was_reported_hands_nothing_over_for_thirty_days(
        self, house: Helping, days: int, *, taken: bool
    ) -> None:
        """Alan's reset was reported and undone by Alice's: he stays out of what follows."""
        reported = a_case(
            subscriber_id=house.bob.id,
            account_id=house.world.acme.id,
            admin_id=house.alan.id,
            state=CaseState.SUPERSEDED,
        )
        at = house.clock.now() - timedelta(days=days)
        report = a_suspension(house.bob.id, case_id=reported.id, suspended_at=at)
        house.store(lambda uow: uow.cases.add(reported))
        house.store(lambda uow: uow.suspensions.add(report))
        house.store(
            lambda uow: uow.suspensions.lift(house.bob.id, lifted_by=house.alice.id, now=at)
        )
        bob_waits(house)
        if taken:
            assert house.prepare(house.alan, house.bob).case.case.id == house.of_bob.id
        else:
            with pytest.raises(errors.HandOverByAdmin):
                house.prepare(house.alan, house.bob)

    @pytest.mark.parametrize("state", [CaseState.AWAITING_CONFIRMATION, CaseState.FAILED])
    def test_who_asked_for_another_case_is_refused_where_none_was_completed(
        self, house: Helping, state: CaseState
    ) -> None:
        """One that failed does not wait: what the sign-in opens then by itself has no admin."""
        house.require_set_up(house.bob)
        case = a_case(subscriber_id=house.bob.id, admin_id=house.alan.id, state=state)
        done, then = [CaseState.COMPLETED], CaseState.RE_ENROLLED
        house.store(lambda uow: uow.cases.move(house.of_bob.id, states=done, to=then, now=NOON))
        house.store(lambda uow: uow.cases.add(case))
        bob_waits(house)
        with pytest.raises(errors.HandOverByAdmin):
            house.prepare(house.alan, house.bob)
        whose = house.prepare(house.alice, house.bob).case.case.admin_id
        assert whose == (None if state is CaseState.FAILED else house.alan.id)

    def test_who_asked_for_the_reset_is_refused_though_the_operator_reinstated_them(
        self, house: Helping
    ) -> None:
        """Bob's set-up was not done in time; the operator's case that follows has no admin."""
        done, then = [CaseState.COMPLETED], CaseState.LAPSED
        house.store(lambda uow: uow.cases.move(house.of_bob.id, states=done, to=then, now=NOON))
        house.suspend_for(SuspensionCause.LAPSED, house.bob, case_id=house.of_bob.id)
        house.clock.advance(timedelta(minutes=1))
        operator = Operator(user="ops", host="console")
        again = house.suspensions.reinstate(house.bob.email, reason="He phoned", operator=operator)
        bob_waits(house)
        with pytest.raises(errors.HandOverByAdmin):
            house.prepare(house.alice, house.bob)
        assert house.prepare(house.alan, house.bob).case.case == again.case


class TestHandingOver:
    def test_the_code_fits_the_chosen_sign_in_alone(self, house: Helping) -> None:
        mine, other = house.waiting(house.bob), house.waiting(house.bob)
        before = house.set_up.show_code(house.bob.slack, mine.session.id).code
        handed_over = house.help(mine)
        assert re.fullmatch(r"[0-9A-Z]{4}-[0-9A-Z]{4}", handed_over.shown.code)
        assert handed_over.shown.expires_at == NOON + timedelta(minutes=10)
        assert handed_over.subscriber.id == house.bob.id
        for session, code in (other, handed_over.shown.code), (mine, before):
            with pytest.raises(errors.SetUpCodeWrong):
                house.set_up.accept_code(session.token, code)
        accepted = house.set_up.accept_code(mine.token, handed_over.shown.code)
        assert accepted.session.stage is SessionStage.SETTING_UP

    def test_is_recorded_without_the_code_and_kept_with_the_case(self, house: Helping) -> None:
        waiting = house.waiting(house.bob)
        before = len(house.tags())
        handed_over = house.help(waiting)
        tags = house.tags(since=before)
        assert tags == ["slack:code:accepted", "slack:set_up_code:handed_over"]
        record = house.records()[-1]
        assert (record.actor, record.subscriber) == (house.alan.id, house.bob.id)
        assert (record.case, record.slack_user) == (house.of_bob.id, house.alan.slack.user)
        assert record.details == {
            "session": waiting.session.id,
            "browser": BROWSER,
            "address": ADDRESS,
            "admin": house.alan.email,
            "subscriber": house.bob.email,
            "proof": "called_back",
        }
        written = house.database.dump() + repr(handed_over)
        assert handed_over.shown.code not in written
        assert handed_over.shown.code.replace("-", "") not in written
        with house.unit_of_work() as uow:
            (kept,) = uow.cases.hand_overs_of(house.of_bob.id)
        assert (kept.session_id, kept.handed_over_by) == (waiting.session.id, house.alan.id)
        assert (kept.proof, kept.handed_over_at) == (Proof.CALLED_BACK, NOON)

    def test_subscriber_owners_admin_and_channel_hear_of_it_but_not_who_did_it(
        self, house: Helping
    ) -> None:
        waiting = house.waiting(house.bob)
        house.help(waiting)
        (notice,) = house.notices(NoticeKind.SUBSCRIBER_HANDED_OVER)
        assert (notice.contact_id, notice.subject_id) == (house.bob.id, house.alan.id)
        assert (notice.case_id, notice.session_id) == (house.of_bob.id, waiting.session.id)
        owners = [house.world.carol.id, house.world.dana.id]
        assert house.addressees() == [house.alice.id, *owners, AUDIT_CHANNEL]
        notices = house.notices(NoticeKind.HANDED_OVER)
        assert {(n.subject_id, n.case_id) for n in notices} == {(house.alan.id, house.of_bob.id)}

    def test_an_owner_who_did_it_is_told_nothing_and_there_may_be_no_channel(self) -> None:
        house = Helping(audit_channel=None)
        house.help(house.waiting(house.bob), by=house.world.carol)
        assert house.addressees() == [house.alice.id, house.world.dana.id]

    def test_whoever_took_the_case_over_hears_of_it_too(self, house: Helping) -> None:
        carol, alice = house.world.carol.id, house.alice.id
        house.store(lambda uow: uow.cases.take_over(house.of_bob.id, by=carol, from_=alice))
        house.help(house.waiting(house.bob))
        assert set(house.addressees()) == {alice, carol, house.world.dana.id, AUDIT_CHANNEL}
        assert len(house.addressees()) == 4

    def test_an_open_case_of_ones_own_does_not_matter(self, house: Helping) -> None:
        case = a_case(subscriber_id=house.bob.id, admin_id=house.alan.id)
        house.store(lambda uow: uow.cases.add(case))
        assert house.help(house.waiting(house.bob)).shown.code

    def test_wrong_set_up_codes_stay_counted(self, house: Helping) -> None:
        waiting = house.waiting(house.bob)
        for _ in range(5):
            with pytest.raises(errors.SetUpCodeWrong):
                house.set_up.accept_code(waiting.token, "0000-0000")
        handed_over = house.help(waiting)
        with pytest.raises(errors.SetUpCodeThrottled):
            house.set_up.accept_code(waiting.token, handed_over.shown.code)


class TestContactsWithoutSlack:
    def test_are_named_by_id_and_slack_is_asked_about_the_admin_alone(self, house: Helping) -> None:
        house.database.bind(house.bob.id, None)
        waiting = house.waiting(house.bob)
        house.workspace.asked.clear()
        handed_over = house.help(waiting, subscriber=Named(contact_id=house.bob.id))
        assert handed_over.subscriber.id == house.bob.id
        assert house.workspace.asked == [house.alan.slack.user]
        with pytest.raises(errors.NoSharedAccount):
            house.help(waiting, subscriber=Named(contact_id=house.world.dana.id))

    def test_whoever_was_bound_since_they_were_picked_is_asked_about(self, house: Helping) -> None:
        waiting = house.waiting(house.bob)
        house.workspace.deactivate(house.bob.slack.user)
        with pytest.raises(errors.DeactivatedRefused):
            house.help(waiting, subscriber=Named(contact_id=house.bob.id))


class TestRefusals:
    @pytest.mark.parametrize(
        ("changes", "refusal"),
        [
            ({"session_id": None}, errors.SignInMissing),
            ({"session_id": SessionId("session_of_nobody")}, errors.SignInMissing),
            ({"proof": None, "code": "000000"}, errors.ProofMissing),
            ({"code": "12345"}, errors.CodeMalformed),
            ({"subscriber": Named(slack_user="U01STRANGER")}, errors.SubscriberNotAContact),
            ({"subscriber": Named(contact_id=ContactId("con_0"))}, errors.SubscriberNotAContact),
            ({"subscriber": Named()}, errors.UnknownPerson),
        ],
    )
    def test_an_unfit_form_is_recorded_and_spends_and_counts_no_code(
        self, house: Helping, changes: dict[str, Any], refusal: type[errors.Refusal]
    ) -> None:
        waiting, counted = house.waiting(house.bob), house.database.rows("attempts")
        for _ in range(6):
            with pytest.raises(refusal):
                house.help(waiting, **changes)
        assert house.tags()[-1] == f"slack:hand_over:{refusal.tag}"
        assert house.database.rows("attempts") == counted
        assert house.help(waiting).shown.code

    def test_a_wrong_code_counts_and_shows_nothing(self, house: Helping) -> None:
        waiting = house.waiting(house.bob)
        for _ in range(5):
            with pytest.raises(errors.CodeWrong):
                house.help(waiting, code="000000")
        with pytest.raises(errors.CodeThrottled):
            house.help(waiting)
        assert house.tags().count("slack:hand_over:code_wrong") == 5
        assert house.addressees() == []

    def test_a_code_is_spent_on_one(self, house: Helping) -> None:
        house.help(house.waiting(house.bob))
        with pytest.raises(errors.CodeWrong):
            house.help(house.waiting(house.bob))

    def test_another_persons_sign_in_is_none_of_theirs(self, house: Helping) -> None:
        bob_waits(house)
        house.reset(house.alice)
        with pytest.raises(errors.SignInMissing):
            house.help(house.waiting(house.alice))

    def test_the_cases_own_admin_spends_no_code(self, house: Helping) -> None:
        code = house.alice.code(house.clock)
        with pytest.raises(errors.HandOverByAdmin):
            house.help(house.waiting(house.bob), by=house.alice, code=code)
        verified = house.sign_in.verify_code(house.begin(house.alice).token, code)
        assert verified.session.stage is SessionStage.SIGNED_IN

    def test_standing_is_settled_anew(self, house: Helping) -> None:
        waiting = house.waiting(house.bob)
        house.prepare(house.alan, house.bob)
        house.suspend_for(SuspensionCause.VETOED, house.alan)
        with pytest.raises(errors.AdminSuspended):
            house.help(waiting)

    def test_a_sign_in_that_ends_just_then_is_missing(self, house: Helping) -> None:
        waiting, now = house.waiting(house.bob), house.clock.now()
        house.rivals.before(
            1, lambda: house.store(lambda uow: uow.sessions.end_all(house.bob.id, now=now))
        )
        with pytest.raises(errors.NobodyWaits):
            house.help(waiting)

    def test_a_race_lost_to_the_sign_in_itself_shows_nothing(
        self, house: Helping, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        waiting = house.waiting(house.bob)
        monkeypatch.setattr(
            "bot.domain.set_up.handing_over.issue_set_up_code", lambda *_a, **_k: None
        )
        with pytest.raises(errors.SignInMissing):
            house.help(waiting)
        assert house.addressees() == []
