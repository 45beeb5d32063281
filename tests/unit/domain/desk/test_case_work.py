"""Cases belong to their account: who sees them, and what they may do about each."""

from datetime import timedelta

import pytest

from bot.domain.desk.case_story import MOST_RECORDS, OUTSIDER
from bot.domain.model import errors
from bot.domain.model.cases import CaseKind, CaseState
from bot.domain.model.ids import CaseId, ContactId
from bot.domain.model.notices import Notice, NoticeKind
from bot.domain.model.people import Role, SuspensionCause
from bot.domain.model.pressed import Pressed
from bot.domain.model.reset_form import Named
from bot.domain.model.views import TAKEABLE_STATES, CaseAct, OwnStatus, PersonStatus, acts_on
from tests.fakes import Person, a_case, a_member, a_slack_identity, an_event
from tests.office.desk import Desk
from tests.unit.domain.desk.unfit import UNFIT, Arrange, Why


@pytest.fixture
def desk() -> Desk:
    return Desk()


def act(desk: Desk, name: str, actor: Person, case_id: CaseId) -> None:
    """Press one of the four buttons."""
    if name == "details":
        desk.case_work.details(actor.slack, case_id)
        return
    pressed = Pressed(actor=actor.slack, value=case_id, response_url="https://hooks/3")
    getattr(desk.case_work, name)(pressed)


def status(desk: Desk, actor: Person, named: Person | Named) -> PersonStatus:
    if isinstance(named, Person):
        named = Named(slack_user=named.slack.user)
    shown = desk.case_work.status(actor.slack, named)
    assert isinstance(shown, PersonStatus)
    return shown


def ids(shown: PersonStatus) -> list[CaseId]:
    return [case.view.case.id for case in shown.cases]


def answers(desk: Desk) -> list[Notice]:
    return [m.notice for m in desk.messages(NoticeKind.CASE_ACT_DONE)]


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
def test_what_may_be_done_about_a_case_in_each_state(state: CaseState, acts: set[CaseAct]) -> None:
    case = a_case(subscriber_id=ContactId("bob"), admin_id=ContactId("alice"), state=state)
    assert set(acts_on(case, ContactId("alan"))) == acts | {CaseAct.DETAILS}
    assert CaseAct.TAKE_OVER not in acts_on(case, ContactId("alice"))


class TestStatus:
    def test_shows_the_cases_of_shared_accounts_alone_newest_first(self, desk: Desk) -> None:
        world = desk.world
        old = desk.add_case(CaseState.DECLINED)
        desk.add_case(CaseState.LAPSED, account_id=world.globex.id, admin_id=world.dana.id)
        new = desk.add_case(CaseState.AWAITING_CONFIRMATION)
        shown = status(desk, world.alan, world.bob)
        assert (ids(shown), shown.older) == ([new.id, old.id], 0)
        assert [account.id for account in shown.accounts] == [world.acme.id]
        assert (shown.suspensions, shown.last_resets) == ((), ())
        (record,) = desk.records()
        assert (record.tag, record.actor) == ("slack:status:shown", world.alan.id)
        assert record.subscriber == world.bob.id

    def test_shows_five_and_counts_the_rest(self, desk: Desk) -> None:
        cases = [desk.add_case(CaseState.DECLINED) for _ in range(7)]
        shown = status(desk, desk.alan, desk.bob)
        assert ids(shown) == [case.id for case in reversed(cases[2:])]
        assert shown.older == 2

    def test_tells_of_what_suspends_them_and_the_last_three_resets(self, desk: Desk) -> None:
        bob, now = desk.bob, desk.clock.now()
        desk.suspend_for(SuspensionCause.VETOED, bob)
        desk.store(lambda uow: uow.suspensions.lift(bob.id, lifted_by="operator", now=now))
        for cause in (SuspensionCause.LAPSED, SuspensionCause.OPERATOR):
            desk.suspend_for(cause, bob)
        times = [now - timedelta(days=days) for days in (1, 9, 5, 7)]
        for at in times:
            desk.add_case(CaseState.RE_ENROLLED, completed_at=at)
        for no_reset in (
            {"kind": CaseKind.FIRST_SET_UP},
            {"kind": CaseKind.OPERATOR, "opened_at": now, "re_enrolled_at": now},
            {"account_id": desk.world.globex.id},
        ):
            desk.add_case(CaseState.RE_ENROLLED, completed_at=now, **no_reset)
        shown = status(desk, desk.alan, bob)
        causes = {each.cause for each in shown.suspensions}
        assert causes == {SuspensionCause.LAPSED, SuspensionCause.OPERATOR}
        assert shown.last_resets == tuple(sorted(times, reverse=True)[:3])

    def test_tells_who_has_the_case(self, desk: Desk) -> None:
        world = desk.world
        act(desk, "take_over", world.alan, desk.add_case().id)
        (shown,) = status(desk, world.carol, world.bob).cases
        assert shown.view.admin is not None
        assert shown.view.taken_over_by is not None
        people = (shown.view.admin.id, shown.view.taken_over_by.id)
        assert people == (world.alice.id, world.alan.id)

    def test_tells_of_messages_that_did_not_arrive_but_names_no_stranger(self, desk: Desk) -> None:
        world, now = desk.world, desk.clock.now()
        case, other = desk.add_case(CaseState.VETOED), desk.add_case(CaseState.DECLINED)
        with desk.unit_of_work() as uow:
            for contact_id in (world.bob.id, world.carol.id, world.dana.id, None):
                notice = Notice(kind=NoticeKind.OWNER_RESET, contact_id=contact_id, case_id=case.id)
                message_id = uow.outbox.add(notice, now=now)
                assert message_id is not None
                uow.outbox.mark_failed(message_id, now=now, error="user_disabled", holder=None)
            uow.commit()
        first, second = status(desk, world.alan, world.bob).cases
        assert (first.view.case.id, first.undelivered) == (other.id, ())
        missed = [each.recipient.id for each in second.undelivered]
        assert missed == [world.bob.id, world.carol.id]  # Dana owns an account of no concern here

    def test_of_who_has_left_slack_or_is_named_by_id(self, desk: Desk) -> None:
        case, bob = desk.add_case(), desk.bob
        desk.workspace.deactivate(bob.slack.user)
        for named in (bob, Named(contact_id=bob.id)):
            assert ids(status(desk, desk.alan, named)) == [case.id]

    @pytest.mark.parametrize(
        ("who", "named", "refusal"),
        [
            ("U01BOB", "U01ALICE", errors.NotAnAdministrator),
            ("U01BOB", "U01DANA", errors.NotAnAdministrator),
            ("U01BOB", "U01NEW", errors.NotAnAdministrator),  # nor does he learn who is bound
            ("U01DANA", "U01ALICE", errors.NoSharedAccount),
            ("U01DANA", "U01BOB", errors.NoAuthenticator),
            ("U01NEW", "U01BOB", errors.NotAContact),
            ("U01GUEST", "U01BOB", errors.GuestRefused),
            ("U01ALAN", "U01NEW", errors.SubscriberNotAContact),
            ("U01ALAN", "U01NOBODY", errors.UnknownPerson),
            ("U01ALAN", "con_nobody", errors.SubscriberNotAContact),
        ],
    )
    def test_is_refused_to_whoever_could_not_reset_them(
        self, desk: Desk, who: str, named: str, refusal: type[errors.Refusal]
    ) -> None:
        for user in ("U01NEW", "U01GUEST"):
            desk.workspace.members[user] = a_member(user, is_guest=user == "U01GUEST")
        by_id = named.startswith("con_")
        asked = Named(contact_id=ContactId(named)) if by_id else Named(slack_user=named)
        with pytest.raises(refusal):
            desk.case_work.status(a_slack_identity(who), asked)
        assert desk.tags() == [f"slack:case:{refusal.tag}"]

    def test_without_slack_is_a_fault(self, desk: Desk) -> None:
        desk.workspace.available = False
        with pytest.raises(errors.WorkspaceUnavailableError):
            status(desk, desk.alan, desk.bob)
        assert desk.tags() == ["slack:case:workspace_unavailable_error"]

    @pytest.mark.parametrize("named", [Named(), Named(slack_user="U01BOB")])
    @pytest.mark.parametrize("suspended", [False, True])
    def test_everybody_sees_their_own(self, desk: Desk, named: Named, *, suspended: bool) -> None:
        bob = desk.bob
        desk.add_case()
        if suspended:
            desk.suspend_for(SuspensionCause.VETOED, bob)
        shown = desk.case_work.status(bob.slack, named)
        assert isinstance(shown, OwnStatus)
        assert shown.contact.id == bob.id
        assert [a.id for a in shown.authenticators] == [bob.authenticator_id]
        assert (shown.set_up_required, shown.suspension is not None) == (False, suspended)
        assert desk.tags() == []


class TestRemind:
    def test_writes_to_the_subscriber_and_answers(self, desk: Desk) -> None:
        case = desk.add_case()
        act(desk, "remind", desk.alan, case.id)
        assert desk.told(NoticeKind.SUBSCRIBER_REMINDED) == [desk.bob.id]
        assert desk.tags() == ["slack:case:reminded"]
        (answer,) = answers(desk)
        assert (answer.contact_id, answer.subject_id) == (desk.alan.id, desk.bob.id)
        assert (answer.facts, answer.response_url) == ({"act": "remind"}, "https://hooks/3")
        assert desk.case(case.id) == case  # the reminders that come by themselves are not moved

    def test_only_once_an_hour_whoever_does_it(self, desk: Desk) -> None:
        case = desk.add_case()
        act(desk, "remind", desk.alan, case.id)
        desk.clock.advance(timedelta(minutes=59, seconds=59))
        with pytest.raises(errors.RemindedAlready) as refused:
            act(desk, "remind", desk.carol, case.id)
        assert refused.value.retry_at == desk.clock.now() + timedelta(seconds=1)
        assert desk.tags()[-1] == "slack:case:reminded_already"
        assert desk.told(NoticeKind.SUBSCRIBER_REMINDED) == [desk.bob.id]
        desk.clock.advance(timedelta(seconds=1))
        act(desk, "remind", desk.carol, case.id)
        assert desk.told(NoticeKind.SUBSCRIBER_REMINDED) == [desk.bob.id] * 2

    def test_of_a_set_up_to_which_no_sign_in_leads(self, desk: Desk) -> None:
        case = desk.add_case()
        desk.suspend_for(SuspensionCause.VETOED, desk.bob)
        with pytest.raises(errors.CaseMovedOn):
            act(desk, "remind", desk.alan, case.id)
        assert (desk.messages(), desk.tags()) == ([], ["slack:case:case_moved_on"])
        (shown,) = status(desk, desk.alan, desk.bob).cases
        assert CaseAct.REMIND not in shown.acts


WRONG_STATES = [
    *(("remind", s, errors.CaseMovedOn) for s in sorted(set(CaseState) - {CaseState.COMPLETED})),
    *(
        ("cancel", state, errors.AlreadyDecided)
        for state in sorted(set(CaseState) - {CaseState.AWAITING_CONFIRMATION})
    ),
    *(
        ("take_over", state, errors.CaseMovedOn)
        for state in sorted(set(CaseState) - TAKEABLE_STATES)
    ),
]


@pytest.mark.parametrize(("name", "state", "refusal"), WRONG_STATES)
def test_in_another_state_it_comes_too_late(
    desk: Desk, name: str, state: CaseState, refusal: type[errors.Refusal]
) -> None:
    case = desk.add_case(state)
    for admin in (desk.alan, desk.alice):  # she asked for it, and has it
        with pytest.raises(refusal):
            act(desk, name, admin, case.id)
    assert desk.case(case.id) == case
    assert (desk.messages(), desk.tags()) == ([], [f"slack:case:{refusal.tag}"] * 2)


class TestCancel:
    def test_ends_the_case_and_tells_its_admin_who_did(self, desk: Desk) -> None:
        case = desk.request(desk.alice, desk.bob).case
        known = len(desk.tags())
        act(desk, "cancel", desk.alan, case.id)
        ended = desk.case(case.id)
        assert (ended.state, ended.decided_at) == (CaseState.CANCELLED, desk.clock.now())
        assert desk.tags(since=known) == ["slack:case:cancelled"]
        (outcome,) = [m.notice for m in desk.messages(NoticeKind.OUTCOME)]
        assert (outcome.contact_id, outcome.subject_id) == (desk.alice.id, desk.alan.id)
        assert [answer.facts for answer in answers(desk)] == [{"act": "cancel"}]
        with pytest.raises(errors.AlreadyDecided):
            desk.confirm(desk.alice, case.id)

    def test_of_what_is_past_its_deadline_ends_it_as_expired(self, desk: Desk) -> None:
        case = desk.request(desk.alice, desk.bob).case
        desk.clock.advance(timedelta(minutes=5))
        with pytest.raises(errors.ConfirmExpired):
            act(desk, "cancel", desk.alan, case.id)
        assert desk.case(case.id).state is CaseState.EXPIRED
        assert desk.tags()[-2:] == ["sweep:case:expired", "slack:case:confirm_expired"]
        assert answers(desk) == []


class TestTakeOver:
    def test_goes_on_from_one_to_the_next_and_tells_both(self, desk: Desk) -> None:
        case, world = desk.add_case(), desk.world
        act(desk, "take_over", world.alan, case.id)
        taken = desk.case(case.id)
        assert (taken.admin_id, taken.in_charge_id) == (world.alice.id, world.alan.id)
        assert desk.told(NoticeKind.CASE_TAKEN_OVER) == [world.alice.id, world.alan.id]
        subjects = {m.notice.subject_id for m in desk.messages(NoticeKind.CASE_TAKEN_OVER)}
        assert subjects == {world.alan.id}
        assert desk.tags() == ["slack:case:taken_over"]
        assert [answer.facts for answer in answers(desk)] == [{"act": "take_over"}]
        act(desk, "take_over", world.carol, case.id)
        assert desk.case(case.id).in_charge_id == world.carol.id
        assert desk.told(NoticeKind.CASE_TAKEN_OVER)[2:] == [world.alan.id, world.carol.id]

    def test_of_a_first_set_up_that_nobody_has(self, desk: Desk) -> None:
        case = desk.add_case(kind=CaseKind.FIRST_SET_UP, admin_id=None)
        act(desk, "take_over", desk.alan, case.id)
        assert desk.case(case.id).in_charge_id == desk.alan.id
        assert desk.told(NoticeKind.CASE_TAKEN_OVER) == [desk.alan.id]

    def test_of_ones_own_is_said_so(self, desk: Desk) -> None:
        case, alice, alan = desk.add_case(), desk.alice, desk.alan
        for has, takes in ((alice, alan), (alan, alice)):  # and back again
            with pytest.raises(errors.CaseYoursAlready):
                act(desk, "take_over", has, case.id)
            act(desk, "take_over", takes, case.id)
        assert desk.case(case.id).in_charge_id == alice.id

    def test_of_what_a_rival_took_first(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        case = desk.add_case()
        monkeypatch.setattr("storage.cases.SqlCases.take_over", lambda *_, **__: None)
        with pytest.raises(errors.CaseMovedOn):
            act(desk, "take_over", desk.alan, case.id)
        assert desk.messages() == []


class TestDetails:
    def test_tell_the_story_without_what_lies_beside_the_chain(self, desk: Desk) -> None:
        world = desk.world
        case = desk.reset(world.alice, world.bob)
        story = desk.case_work.details(world.alan.slack, case.id)
        assert [record.tag for record in story.records] == [
            "slack:code:accepted",
            "slack:case:awaiting_confirmation",
            "slack:case:executing",
            *[r.tag for r in story.records[3:-1]],
            "slack:case:completed",
        ]
        assert all(record.details is None and record.salt is None for record in story.records)
        names = [story.names[each] for each in (world.alice.id, world.bob.id, world.acme.id)]
        assert names == ["Alice Archer", "Bob Brown", "Acme Ltd"]
        assert desk.tags()[-1] == "slack:case:shown"

    def test_keep_the_newest_leave_out_who_looked_and_name_no_stranger(self, desk: Desk) -> None:
        case = desk.add_case()
        with pytest.raises(errors.Refusal):
            act(desk, "cancel", desk.dana, case.id)
        for known in (1, 1):
            story = desk.case_work.details(desk.alan.slack, case.id)
            assert (len(story.records), story.earlier) == (known, 0)
        assert [record.actor for record in story.records] == [desk.dana.id]
        assert story.names[desk.dana.id] == OUTSIDER
        with desk.unit_of_work() as uow:
            for number in range(MOST_RECORDS + 2):
                uow.audit.record(an_event(case=case.id, actor=f"con_{number}"))
            uow.commit()
        story = desk.case_work.details(desk.alan.slack, case.id)
        assert (len(story.records), story.earlier) == (MOST_RECORDS, 3)
        assert story.records[0].actor == "con_2"


def shares_another_account(desk: Desk) -> None:
    desk.give_only(desk.alan, globex=Role.ADMINISTRATOR)


@pytest.mark.parametrize("name", ["remind", "take_over", "cancel", "details"])
class TestWhoMay:
    @pytest.mark.parametrize(
        ("arrange", "refusal"), [*UNFIT, (shares_another_account, errors.CaseNotFound)]
    )
    def test_nobody_who_is_unfit(
        self, desk: Desk, name: str, arrange: Arrange, refusal: Why
    ) -> None:
        arrange(desk)
        self.refused(desk, name, desk.alan, refusal)

    def test_not_the_subscriber(self, desk: Desk, name: str) -> None:
        desk.give_only(desk.bob, acme=Role.ADMINISTRATOR)
        self.refused(desk, name, desk.bob, errors.OneselfRefused)

    def test_not_of_what_nobody_knows(self, desk: Desk, name: str) -> None:
        with pytest.raises(errors.CaseNotFound):
            act(desk, name, desk.alan, CaseId("case_0"))
        assert (desk.messages(), desk.tags()) == ([], ["slack:case:case_not_found"])

    def refused(self, desk: Desk, name: str, actor: Person, refusal: Why) -> None:
        """It changes nothing and tells nobody anything; the attempt is recorded."""
        case = desk.add_case()
        with pytest.raises(refusal):
            act(desk, name, actor, case.id)
        assert (desk.case(case.id), desk.messages()) == (case, [])
        (record,) = desk.records()
        assert (record.tag, record.case) == (f"slack:case:{refusal.tag}", case.id)
        assert record.slack_user == actor.slack.user
