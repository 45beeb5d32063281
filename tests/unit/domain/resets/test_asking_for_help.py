"""Asking for one's own reset: made, taken once, closed by its case, withdrawn, expired."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.model.audit import Source
from bot.domain.model.errors import (
    AccountRefused,
    CaseOpen,
    GuestRefused,
    NobodyEntitled,
    NotAContact,
    NotAnAdministrator,
    OneselfRefused,
    ReasonHoldsCode,
    Refusal,
    RequestGone,
    RequestTaken,
    RequestThrottled,
    RequestWaits,
    WorkspaceUnavailableError,
)
from bot.domain.model.ids import AccountId, ContactId, RequestId
from bot.domain.model.notices import NoticeKind
from bot.domain.model.pressed import Pressed
from bot.domain.model.requests import (
    OwnRequest,
    RequestForm,
    RequestMessage,
    RequestState,
    RequestView,
)
from bot.domain.model.reset_form import ResetForm
from bot.domain.record.journal import SWEEP, Journal
from bot.domain.resets.asking_for_help import LIFETIME
from bot.domain.resets.request_outcomes import note_message, offer, tell_requester
from tests.fakes import Person, a_member, a_slack_identity, a_suspension
from tests.office.desk import CONFIRM_WITHIN, Desk

CHANNEL = "C01DESK"


@pytest.fixture
def desk() -> Desk:
    return Desk()


def ask(desk: Desk, person: Person | None = None, *, account: str | None = "acme") -> OwnRequest:
    """Make the request, of Bob unless somebody else is named."""
    who = person or desk.world.bob
    desk.own_requests.ask(
        who.slack, account_id=AccountId(account) if account else None, reason="Lost the phone"
    )
    live = live_of(desk, who)
    assert live is not None
    return live


def live_of(desk: Desk, person: Person) -> OwnRequest | None:
    with desk.database.unit_of_work() as uow:
        return uow.requests.live_of(person.id)


def now_of(desk: Desk, request: OwnRequest) -> OwnRequest:
    with desk.database.unit_of_work() as uow:
        found = uow.requests.get(request.id)
    assert found is not None
    return found


def offered_at(desk: Desk, request: OwnRequest) -> None:
    """Do what the sender does once the offer was posted."""
    message = RequestMessage(request_id=request.id, channel=CHANNEL, ts="1.1")
    with desk.database.unit_of_work() as uow:
        note_message(uow, message, now=desk.clock.now())
        uow.commit()


class TestAsking:
    def test_offers_the_request_to_whoever_may_take_it(self, desk: Desk) -> None:
        world = desk.world
        request = ask(desk)
        assert (request.state, request.reason) == (RequestState.OPEN, "Lost the phone")
        told = desk.told(NoticeKind.REQUEST_OFFERED)
        assert sorted(told) == sorted([world.carol.id, world.alice.id, world.alan.id])
        assert desk.told(NoticeKind.REQUEST_MADE) == [world.bob.id]
        assert desk.tags() == ["slack:request:opened"]

    def test_a_channel_hears_of_it_in_their_place(self) -> None:
        desk = Desk(request_channel=CHANNEL)
        ask(desk)
        assert desk.told(NoticeKind.REQUEST_OFFERED) == [CHANNEL]

    def test_administrators_of_other_accounts_are_not_asked(self, desk: Desk) -> None:
        ask(desk, account="globex")
        assert desk.told(NoticeKind.REQUEST_OFFERED) == [desk.world.dana.id]

    def test_an_administrator_asks_those_who_outrank_or_equal_them(self, desk: Desk) -> None:
        world = desk.world
        ask(desk, world.alice, account=None)
        assert sorted(desk.told(NoticeKind.REQUEST_OFFERED)) == sorted(
            [world.carol.id, world.alan.id]
        )

    def test_whoever_is_suspended_may_ask(self, desk: Desk) -> None:
        with desk.database.unit_of_work() as uow:
            uow.suspensions.add(a_suspension(desk.world.bob.id))
            uow.commit()
        assert ask(desk).state is RequestState.OPEN

    def test_the_form_names_the_accounts_in_which_somebody_could_do_it(self, desk: Desk) -> None:
        world = desk.world
        form = desk.own_requests.prepare(world.bob.slack)
        assert form == RequestForm(accounts=(world.acme, world.globex))
        assert desk.tags() == []

    def test_whoever_has_asked_is_shown_that(self, desk: Desk) -> None:
        request = ask(desk)
        shown = desk.own_requests.prepare(desk.world.bob.slack)
        assert isinstance(shown, RequestView)
        assert shown.request == request

    def test_a_second_request_is_refused(self, desk: Desk) -> None:
        ask(desk)
        before = len(desk.messages())
        with pytest.raises(RequestWaits):
            ask(desk)
        assert len(desk.messages()) == before
        assert desk.tags()[-1] == "slack:request:request_waits"

    def test_of_several_accounts_one_is_chosen(self, desk: Desk) -> None:
        for account in (None, "elsewhere"):
            with pytest.raises(AccountRefused):
                ask(desk, account=account)
        assert live_of(desk, desk.world.bob) is None

    def test_a_reason_with_a_code_is_refused(self, desk: Desk) -> None:
        with pytest.raises(ReasonHoldsCode):
            desk.own_requests.ask(
                desk.world.bob.slack, account_id=AccountId("acme"), reason="it is 123456"
            )
        assert desk.tags() == ["slack:request:reason_holds_code"]

    def test_three_a_day(self, desk: Desk) -> None:
        for _ in range(3):
            request = ask(desk)
            desk.own_requests.withdraw(desk.world.bob.slack, request.id)
            desk.clock.advance(timedelta(hours=1))
        for act in (lambda: ask(desk), lambda: desk.own_requests.prepare(desk.world.bob.slack)):
            with pytest.raises(RequestThrottled):
                act()
        desk.clock.advance(timedelta(hours=21))
        assert ask(desk)

    def test_where_nobody_could_take_it_they_are_told(self, desk: Desk) -> None:
        for act in (
            lambda: desk.own_requests.prepare(desk.world.carol.slack),
            lambda: ask(desk, desk.world.carol, account=None),
        ):
            with pytest.raises(NobodyEntitled):
                act()

    def test_a_guest_and_a_stranger_cannot_ask(self, desk: Desk) -> None:
        desk.workspace.members["U01GUEST"] = a_member("U01GUEST", is_guest=True)
        desk.workspace.members["U01STRANGER"] = a_member("U01STRANGER")
        refusals: list[tuple[str, type[Refusal]]] = [
            ("U01GUEST", GuestRefused),
            ("U01STRANGER", NotAContact),
        ]
        for user, refusal in refusals:
            with pytest.raises(refusal):
                desk.own_requests.prepare(a_slack_identity(user))
            with pytest.raises(refusal):
                desk.own_requests.ask(a_slack_identity(user), account_id=None, reason="Lost it")

    def test_nothing_is_asked_while_slack_does_not_answer(self, desk: Desk) -> None:
        desk.workspace.available = False
        with pytest.raises(WorkspaceUnavailableError):
            ask(desk)
        assert desk.tags() == ["slack:request:workspace_unavailable_error"]


class TestTaking:
    def test_is_done_once_and_told_to_the_requester(self, desk: Desk) -> None:
        world, request = desk.world, ask(desk)
        offered_at(desk, request)
        taken = desk.own_requests.take(world.alice.slack, request.id)
        assert isinstance(taken.form, ResetForm)
        assert taken.form.subscriber.id == world.bob.id
        assert now_of(desk, request) == taken.request
        assert (taken.request.state, taken.request.taken_by) == (
            RequestState.TAKEN,
            world.alice.id,
        )
        assert desk.told(NoticeKind.REQUEST_TAKEN) == [world.bob.id]
        assert desk.told(NoticeKind.REQUEST_CHANGED) == [CHANNEL]
        with pytest.raises(RequestTaken) as no:
            desk.own_requests.take(world.alan.slack, request.id)
        assert no.value.admin_name == "Alice Archer"
        assert now_of(desk, request) == taken.request
        assert desk.tags() == [
            "slack:request:opened",
            "slack:request:taken",
            "slack:request:request_taken",
        ]

    def test_whoever_took_it_goes_on_as_often_as_they_like(self, desk: Desk) -> None:
        request = ask(desk)
        first = desk.own_requests.take(desk.world.alice.slack, request.id)
        assert desk.own_requests.take(desk.world.alice.slack, request.id) == first
        assert desk.told(NoticeKind.REQUEST_TAKEN) == [desk.world.bob.id]

    def test_of_two_rivals_one_gets_it(self, desk: Desk) -> None:
        request, world = ask(desk), desk.world

        def rival(_user: str) -> None:
            desk.workspace.on_ask = lambda _user: None
            desk.own_requests.take(world.alan.slack, request.id)

        desk.workspace.on_ask = rival
        with pytest.raises(RequestTaken):
            desk.own_requests.take(world.alice.slack, request.id)
        assert now_of(desk, request).taken_by == world.alan.id
        assert desk.told(NoticeKind.REQUEST_TAKEN) == [world.bob.id]

    def test_is_for_those_alone_who_may_reset_the_requester(self, desk: Desk) -> None:
        world = desk.world
        bobs, alices = ask(desk), ask(desk, world.alice, account=None)
        attempts: list[tuple[Person, OwnRequest, type[Refusal]]] = [
            (world.bob, bobs, OneselfRefused),
            (world.bob, alices, NotAnAdministrator),
            (world.alice, alices, OneselfRefused),
        ]
        for person, request, refusal in attempts:
            with pytest.raises(refusal):
                desk.own_requests.take(person.slack, request.id)
            assert now_of(desk, request) == request
        desk.workspace.members["U01STRANGER"] = a_member("U01STRANGER")
        with pytest.raises(NotAContact):
            desk.own_requests.take(a_slack_identity("U01STRANGER"), bobs.id)

    def test_an_administrator_of_another_account_finds_no_request(self, desk: Desk) -> None:
        request = ask(desk, account="globex")
        with pytest.raises(RequestGone):
            desk.own_requests.take(desk.world.alice.slack, request.id)
        assert now_of(desk, request) == request

    def test_a_request_stays_open_where_somebody_else_resets_already(self, desk: Desk) -> None:
        desk.request(desk.world.alan, desk.world.bob)
        request = ask(desk)
        with pytest.raises(CaseOpen):
            desk.own_requests.take(desk.world.alice.slack, request.id)
        assert now_of(desk, request) == request

    def test_what_never_was_or_has_ended_is_gone(self, desk: Desk) -> None:
        request = ask(desk)
        desk.own_requests.withdraw(desk.world.bob.slack, request.id)
        for request_id in (request.id, RequestId("req_other")):
            with pytest.raises(RequestGone):
                desk.own_requests.take(desk.world.alice.slack, request_id)


class TestOutcomes:
    def test_a_completed_reset_closes_the_request_and_tells_no_more(self, desk: Desk) -> None:
        world, request = desk.world, ask(desk)
        offered_at(desk, request)
        desk.own_requests.take(world.alice.slack, request.id)
        case = desk.request(world.alice, world.bob).case
        assert now_of(desk, request).case_id == case.id
        desk.confirm(world.alice, case.id)
        closed = now_of(desk, request)
        assert (closed.state, closed.ended_at) == (RequestState.CLOSED, desk.clock.now())
        assert desk.told(NoticeKind.REQUEST_ENDED) == []
        assert desk.told(NoticeKind.SUBSCRIBER_RESET) == [world.bob.id]
        assert desk.told(NoticeKind.REQUEST_CHANGED) == [CHANNEL, CHANNEL]
        assert desk.tags().count("slack:request:closed") == 1

    def test_a_reset_by_the_command_takes_the_request(self, desk: Desk) -> None:
        world, request = desk.world, ask(desk)
        desk.request(world.alan, world.bob)
        taken = now_of(desk, request)
        assert (taken.state, taken.taken_by) == (RequestState.TAKEN, world.alan.id)
        assert desk.told(NoticeKind.REQUEST_TAKEN) == [world.bob.id]

    def test_another_administrators_reset_closes_a_taken_one(self, desk: Desk) -> None:
        world, request = desk.world, ask(desk)
        desk.own_requests.take(world.alice.slack, request.id)
        desk.reset(world.alan, world.bob)
        closed = now_of(desk, request)
        assert (closed.state, closed.taken_by) == (RequestState.CLOSED, world.alice.id)

    @pytest.mark.parametrize("end", ["declined", "expired", "cancelled"])
    def test_a_case_that_ends_without_a_reset_closes_it_too(self, desk: Desk, end: str) -> None:
        world, request = desk.world, ask(desk)
        case = desk.request(world.alice, world.bob).case
        acts: dict[str, Callable[[], object]] = {
            "declined": lambda: desk.decline(world.alice, case.id),
            "expired": desk.deciding.expire_due,
            "cancelled": lambda: desk.case_work.cancel(
                Pressed(actor=world.alan.slack, value=case.id)
            ),
        }
        if end == "expired":
            desk.clock.advance(CONFIRM_WITHIN)
        acts[end]()
        assert desk.case(case.id).state == end
        assert now_of(desk, request).state is RequestState.CLOSED
        assert desk.told(NoticeKind.REQUEST_ENDED) == [world.bob.id]

    def test_a_request_made_later_outlives_a_case_that_was_declined(self, desk: Desk) -> None:
        world = desk.world
        case = desk.request(world.alice, world.bob).case
        request = ask(desk)
        desk.decline(world.alice, case.id)
        assert now_of(desk, request) == request

    def test_forgetting_erases_the_reason(self, desk: Desk) -> None:
        request = ask(desk)
        with desk.database.unit_of_work() as uow:
            uow.requests.forget(desk.world.bob.id)
            uow.commit()
        assert now_of(desk, request).reason is None


class TestWithdrawing:
    def test_ends_ones_own_request_once(self, desk: Desk) -> None:
        world, request = desk.world, ask(desk)
        offered_at(desk, request)
        desk.own_requests.withdraw(world.bob.slack, request.id)
        assert now_of(desk, request).state is RequestState.WITHDRAWN
        assert desk.told(NoticeKind.REQUEST_CHANGED) == [CHANNEL]
        assert desk.told(NoticeKind.REQUEST_ENDED) == []
        with pytest.raises(RequestGone):
            desk.own_requests.withdraw(world.bob.slack, request.id)
        assert desk.tags() == [
            "slack:request:opened",
            "slack:request:withdrawn",
            "slack:request:request_gone",
        ]

    def test_tells_whoever_had_taken_it(self, desk: Desk) -> None:
        world, request = desk.world, ask(desk)
        desk.own_requests.take(world.alice.slack, request.id)
        desk.own_requests.withdraw(world.bob.slack, request.id)
        assert desk.told(NoticeKind.REQUEST_ENDED) == [world.alice.id]

    def test_is_for_the_requester_alone(self, desk: Desk) -> None:
        request = ask(desk)
        with pytest.raises(RequestGone):
            desk.own_requests.withdraw(desk.world.alice.slack, request.id)
        assert now_of(desk, request) == request


class TestExpiring:
    def test_what_led_to_nothing_within_a_day_expires(self, desk: Desk) -> None:
        world, request = desk.world, ask(desk)
        alices = ask(desk, world.alice, account=None)
        desk.own_requests.take(world.alan.slack, alices.id)
        desk.clock.advance(LIFETIME - timedelta(seconds=1))
        assert desk.own_requests.expire_due() == 0
        desk.clock.advance(timedelta(seconds=1))
        assert desk.own_requests.expire_due() == 2
        assert now_of(desk, request).state is RequestState.EXPIRED
        assert now_of(desk, alices).state is RequestState.EXPIRED
        assert desk.told(NoticeKind.REQUEST_ENDED) == [world.bob.id, world.alice.id]
        assert desk.tags()[-2:] == ["sweep:request:expired"] * 2
        assert desk.own_requests.expire_due() == 0


class TestOffers:
    def test_one_that_was_taken_while_it_was_posted_is_put_right(self, desk: Desk) -> None:
        request = ask(desk)
        desk.own_requests.take(desk.world.alice.slack, request.id)
        offered_at(desk, request)
        assert desk.told(NoticeKind.REQUEST_CHANGED) == [CHANNEL]

    def test_one_that_is_open_is_left_alone(self, desk: Desk) -> None:
        offered_at(desk, ask(desk))
        assert desk.told(NoticeKind.REQUEST_CHANGED) == []


class TestRivals:
    """Whoever else moved the request between the look and the act: the database says so."""

    @pytest.fixture
    def too_late(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("take", "end"):
            monkeypatch.setattr(f"storage.requests.SqlRequests.{name}", lambda *_, **__: None)

    @pytest.mark.usefixtures("too_late")
    def test_a_request_that_a_rival_took_meanwhile_is_gone(self, desk: Desk) -> None:
        request = ask(desk)
        with pytest.raises(RequestGone):
            desk.own_requests.take(desk.world.alice.slack, request.id)
        assert desk.told(NoticeKind.REQUEST_TAKEN) == []

    @pytest.mark.usefixtures("too_late")
    def test_one_that_expired_elsewhere_is_told_of_once(self, desk: Desk) -> None:
        ask(desk)
        desk.clock.advance(LIFETIME)
        assert desk.own_requests.expire_due() == 0
        assert desk.told(NoticeKind.REQUEST_ENDED) == []

    @pytest.mark.usefixtures("too_late")
    def test_one_that_ended_elsewhere_is_closed_by_no_reset(self, desk: Desk) -> None:
        ask(desk)
        desk.reset(desk.world.alice, desk.world.bob)
        assert desk.told(NoticeKind.REQUEST_ENDED) == []
        assert [tag for tag in desk.tags() if ":request:closed" in tag] == []

    def test_nobody_is_told_where_the_requester_is_gone(self, desk: Desk) -> None:
        request = ask(desk)
        with desk.database.unit_of_work() as uow:
            stranger = replace(request, subscriber_id=ContactId("gone"))
            journal = Journal(uow=uow, source=Source.SWEEP, actor=SWEEP, now=desk.clock.now())
            tell_requester(journal, NoticeKind.REQUEST_ENDED, stranger)
            offer(uow, stranger, channel=None, now=desk.clock.now())
            uow.commit()
        assert desk.told(NoticeKind.REQUEST_ENDED) == []
