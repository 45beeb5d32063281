"""Cases belong to their account: who sees them, and what they may do about each."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.desk.case_story import MOST_RECORDS, OUTSIDER
from bot.domain.model.cases import Case, CaseKind, CaseState
from bot.domain.model.errors import (
    AdminSuspended,
    AlreadyDecided,
    CaseMovedOn,
    CaseNotFound,
    CaseYoursAlready,
    ConfirmExpired,
    GuestRefused,
    NoAuthenticator,
    NoSharedAccount,
    NotAContact,
    NotAnAdministrator,
    OneselfRefused,
    Refusal,
    RemindedAlready,
    SubscriberNotAContact,
    UnknownPerson,
    WorkspaceUnavailableError,
)
from bot.domain.model.ids import AccountId, CaseId, ContactId
from bot.domain.model.notices import Notice, NoticeKind
from bot.domain.model.people import Member, Role, SuspensionCause
from bot.domain.model.pressed import Pressed
from bot.domain.model.reset_form import Named
from bot.domain.model.roster import ChangeKind, RosterChange
from bot.domain.model.views import TAKEABLE_STATES, CaseAct, OwnStatus, PersonStatus, acts_on
from tests.fakes import Person, a_case, a_member, a_slack_identity, a_suspension, an_event
from tests.office.desk import Desk

ACTS = ["remind", "take_over", "cancel", "details"]


@pytest.fixture
def desk() -> Desk:
    return Desk()


def add(desk: Desk, state: CaseState = CaseState.COMPLETED, **fields: object) -> Case:
    """Store a case of Bob's, asked for by Alice in Acme."""
    world = desk.world
    values: dict[str, object] = {
        "subscriber_id": world.bob.id,
        "account_id": world.acme.id,
        "admin_id": world.alice.id,
        "state": state,
        "completed_at": desk.clock.now() if state is CaseState.COMPLETED else None,
    }
    case = a_case(**(values | fields))  # type: ignore[arg-type]  # names and types are the test's
    with desk.database.unit_of_work() as uow:
        assert uow.cases.add(case)
        uow.commit()
    return case


def act(desk: Desk, name: str, actor: Person, case_id: CaseId) -> None:
    """Press one of the four buttons."""
    if name == "details":
        desk.case_work.details(actor.slack, case_id)
        return
    pressed: dict[str, Callable[..., None]] = {
        "remind": desk.case_work.remind,
        "take_over": desk.case_work.take_over,
        "cancel": desk.case_work.cancel,
    }
    pressed[name](
        Pressed(actor=actor.slack, value=case_id, response_url="https://hooks/3", replace=True)
    )


def status(desk: Desk, actor: Person, subscriber: Person) -> PersonStatus:
    shown = desk.case_work.status(actor.slack, Named(slack_user=subscriber.slack.user))
    assert isinstance(shown, PersonStatus)
    return shown


def ids(shown: PersonStatus) -> list[CaseId]:
    return [case.view.case.id for case in shown.cases]


def answers(desk: Desk) -> list[Notice]:
    return [m.notice for m in desk.messages(NoticeKind.CASE_ACT_DONE)]


def suspend(desk: Desk, person: Person, cause: SuspensionCause = SuspensionCause.VETOED) -> None:
    with desk.database.unit_of_work() as uow:
        uow.suspensions.add(a_suspension(person.id, cause=cause))
        uow.commit()


def in_slack(desk: Desk, member: Member) -> None:
    """Have Slack describe somebody so from now on."""
    desk.workspace.members[member.identity.user] = member


def leave_roles(desk: Desk, person: Person, roles: dict[AccountId, Role]) -> None:
    with desk.database.unit_of_work() as uow:
        known = uow.roster.read().contacts[person.email]
        changed = replace(known, roles=roles)
        change = RosterChange(kind=ChangeKind.CONTACT_CHANGED, contact=changed)
        assert list(uow.roster.apply([change], now=desk.clock.now())) == [1]
        uow.commit()


class TestWhatMayBeDone:
    @pytest.mark.parametrize(
        ("state", "acts"),
        [
            (CaseState.AWAITING_CONFIRMATION, {CaseAct.CANCEL}),
            (CaseState.EXECUTING, set()),
            (CaseState.COMPLETED, {CaseAct.REMIND, CaseAct.TAKE_OVER}),
            (CaseState.LAPSED, {CaseAct.TAKE_OVER}),
            (CaseState.VETOED, {CaseAct.TAKE_OVER}),
            (CaseState.FAILED, {CaseAct.TAKE_OVER}),
            (CaseState.RE_ENROLLED, set()),
            (CaseState.DECLINED, set()),
            (CaseState.EXPIRED, set()),
            (CaseState.CANCELLED, set()),
            (CaseState.SUPERSEDED, set()),
        ],
    )
    def test_of_a_case_in_each_state(self, state: CaseState, acts: set[CaseAct]) -> None:
        case = a_case(subscriber_id=ContactId("bob"), admin_id=ContactId("alice"), state=state)
        assert set(acts_on(case, ContactId("alan"))) == acts | {CaseAct.DETAILS}
        assert CaseAct.TAKE_OVER not in acts_on(case, ContactId("alice"))


class TestStatus:
    def test_shows_the_cases_of_shared_accounts_alone_newest_first(self, desk: Desk) -> None:
        old = add(desk, CaseState.DECLINED)
        add(desk, CaseState.LAPSED, account_id=desk.world.globex.id, admin_id=desk.world.dana.id)
        new = add(desk, CaseState.AWAITING_CONFIRMATION)
        shown = status(desk, desk.world.alan, desk.world.bob)
        assert ids(shown) == [new.id, old.id]
        assert shown.older == 0
        assert [account.id for account in shown.accounts] == [desk.world.acme.id]
        assert shown.suspensions == ()
        (record,) = desk.database.records()
        assert (record.tag, record.actor) == ("slack:status:shown", desk.world.alan.id)
        assert record.subscriber == desk.world.bob.id

    def test_shows_five_and_counts_the_rest(self, desk: Desk) -> None:
        cases = [add(desk, CaseState.DECLINED) for _ in range(7)]
        shown = status(desk, desk.world.alan, desk.world.bob)
        assert ids(shown) == [case.id for case in reversed(cases[2:])]
        assert shown.older == 2

    def test_of_somebody_without_a_case(self, desk: Desk) -> None:
        shown = status(desk, desk.world.alan, desk.world.bob)
        assert (shown.cases, shown.last_resets) == ((), ())

    def test_tells_of_what_suspends_them_and_the_last_three_resets(self, desk: Desk) -> None:
        suspend(desk, desk.world.bob)
        with desk.database.unit_of_work() as uow:
            uow.suspensions.lift(desk.world.bob.id, lifted_by="operator", now=desk.clock.now())
            uow.commit()
        suspend(desk, desk.world.bob, SuspensionCause.LAPSED)
        suspend(desk, desk.world.bob, SuspensionCause.OPERATOR)
        now = desk.clock.now()
        times = [now - timedelta(days=days) for days in (1, 9, 5, 7)]
        for at in times:
            add(desk, CaseState.RE_ENROLLED, completed_at=at)
        add(desk, CaseState.RE_ENROLLED, kind=CaseKind.FIRST_SET_UP, completed_at=now)
        at_the_console = {"opened_at": now, "completed_at": now, "re_enrolled_at": now}
        add(desk, CaseState.RE_ENROLLED, kind=CaseKind.OPERATOR, **at_the_console)
        elsewhere = {"account_id": desk.world.globex.id, "completed_at": now}
        add(desk, CaseState.RE_ENROLLED, **elsewhere)
        shown = status(desk, desk.world.alan, desk.world.bob)
        causes = {each.cause for each in shown.suspensions}
        assert causes == {SuspensionCause.LAPSED, SuspensionCause.OPERATOR}
        assert shown.last_resets == tuple(sorted(times, reverse=True)[:3])

    def test_tells_who_has_the_case(self, desk: Desk) -> None:
        case = add(desk)
        act(desk, "take_over", desk.world.alan, case.id)
        (shown,) = status(desk, desk.world.carol, desk.world.bob).cases
        assert shown.view.admin is not None
        assert shown.view.taken_over_by is not None
        assert (shown.view.admin.id, shown.view.taken_over_by.id) == (
            desk.world.alice.id,
            desk.world.alan.id,
        )

    def test_tells_of_messages_that_did_not_arrive_but_names_no_stranger(self, desk: Desk) -> None:
        case, other = add(desk, CaseState.VETOED), add(desk, CaseState.DECLINED)
        world = desk.world
        with desk.database.unit_of_work() as uow:
            for contact_id in (world.bob.id, world.carol.id, world.dana.id, None):
                notice = Notice(kind=NoticeKind.OWNER_RESET, contact_id=contact_id, case_id=case.id)
                message_id = uow.outbox.add(notice, now=desk.clock.now())
                assert message_id is not None
                uow.outbox.mark_failed(
                    message_id, now=desk.clock.now(), error="user_disabled", holder=None
                )
            uow.commit()
        first, second = status(desk, world.alan, world.bob).cases
        assert (first.view.case.id, first.undelivered) == (other.id, ())
        missed = [each.recipient.id for each in second.undelivered]
        assert missed == [world.bob.id, world.carol.id]  # Dana owns an account of no concern here

    def test_of_somebody_who_has_left_slack(self, desk: Desk) -> None:
        case = add(desk)
        in_slack(desk, a_member(desk.world.bob.slack.user, is_deactivated=True))
        assert ids(status(desk, desk.world.alan, desk.world.bob)) == [case.id]

    def test_of_a_contact_by_id(self, desk: Desk) -> None:
        case = add(desk)
        named = Named(contact_id=desk.world.bob.id)
        shown = desk.case_work.status(desk.world.alan.slack, named)
        assert isinstance(shown, PersonStatus)
        assert ids(shown) == [case.id]

    @pytest.mark.parametrize(
        ("who", "named", "refusal"),
        [
            ("bob", "alice", NotAnAdministrator),
            ("dana", "alice", NoSharedAccount),
            ("dana", "bob", NoAuthenticator),
        ],
    )
    def test_is_refused_to_whoever_could_not_reset_them(
        self, desk: Desk, who: str, named: str, refusal: type[Refusal]
    ) -> None:
        with pytest.raises(refusal):
            status(desk, getattr(desk.world, who), getattr(desk.world, named))
        assert desk.tags() == [f"slack:case:{refusal.tag}"]

    def test_is_refused_to_strangers_guests_and_about_strangers(self, desk: Desk) -> None:
        alan, bob = desk.world.alan, desk.world.bob
        for user in ("U01NEW", "U01GUEST"):
            in_slack(desk, a_member(user, is_guest=user == "U01GUEST"))
        named = Named(slack_user=bob.slack.user)
        with pytest.raises(NotAContact):
            desk.case_work.status(a_slack_identity("U01NEW"), named)
        with pytest.raises(GuestRefused):
            desk.case_work.status(a_slack_identity("U01GUEST"), named)
        with pytest.raises(SubscriberNotAContact):
            desk.case_work.status(alan.slack, Named(slack_user="U01NEW"))
        with pytest.raises(UnknownPerson):
            desk.case_work.status(alan.slack, Named(slack_user="U01NOBODY"))
        with pytest.raises(SubscriberNotAContact):
            desk.case_work.status(alan.slack, Named(contact_id=ContactId("con_nobody")))
        assert len(desk.tags()) == 5

    def test_a_member_does_not_learn_who_is_bound(self, desk: Desk) -> None:
        in_slack(desk, a_member("U01NEW"))
        for user in (desk.world.dana.slack.user, "U01NEW"):
            with pytest.raises(NotAnAdministrator):
                desk.case_work.status(desk.world.bob.slack, Named(slack_user=user))

    def test_without_slack_is_a_fault(self, desk: Desk) -> None:
        desk.workspace.available = False
        with pytest.raises(WorkspaceUnavailableError):
            status(desk, desk.world.alan, desk.world.bob)
        assert desk.tags() == ["slack:case:workspace_unavailable_error"]


class TestOwnStatus:
    @pytest.mark.parametrize("named", [Named(), Named(slack_user="U01BOB")])
    def test_everybody_sees_their_own(self, desk: Desk, named: Named) -> None:
        add(desk)
        shown = desk.case_work.status(desk.world.bob.slack, named)
        assert isinstance(shown, OwnStatus)
        assert shown.contact.id == desk.world.bob.id
        assert [a.id for a in shown.authenticators] == [desk.world.bob.authenticator_id]
        assert (shown.set_up_required, shown.suspension) == (False, None)
        assert desk.tags() == []

    def test_one_who_is_suspended_too(self, desk: Desk) -> None:
        suspend(desk, desk.world.alice)
        shown = desk.case_work.status(desk.world.alice.slack, Named())
        assert isinstance(shown, OwnStatus)
        assert shown.suspension is not None


class TestRemind:
    def test_writes_to_the_subscriber_and_answers(self, desk: Desk) -> None:
        case = add(desk)
        act(desk, "remind", desk.world.alan, case.id)
        assert desk.told(NoticeKind.SUBSCRIBER_REMINDED) == [desk.world.bob.id]
        assert desk.tags() == ["slack:case:reminded"]
        (answer,) = answers(desk)
        assert (answer.contact_id, answer.subject_id) == (desk.world.alan.id, desk.world.bob.id)
        assert answer.facts == {"act": "remind"}
        assert (answer.response_url, answer.replace_original) == ("https://hooks/3", True)
        assert desk.case(case.id) == case  # the reminders that come by themselves are not moved

    def test_only_once_an_hour_whoever_does_it(self, desk: Desk) -> None:
        case, other = add(desk), add(desk, subscriber_id=desk.world.dana.id)
        act(desk, "remind", desk.world.alan, case.id)
        desk.clock.advance(timedelta(minutes=59, seconds=59))
        with pytest.raises(RemindedAlready) as refused:
            act(desk, "remind", desk.world.carol, case.id)
        assert refused.value.retry_at == desk.clock.now() + timedelta(seconds=1)
        assert desk.tags()[-1] == "slack:case:reminded_already"
        assert desk.told(NoticeKind.SUBSCRIBER_REMINDED) == [desk.world.bob.id]
        desk.clock.advance(timedelta(seconds=1))
        act(desk, "remind", desk.world.carol, case.id)
        assert desk.told(NoticeKind.SUBSCRIBER_REMINDED) == [desk.world.bob.id] * 2
        assert other.id != case.id

    @pytest.mark.parametrize("state", sorted(set(CaseState) - {CaseState.COMPLETED}))
    def test_of_what_is_not_waiting_for_a_set_up(self, desk: Desk, state: CaseState) -> None:
        case = add(desk, state)
        with pytest.raises(CaseMovedOn):
            act(desk, "remind", desk.world.alan, case.id)
        assert (desk.messages(), desk.tags()) == ([], ["slack:case:case_moved_on"])

    def test_of_a_set_up_to_which_no_sign_in_leads(self, desk: Desk) -> None:
        case = add(desk)
        suspend(desk, desk.world.bob)
        with pytest.raises(CaseMovedOn):
            act(desk, "remind", desk.world.alan, case.id)
        assert (desk.messages(), desk.tags()) == ([], ["slack:case:case_moved_on"])
        status = desk.case_work.status(desk.world.alan.slack, Named(contact_id=desk.world.bob.id))
        assert isinstance(status, PersonStatus)
        assert CaseAct.REMIND not in status.cases[0].acts


class TestCancel:
    def test_ends_the_case_and_tells_its_admin_who_did(self, desk: Desk) -> None:
        case = desk.request(desk.world.alice, desk.world.bob).case
        known = len(desk.tags())
        act(desk, "cancel", desk.world.alan, case.id)
        ended = desk.case(case.id)
        assert (ended.state, ended.decided_at) == (CaseState.CANCELLED, desk.clock.now())
        assert desk.tags(since=known) == ["slack:case:cancelled"]
        (outcome,) = [m.notice for m in desk.messages(NoticeKind.OUTCOME)]
        assert (outcome.contact_id, outcome.subject_id) == (desk.world.alice.id, desk.world.alan.id)
        assert [answer.facts for answer in answers(desk)] == [{"act": "cancel"}]
        with pytest.raises(AlreadyDecided):
            desk.confirm(desk.world.alice, case.id)

    def test_of_what_is_past_its_deadline_ends_it_as_expired(self, desk: Desk) -> None:
        case = desk.request(desk.world.alice, desk.world.bob).case
        desk.clock.advance(timedelta(minutes=5))
        with pytest.raises(ConfirmExpired):
            act(desk, "cancel", desk.world.alan, case.id)
        assert desk.case(case.id).state is CaseState.EXPIRED
        assert desk.tags()[-2:] == ["sweep:case:expired", "slack:case:confirm_expired"]
        assert answers(desk) == []

    @pytest.mark.parametrize("state", sorted(set(CaseState) - {CaseState.AWAITING_CONFIRMATION}))
    def test_of_what_was_decided_comes_too_late(self, desk: Desk, state: CaseState) -> None:
        case = add(desk, state, confirm_by=None)
        with pytest.raises(AlreadyDecided):
            act(desk, "cancel", desk.world.alan, case.id)
        assert desk.case(case.id) == case
        assert (desk.messages(), desk.tags()) == ([], ["slack:case:already_decided"])


class TestTakeOver:
    def test_tells_both_and_leaves_the_admin_the_admin(self, desk: Desk) -> None:
        case = add(desk)
        act(desk, "take_over", desk.world.alan, case.id)
        taken = desk.case(case.id)
        assert (taken.admin_id, taken.in_charge_id) == (desk.world.alice.id, desk.world.alan.id)
        assert desk.told(NoticeKind.CASE_TAKEN_OVER) == [desk.world.alice.id, desk.world.alan.id]
        assert {m.notice.subject_id for m in desk.messages(NoticeKind.CASE_TAKEN_OVER)} == {
            desk.world.alan.id
        }
        assert desk.tags() == ["slack:case:taken_over"]
        assert [answer.facts for answer in answers(desk)] == [{"act": "take_over"}]

    def test_may_go_on_from_one_to_the_next(self, desk: Desk) -> None:
        case = add(desk)
        act(desk, "take_over", desk.world.alan, case.id)
        act(desk, "take_over", desk.world.carol, case.id)
        assert desk.case(case.id).in_charge_id == desk.world.carol.id
        assert desk.told(NoticeKind.CASE_TAKEN_OVER)[2:] == [
            desk.world.alan.id,
            desk.world.carol.id,
        ]

    def test_of_a_first_set_up_that_nobody_has(self, desk: Desk) -> None:
        case = add(desk, kind=CaseKind.FIRST_SET_UP, admin_id=None)
        act(desk, "take_over", desk.world.alan, case.id)
        assert desk.case(case.id).in_charge_id == desk.world.alan.id
        assert desk.told(NoticeKind.CASE_TAKEN_OVER) == [desk.world.alan.id]

    def test_its_notices_go_to_the_new_one(self, desk: Desk) -> None:
        case = desk.reset(desk.world.alice, desk.world.bob)
        act(desk, "take_over", desk.world.alan, case.id)
        desk.clock.advance(timedelta(days=1))
        desk.reminders.remind_due()
        assert desk.told(NoticeKind.ADMIN_DIGEST) == [desk.world.alan.id]

    def test_of_ones_own_is_said_so(self, desk: Desk) -> None:
        case = add(desk)
        with pytest.raises(CaseYoursAlready):
            act(desk, "take_over", desk.world.alice, case.id)
        act(desk, "take_over", desk.world.alan, case.id)
        with pytest.raises(CaseYoursAlready):
            act(desk, "take_over", desk.world.alan, case.id)
        act(desk, "take_over", desk.world.alice, case.id)  # and back again
        assert desk.case(case.id).in_charge_id == desk.world.alice.id

    @pytest.mark.parametrize("state", sorted(set(CaseState) - TAKEABLE_STATES))
    def test_of_what_is_open_or_closed(self, desk: Desk, state: CaseState) -> None:
        case = add(desk, state)
        for admin in (desk.world.alan, desk.world.alice):  # she asked for it, and has it
            with pytest.raises(CaseMovedOn):
                act(desk, "take_over", admin, case.id)
        assert desk.case(case.id) == case
        assert (desk.messages(), desk.tags()) == ([], ["slack:case:case_moved_on"] * 2)

    def test_of_what_a_rival_took_first(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        case = add(desk)
        monkeypatch.setattr("storage.cases.SqlCases.take_over", lambda *_, **__: None)
        with pytest.raises(CaseMovedOn):
            act(desk, "take_over", desk.world.alan, case.id)
        assert desk.messages() == []


class TestDetails:
    def test_tell_the_story_without_what_lies_beside_the_chain(self, desk: Desk) -> None:
        case = desk.reset(desk.world.alice, desk.world.bob)
        story = desk.case_work.details(desk.world.alan.slack, case.id)
        assert [record.tag for record in story.records] == [
            "slack:code:accepted",
            "slack:case:awaiting_confirmation",
            "slack:case:executing",
            *[r.tag for r in story.records[3:-1]],
            "slack:case:completed",
        ]
        assert all(record.details is None and record.salt is None for record in story.records)
        assert story.names[desk.world.alice.id] == "Alice Archer"
        assert story.names[desk.world.bob.id] == "Bob Brown"
        assert story.names[desk.world.acme.id] == "Acme Ltd"
        assert desk.tags()[-1] == "slack:case:shown"

    def test_leave_out_that_somebody_looked(self, desk: Desk) -> None:
        case = add(desk)
        desk.case_work.details(desk.world.alan.slack, case.id)
        assert desk.case_work.details(desk.world.alan.slack, case.id).records == ()

    def test_keep_the_newest_and_count_the_rest(self, desk: Desk) -> None:
        case = add(desk)
        with desk.database.unit_of_work() as uow:
            for number in range(MOST_RECORDS + 3):
                event = an_event(case=case.id, actor=f"con_{number}")
                uow.audit.record(event)
            uow.commit()
        story = desk.case_work.details(desk.world.alan.slack, case.id)
        assert (len(story.records), story.earlier) == (MOST_RECORDS, 3)
        assert story.records[0].actor == "con_3"

    def test_name_nobody_who_is_a_stranger_to_the_account(self, desk: Desk) -> None:
        case = add(desk)
        with pytest.raises(Refusal):
            act(desk, "cancel", desk.world.dana, case.id)
        story = desk.case_work.details(desk.world.alan.slack, case.id)
        assert [record.actor for record in story.records] == [desk.world.dana.id]
        assert story.names[desk.world.dana.id] == OUTSIDER


@pytest.mark.parametrize("name", ACTS)
class TestWhoMay:
    """Whoever may not, changes nothing and tells nobody anything; the attempt is recorded."""

    @pytest.fixture(autouse=True)
    def _case(self, desk: Desk) -> None:
        self.desk, self.case = desk, add(desk)

    def refused(self, name: str, actor: Person, refusal: type[Exception]) -> None:
        case_id, known = self.case.id, len(self.desk.tags())
        with pytest.raises(refusal):
            act(self.desk, name, actor, case_id)
        assert self.desk.case(case_id) == self.case
        assert self.desk.messages() == []
        (record,) = self.desk.database.records()[known:]
        assert record.tag == f"slack:case:{refusal.tag}"  # type: ignore[attr-defined]  # of ours
        assert record.case == case_id
        assert record.slack_user == actor.slack.user

    def test_not_a_member(self, name: str) -> None:
        leave_roles(self.desk, self.desk.world.alan, {self.desk.world.acme.id: Role.MEMBER})
        self.refused(name, self.desk.world.alan, NotAnAdministrator)

    def test_not_the_subscriber(self, name: str) -> None:
        acme = self.desk.world.acme.id
        leave_roles(self.desk, self.desk.world.bob, {acme: Role.ADMINISTRATOR})
        self.refused(name, self.desk.world.bob, OneselfRefused)

    def test_not_a_guest(self, name: str) -> None:
        in_slack(self.desk, a_member(self.desk.world.alan.slack.user, is_guest=True))
        self.refused(name, self.desk.world.alan, GuestRefused)

    def test_not_who_is_suspended(self, name: str) -> None:
        suspend(self.desk, self.desk.world.alan)
        self.refused(name, self.desk.world.alan, AdminSuspended)

    def test_not_who_has_no_authenticator(self, name: str) -> None:
        with self.desk.database.unit_of_work() as uow:
            uow.authenticators.invalidate_all(self.desk.world.alan.id, now=self.desk.clock.now())
            uow.commit()
        self.refused(name, self.desk.world.alan, NoAuthenticator)

    def test_not_who_shares_another_account_with_the_subscriber(self, name: str) -> None:
        globex = self.desk.world.globex.id
        leave_roles(self.desk, self.desk.world.alan, {globex: Role.ADMINISTRATOR})
        self.refused(name, self.desk.world.alan, CaseNotFound)

    def test_not_without_slack(self, name: str) -> None:
        self.desk.workspace.available = False
        self.refused(name, self.desk.world.alan, WorkspaceUnavailableError)

    def test_not_a_stranger(self, name: str) -> None:
        leave_roles(self.desk, self.desk.world.alan, {})
        with self.desk.database.unit_of_work() as uow:
            uow.contacts.bind_slack(self.desk.world.alan.id, a_slack_identity("U01OTHER"))
            uow.commit()
        self.refused(name, self.desk.world.alan, NotAContact)

    def test_not_of_what_nobody_knows(self, name: str) -> None:
        with pytest.raises(CaseNotFound):
            act(self.desk, name, self.desk.world.alan, CaseId("case_0"))
        assert self.desk.tags() == ["slack:case:case_not_found"]
        assert self.desk.messages() == []
