"""What a message may show, and when it is no longer true."""

from dataclasses import replace

import pytest

from bot.domain.desk.composing import compose
from bot.domain.model.cases import CaseState
from bot.domain.model.ids import AccountId, ContactId, MessageId
from bot.domain.model.notices import Message, Notice, NoticeKind
from bot.domain.model.pressed import Pressed
from bot.domain.model.views import NoticeView
from bot.domain.record.case_views import case_view, request_view
from tests.fakes import NOON, a_case, a_session, a_slack_identity
from tests.office.desk import REMIND_AFTER, SUSPEND_AFTER, Desk


@pytest.fixture
def desk() -> Desk:
    return Desk()


def composed(desk: Desk, kind: NoticeKind, **fields: object) -> NoticeView | None:
    message = Message(
        id=MessageId("msg"),
        notice=Notice(kind=kind, **fields),  # type: ignore[arg-type]  # each is given by its name
        created_at=NOON,
        next_attempt_at=NOON,
        attempts=0,
        sent_at=None,
        failed_at=None,
        error=None,
    )
    with desk.unit_of_work() as uow:
        return compose(uow, message)


def shown(desk: Desk, kind: NoticeKind, **fields: object) -> NoticeView:
    view = composed(desk, kind, **fields)
    assert view is not None
    return view


class TestCases:
    @pytest.fixture(autouse=True)
    def _case(self, desk: Desk) -> None:
        self.alice, self.bob = desk.alice, desk.bob
        self.case = desk.request(self.alice, self.bob).case

    def true(self, desk: Desk, *kinds: NoticeKind) -> set[NoticeKind]:
        return {kind for kind in kinds if composed(desk, kind, case_id=self.case.id)}

    def test_it_reads_the_case_with_its_people(self, desk: Desk) -> None:
        view = shown(desk, NoticeKind.CONFIRM_ASKED, contact_id=self.alice.id, case_id=self.case.id)
        assert view.recipient is not None
        assert view.recipient.name == "Alice Archer"
        assert view.case is not None
        assert view.case.admin is not None
        assert (view.case.admin.id, view.case.subscriber.id) == (self.alice.id, self.bob.id)
        assert view.case.account == desk.world.acme

    def test_it_reads_a_case_that_no_administrator_asked_for(self, desk: Desk) -> None:
        desk.decline(self.alice, self.case.id)
        operators = desk.add_case(admin_id=None)
        view = shown(desk, NoticeKind.OWNER_RESET, case_id=operators.id)
        assert view.case is not None
        assert (view.case.admin, view.case.subscriber.id) == (None, self.bob.id)

    def test_it_reads_the_session_and_the_subject(self, desk: Desk) -> None:
        session = a_session(self.bob.id)
        desk.store(lambda uow: uow.sessions.add(session, token_hash="t"))
        view = shown(desk, NoticeKind.SET_UP_WAITING, session_id=session.id, subject_id=self.bob.id)
        assert view.subject is not None
        assert (view.session, view.subject.id) == (session, self.bob.id)

    def test_a_request_to_confirm_is_no_longer_true_once_decided(self, desk: Desk) -> None:
        asked = NoticeKind.CONFIRM_ASKED
        assert self.true(desk, asked) == {asked}
        desk.decline(self.alice, self.case.id)
        assert self.true(desk, asked) == set()

    def test_a_reminder_is_true_only_while_the_case_is_completed(self, desk: Desk) -> None:
        reminders = {NoticeKind.SUBSCRIBER_REMINDED, NoticeKind.OWNER_REMINDED}
        assert self.true(desk, *reminders) == set()
        desk.confirm(self.alice, self.case.id)
        assert self.true(desk, *reminders) == reminders
        desk.reports.report(self.bob.slack, self.case.id)
        assert self.true(desk, *reminders) == set()

    def test_a_lapse_is_told_only_while_it_lasts(self, desk: Desk) -> None:
        kinds = NoticeKind.SPARED, NoticeKind.SUBSCRIBER_LAPSED, NoticeKind.LAPSED
        desk.confirm(self.alice, self.case.id)
        desk.clock.advance(SUSPEND_AFTER)
        assert self.true(desk, *kinds) == {NoticeKind.SPARED}
        desk.lapses.lapse_due()
        assert self.true(desk, *kinds) == {NoticeKind.SUBSCRIBER_LAPSED, NoticeKind.LAPSED}
        desk.reports.report(self.bob.slack, self.case.id)
        assert self.true(desk, *kinds) == set()

    def test_a_digest_lists_what_is_stale_now(self, desk: Desk) -> None:
        desk.confirm(self.alice, self.case.id)
        assert composed(desk, NoticeKind.ADMIN_DIGEST, contact_id=self.alice.id) is None
        desk.clock.at = NOON + REMIND_AFTER[0]
        desk.reminders.remind_due()
        view = shown(desk, NoticeKind.ADMIN_DIGEST, contact_id=self.alice.id)
        assert [stale.case.id for stale in view.stale] == [self.case.id]
        assert composed(desk, NoticeKind.ADMIN_DIGEST) is None  # one for nobody

    def test_an_act_done_shows_how_that_persons_cases_stand(self, desk: Desk) -> None:
        done, act = NoticeKind.CASE_ACT_DONE, {"act": "remind"}
        view = shown(desk, done, contact_id=self.alice.id, subject_id=self.bob.id, facts=act)
        assert view.status is not None
        assert [each.view.case.id for each in view.status.cases] == [self.case.id]
        assert view.status.as_of == NOON
        alice, bob, gone = self.alice.id, self.bob.id, ContactId("gone")
        for by, to in ((None, bob), (gone, bob), (alice, None), (alice, gone), (bob, alice)):
            view = shown(desk, done, contact_id=by, subject_id=to, facts=act)
            assert view.status is None  # nobody's, or who may see it no longer


class TestReplies:
    def test_one_needs_nothing_but_its_text_which_may_be_erased(self, desk: Desk) -> None:
        facts = {"text": "A reset is under way."}
        view = shown(desk, NoticeKind.REPLY, slack_address="U1", facts=facts)
        assert (view.recipient, view.case, view.session, view.stale) == (None, None, None, ())
        assert composed(desk, NoticeKind.REPLY, contact_id=desk.bob.id) is None

    def test_one_goes_to_one_person_where_they_clicked(self, desk: Desk) -> None:
        stranger = a_slack_identity("U01STRANGER")
        desk.answers.give(
            Pressed(actor=stranger, response_url="https://hooks/9"), "That is not yours."
        )
        (message,) = desk.messages()
        assert message.notice.slack_address == "U01STRANGER"
        assert message.notice.facts == {"text": "That is not yours."}
        assert "hooks" not in repr(message)


class TestRequests:
    def test_an_offer_is_true_until_it_was_taken(self, desk: Desk) -> None:
        world = desk.world
        desk.own_requests.ask(world.bob.slack, account_id=world.acme.id, reason="Lost the phone")
        with desk.unit_of_work() as uow:
            request = uow.requests.live_of(world.bob.id)
        assert request is not None
        facts = {"request": request.id}
        view = shown(desk, NoticeKind.REQUEST_OFFERED, facts=facts)
        assert view.request is not None
        assert view.request.subscriber.id == world.bob.id
        desk.own_requests.take(world.alice.slack, request.id)
        assert composed(desk, NoticeKind.REQUEST_OFFERED, facts=facts) is None
        assert composed(desk, NoticeKind.REQUEST_CHANGED, facts=facts) is not None
        with desk.unit_of_work() as uow, pytest.raises(LookupError):
            request_view(uow, replace(request, account_id=AccountId("gone")))

    def test_one_that_never_was_is_not_told_of(self, desk: Desk) -> None:
        assert composed(desk, NoticeKind.REQUEST_ENDED, facts={"request": "req_none"}) is None


def test_a_case_without_its_people_is_a_fault(desk: Desk) -> None:
    with desk.unit_of_work() as uow, pytest.raises(LookupError):
        case_view(uow, a_case(subscriber_id=ContactId("gone"), state=CaseState.FAILED))
