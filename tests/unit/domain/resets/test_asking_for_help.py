"""Asking for one's own reset: made, taken once, closed by its case, withdrawn, expired."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.model import errors
from bot.domain.model.audit import Source
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

    @pytest.mark.parametrize(
        ("who", "account", "offered"),
        [
            pytest.param("bob", "globex", ["dana"], id="nobody of another account"),
            pytest.param("alice", None, ["alan", "carol"], id="equals and superiors"),
        ],
    )
    def test_those_alone_are_asked_who_may_take_it(
        self, desk: Desk, who: str, account: str | None, offered: list[str]
    ) -> None:
        ask(desk, getattr(desk.world, who), account=account)
        assert set(desk.told(NoticeKind.REQUEST_OFFERED)) == {
            getattr(desk.world, name).id for name in offered
        }

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
        with pytest.raises(errors.RequestWaits):
            ask(desk)
        assert len(desk.messages()) == before
        assert desk.tags()[-1] == "slack:request:request_waits"

    def test_three_a_day(self, desk: Desk) -> None:
        for _ in range(3):
            request = ask(desk)
            desk.own_requests.withdraw(desk.world.bob.slack, request.id)
            desk.clock.advance(timedelta(hours=1))
        for act in (lambda: ask(desk), lambda: desk.own_requests.prepare(desk.world.bob.slack)):
            with pytest.raises(errors.RequestThrottled):
                act()
        desk.clock.advance(timedelta(hours=21))
        assert ask(desk)

    @pytest.mark.parametrize("door", ["prepare", "ask"])
    @pytest.mark.parametrize(
        ("user", "refusal"),
        [
            ("U01CAROL", errors.NobodyEntitled),
            ("U01GUEST", errors.GuestRefused),
            ("U01STRANGER", errors.NotAContact),
            ("U01BOB", errors.WorkspaceUnavailableError),
        ],
    )
    def test_who_cannot_ask_is_refused(
        self, desk: Desk, door: str, user: str, refusal: type[errors.Refusal | errors.Fault]
    ) -> None:
        desk.workspace.members["U01GUEST"] = a_member("U01GUEST", is_guest=True)
        desk.workspace.members["U01STRANGER"] = a_member("U01STRANGER")
        desk.workspace.available = user != "U01BOB"
        how = {"account_id": None, "reason": "Lost it"} if door == "ask" else {}
        with pytest.raises(refusal):
            getattr(desk.own_requests, door)(a_slack_identity(user), **how)
        assert desk.tags() == [f"slack:request:{refusal.tag}"]

    @pytest.mark.parametrize(
        ("account", "reason", "refusal"),
        [
            (None, "Lost it", errors.AccountRefused),
            ("elsewhere", "Lost it", errors.AccountRefused),
            ("acme", "it is 123456", errors.ReasonHoldsCode),
        ],
    )
    def test_an_unfit_form_is_refused(
        self, desk: Desk, account: str | None, reason: str, refusal: type[errors.Refusal]
    ) -> None:
        bob = desk.world.bob
        account_id = AccountId(account) if account else None
        with pytest.raises(refusal):
            desk.own_requests.ask(bob.slack, account_id=account_id, reason=reason)
        assert live_of(desk, bob) is None
        assert desk.tags() == [f"slack:request:{refusal.tag}"]


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
        with pytest.raises(errors.RequestTaken) as no:
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
        with pytest.raises(errors.RequestTaken):
            desk.own_requests.take(world.alice.slack, request.id)
        assert now_of(desk, request).taken_by == world.alan.id
        assert desk.told(NoticeKind.REQUEST_TAKEN) == [world.bob.id]

    @pytest.mark.parametrize(
        ("user", "whose", "account", "refusal"),
        [
            ("U01BOB", "bob", "acme", errors.OneselfRefused),
            ("U01BOB", "alice", None, errors.NotAnAdministrator),
            ("U01STRANGER", "bob", "acme", errors.NotAContact),
            pytest.param("U01ALICE", "bob", "globex", errors.RequestGone, id="of another account"),
        ],
    )
    def test_is_for_those_alone_who_may_reset_the_requester(
        self,
        desk: Desk,
        *,
        user: str,
        whose: str,
        account: str | None,
        refusal: type[errors.Refusal],
    ) -> None:
        desk.workspace.members["U01STRANGER"] = a_member("U01STRANGER")
        request = ask(desk, getattr(desk.world, whose), account=account)
        with pytest.raises(refusal):
            desk.own_requests.take(a_slack_identity(user), request.id)
        assert now_of(desk, request) == request

    def test_a_request_stays_open_where_somebody_else_resets_already(self, desk: Desk) -> None:
        desk.request(desk.world.alan, desk.world.bob)
        request = ask(desk)
        with pytest.raises(errors.CaseOpen):
            desk.own_requests.take(desk.world.alice.slack, request.id)
        assert now_of(desk, request) == request

    def test_what_never_was_or_has_ended_is_gone(self, desk: Desk) -> None:
        request = ask(desk)
        desk.own_requests.withdraw(desk.world.bob.slack, request.id)
        for request_id in (request.id, RequestId("req_other")):
            with pytest.raises(errors.RequestGone):
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
    def test_is_for_the_requester_alone_and_ends_it_once(self, desk: Desk) -> None:
        world, request = desk.world, ask(desk)
        offered_at(desk, request)
        with pytest.raises(errors.RequestGone):
            desk.own_requests.withdraw(world.alice.slack, request.id)
        assert now_of(desk, request) == request
        desk.own_requests.withdraw(world.bob.slack, request.id)
        assert now_of(desk, request).state is RequestState.WITHDRAWN
        assert desk.told(NoticeKind.REQUEST_CHANGED) == [CHANNEL]
        assert desk.told(NoticeKind.REQUEST_ENDED) == []
        with pytest.raises(errors.RequestGone):
            desk.own_requests.withdraw(world.bob.slack, request.id)
        assert desk.tags() == [
            "slack:request:opened",
            "slack:request:request_gone",
            "slack:request:withdrawn",
            "slack:request:request_gone",
        ]

    def test_tells_whoever_had_taken_it(self, desk: Desk) -> None:
        world, request = desk.world, ask(desk)
        desk.own_requests.take(world.alice.slack, request.id)
        desk.own_requests.withdraw(world.bob.slack, request.id)
        assert desk.told(NoticeKind.REQUEST_ENDED) == [world.alice.id]


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


@pytest.mark.parametrize("taken", [False, True])
def test_an_offer_is_put_right_where_it_was_taken_while_it_was_posted(
    desk: Desk, *, taken: bool
) -> None:
    request = ask(desk)
    if taken:
        desk.own_requests.take(desk.world.alice.slack, request.id)
    offered_at(desk, request)
    assert desk.told(NoticeKind.REQUEST_CHANGED) == ([CHANNEL] if taken else [])


class TestRivals:
    """Whoever else moved the request between the look and the act: the database says so."""

    @pytest.fixture
    def too_late(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("take", "end"):
            monkeypatch.setattr(f"storage.requests.SqlRequests.{name}", lambda *_, **__: None)

    @pytest.mark.usefixtures("too_late")
    def test_a_request_that_a_rival_took_meanwhile_is_gone(self, desk: Desk) -> None:
        request = ask(desk)
        with pytest.raises(errors.RequestGone):
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
