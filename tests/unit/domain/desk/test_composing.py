"""What a message may show, and when it is no longer true."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.desk.composing import compose
from bot.domain.model.cases import Case, CaseState
from bot.domain.model.ids import AccountId, ContactId, MessageId
from bot.domain.model.notices import Message, Notice, NoticeKind
from bot.domain.model.pressed import Pressed
from bot.domain.model.views import NoticeView
from bot.domain.record.case_views import case_view, request_view
from tests.fakes import NOON, a_case, a_session, a_slack_identity
from tests.office.desk import REMIND_AFTER, SUSPEND_AFTER, Desk


class TestCompose:
    @pytest.fixture(autouse=True)
    def _desk(self) -> None:
        self.desk = Desk()
        self.alice, self.bob = self.desk.world.alice, self.desk.world.bob
        self.case: Case = self.desk.request(self.alice, self.bob).case

    def compose(self, notice: Notice) -> NoticeView | None:
        message = Message(
            id=MessageId("msg"),
            notice=notice,
            created_at=NOON,
            next_attempt_at=NOON,
            attempts=0,
            sent_at=None,
            failed_at=None,
            error=None,
        )
        with self.desk.database.unit_of_work() as uow:
            return compose(uow, message)

    def test_reads_the_case_with_its_people(self) -> None:
        notice = Notice(
            kind=NoticeKind.CONFIRM_ASKED, contact_id=self.alice.id, case_id=self.case.id
        )
        view = self.compose(notice)
        assert view is not None
        assert view.recipient is not None
        assert view.recipient.name == "Alice Archer"
        assert view.case is not None
        assert view.case.admin is not None
        assert (view.case.admin.id, view.case.subscriber.id) == (self.alice.id, self.bob.id)
        assert view.case.account == self.desk.world.acme

    def test_reads_a_case_that_no_administrator_asked_for(self) -> None:
        self.desk.decline(self.alice, self.case.id)
        operators = a_case(subscriber_id=self.bob.id, state=CaseState.COMPLETED)
        with self.desk.database.unit_of_work() as uow:
            uow.cases.add(operators)
            uow.commit()
        view = self.compose(Notice(kind=NoticeKind.OWNER_RESET, case_id=operators.id))
        assert view is not None
        assert view.case is not None
        assert (view.case.admin, view.case.subscriber.id) == (None, self.bob.id)

    def test_reads_the_session_and_the_subject(self) -> None:
        session = a_session(self.bob.id)
        with self.desk.database.unit_of_work() as uow:
            uow.sessions.add(session, token_hash="t")
            uow.commit()
        view = self.compose(
            Notice(kind=NoticeKind.SET_UP_WAITING, session_id=session.id, subject_id=self.bob.id)
        )
        assert view is not None
        assert view.session == session
        assert view.subject is not None
        assert view.subject.id == self.bob.id

    def test_a_reply_needs_nothing_of_it(self) -> None:
        facts = {"text": "A reset is under way."}
        view = self.compose(Notice(kind=NoticeKind.REPLY, slack_address="U1", facts=facts))
        assert view is not None
        assert (view.recipient, view.case, view.session, view.stale) == (None, None, None, ())

    def test_a_reply_is_dropped_once_its_text_was_erased_with_somebody(self) -> None:
        assert self.compose(Notice(kind=NoticeKind.REPLY, contact_id=self.bob.id)) is None

    def test_a_request_to_confirm_is_no_longer_true_once_decided(self) -> None:
        self.desk.decline(self.alice, self.case.id)
        notice = Notice(kind=NoticeKind.CONFIRM_ASKED, case_id=self.case.id)
        assert self.compose(notice) is None

    @pytest.mark.parametrize("kind", [NoticeKind.SUBSCRIBER_REMINDED, NoticeKind.OWNER_REMINDED])
    def test_a_reminder_is_true_only_while_the_case_is_completed(self, kind: NoticeKind) -> None:
        notice = Notice(kind=kind, case_id=self.case.id)
        assert self.compose(notice) is None
        self.desk.confirm(self.alice, self.case.id)
        assert self.compose(notice) is not None
        self.desk.reports.report(self.bob.slack, self.case.id)
        assert self.compose(notice) is None

    def test_a_lapse_is_told_only_while_it_lasts(self) -> None:
        self.desk.confirm(self.alice, self.case.id)
        self.desk.clock.advance(SUSPEND_AFTER)
        spared = Notice(kind=NoticeKind.SPARED, case_id=self.case.id)
        lapsed = [
            Notice(kind=kind, case_id=self.case.id)
            for kind in (NoticeKind.SUBSCRIBER_LAPSED, NoticeKind.LAPSED)
        ]
        assert self.compose(spared) is not None
        assert [self.compose(notice) for notice in lapsed] == [None, None]
        self.desk.lapses.lapse_due()
        assert self.compose(spared) is None
        assert None not in [self.compose(notice) for notice in lapsed]
        self.desk.reports.report(self.bob.slack, self.case.id)
        assert [self.compose(notice) for notice in lapsed] == [None, None]

    def test_a_digest_lists_what_is_stale_now(self) -> None:
        self.desk.confirm(self.alice, self.case.id)
        digest = Notice(kind=NoticeKind.ADMIN_DIGEST, contact_id=self.alice.id)
        assert self.compose(digest) is None
        self.desk.clock.at = NOON + REMIND_AFTER[0]
        self.desk.reminders.remind_due()
        view = self.compose(digest)
        assert view is not None
        assert [stale.case.id for stale in view.stale] == [self.case.id]

    def test_a_digest_for_nobody_is_never_true(self) -> None:
        assert self.compose(Notice(kind=NoticeKind.ADMIN_DIGEST)) is None

    def test_an_act_done_shows_how_that_persons_cases_stand(self) -> None:
        view = self.compose(self.act_done(by=self.alice.id, to=self.bob.id))
        assert view is not None
        assert view.status is not None
        assert [each.view.case.id for each in view.status.cases] == [self.case.id]
        assert view.status.as_of == NOON

    @pytest.mark.parametrize("nobody", [None, ContactId("gone")])
    def test_an_act_done_shows_nothing_of_nobody(self, nobody: ContactId | None) -> None:
        for by, to in ((nobody, self.bob.id), (self.alice.id, nobody)):
            view = self.compose(self.act_done(by=by, to=to))
            assert view is not None
            assert view.status is None

    def test_an_act_done_shows_nothing_to_whoever_may_no_longer_see_it(self) -> None:
        view = self.compose(self.act_done(by=self.bob.id, to=self.alice.id))
        assert view is not None
        assert view.status is None

    def act_done(self, *, by: ContactId | None, to: ContactId | None) -> Notice:
        return Notice(
            kind=NoticeKind.CASE_ACT_DONE,
            case_id=self.case.id,
            contact_id=by,
            subject_id=to,
            facts={"act": "remind"},
        )

    def test_a_case_without_its_people_is_a_fault(self) -> None:
        with self.desk.database.unit_of_work() as uow, pytest.raises(LookupError):
            case_view(uow, a_case(subscriber_id=ContactId("gone"), state=CaseState.FAILED))


def test_a_reply_goes_to_one_person_where_they_clicked() -> None:
    desk = Desk()
    stranger = a_slack_identity("U01STRANGER")
    desk.answers.give(Pressed(actor=stranger, response_url="https://hooks/9"), "That is not yours.")
    (message,) = desk.messages()
    assert message.notice.slack_address == "U01STRANGER"
    assert message.notice.facts == {"text": "That is not yours."}
    assert "hooks" not in repr(message)
    assert message.next_attempt_at <= NOON + timedelta(0)


class TestRequests:
    @pytest.fixture(autouse=True)
    def _desk(self) -> None:
        self.desk = Desk()
        world = self.desk.world
        self.desk.own_requests.ask(
            world.bob.slack, account_id=world.acme.id, reason="Lost the phone"
        )
        with self.desk.database.unit_of_work() as uow:
            found = uow.requests.live_of(world.bob.id)
        assert found is not None
        self.request = found

    def composed(self, kind: NoticeKind, request: str) -> NoticeView | None:
        message = Message(
            id=MessageId("msg"),
            notice=Notice(kind=kind, facts={"request": request}),
            created_at=NOON,
            next_attempt_at=NOON,
            attempts=0,
            sent_at=None,
            failed_at=None,
            error=None,
        )
        with self.desk.database.unit_of_work() as uow:
            return compose(uow, message)

    def test_an_offer_is_true_until_it_was_taken(self) -> None:
        view = self.composed(NoticeKind.REQUEST_OFFERED, self.request.id)
        assert view is not None
        assert view.request is not None
        assert view.request.subscriber.id == self.desk.world.bob.id
        self.desk.own_requests.take(self.desk.world.alice.slack, self.request.id)
        assert self.composed(NoticeKind.REQUEST_OFFERED, self.request.id) is None
        assert self.composed(NoticeKind.REQUEST_CHANGED, self.request.id) is not None

    def test_a_request_that_never_was_is_not_told_of(self) -> None:
        assert self.composed(NoticeKind.REQUEST_ENDED, "req_none") is None

    def test_one_whose_account_is_gone_is_a_fault(self) -> None:
        gone = replace(self.request, account_id=AccountId("gone"))
        with self.desk.database.unit_of_work() as uow, pytest.raises(LookupError):
            request_view(uow, gone)
