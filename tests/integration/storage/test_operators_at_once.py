"""The operator's acts beside others on the same person: each sees what the last one has left.

On PostgreSQL the second waits for the first one's contact; on SQLite for the whole database.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.domain import totp
from bot.domain.case import CaseState
from bot.domain.forgetting import ForgettingService
from bot.domain.ids import AuthenticatorId, new_id
from bot.domain.model import SessionStage, SuspensionCause
from bot.domain.operator import Operator
from bot.domain.operator_errors import (
    AuthenticatorActive,
    CaseInTheWay,
    ContactNotFound,
    SuspendedAlready,
)
from bot.domain.operator_resets import OperatorResetService
from bot.domain.operators import OperatorService
from bot.domain.roster import ChangeKind, RosterChange
from bot.domain.sessions import hash_token
from storage.database import Database
from storage.engine import make_engine
from tests.fakes import (
    NOON,
    FakePasswords,
    World,
    a_case,
    a_session,
    a_suspension,
    an_authenticator,
    seed,
)
from tests.fakes.postgresql import wait_until_somebody_waits
from tests.fakes.sqlite import SECRET_KEYS, lay_database, url_of
from tests.integration.storage.at_once import WAIT, Acting, Paused, parts_on

TOKEN = "the-token-of-bobs-browser"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
CODE = totp.code_at(SECRET, totp.step_at(NOON))
NEW_PASSWORD = "what the operator chose then"
OPERATOR = Operator(user="root", host="desk")


class Desk:
    """What the operator, and those who act at the same time, do on one database."""

    def __init__(self, database: Database, url: str) -> None:
        self.database, self.parts = database, parts_on(database, url)
        self.world: World = seed(database.unit_of_work)
        self._watched = None if url.startswith("sqlite") else url
        clock, unit_of_work = self.parts.clock, database.unit_of_work
        self.operators = OperatorService(
            unit_of_work=unit_of_work,
            passwords=FakePasswords(),
            clock=clock,
            issuer="Rekey",
            audit_channel=None,
        )
        self.forgetting = ForgettingService(
            unit_of_work=unit_of_work, clock=clock, audit_channel=None
        )
        self.resets = OperatorResetService(
            unit_of_work=unit_of_work,
            directory=self.parts.directory,
            executing=self.parts.executing(),
            clock=clock,
        )

    def at_once(
        self, one: Callable[[], object], other: Callable[[], object], *, paused_at: str
    ) -> tuple[BaseException | None, BaseException | None]:
        """Let the other come while the one has begun; return what either raised."""
        first, second = Acting(one), Acting(other)
        paused = Paused(self.database, paused_at)
        first.start()
        paused.wait()
        second.start()
        try:
            if self._watched is not None:
                engine = make_engine(self._watched)
                wait_until_somebody_waits(engine)
                engine.dispose()
        finally:
            paused.go_on()
            first.join(WAIT)
            second.join(WAIT)
        return first.raised, second.raised

    def have_bob_set_up(self, *, console: bool = False) -> AuthenticatorId:
        """Have Bob, who was reset, set 2FA up at the Portal, or the operator for him."""
        bob = self.world.bob
        pending = an_authenticator(
            bob.id, authenticator_id=AuthenticatorId(new_id("enrol" if console else "auth"))
        )
        session = a_session(bob.id, stage=SessionStage.SETTING_UP)
        with self.database.unit_of_work() as uow:
            uow.cases.add(a_case(subscriber_id=bob.id, state=CaseState.COMPLETED))
            uow.authenticators.invalidate_all(bob.id, now=NOON)
            uow.contacts.set_set_up_required(bob.id, required=True)
            uow.authenticators.add(pending, shared_secret=SECRET)
            uow.sessions.add(session, token_hash=hash_token(TOKEN))
            uow.sessions.set_authenticator(session.id, pending.id)
            uow.commit()
        return pending.id

    def suspend_bob(self, cause: SuspensionCause) -> None:
        with self.database.unit_of_work() as uow:
            case = a_case(subscriber_id=self.world.bob.id, state=CaseState(cause.value))
            uow.cases.add(case)
            uow.suspensions.add(a_suspension(self.world.bob.id, cause=cause, case_id=case.id))
            uow.commit()

    def have_bob_leave(self) -> None:
        with self.database.unit_of_work() as uow:
            left = uow.roster.read().contacts[self.world.bob.email]
            change = RosterChange(kind=ChangeKind.CONTACT_REMOVED, contact=left)
            assert list(uow.roster.apply([change], now=NOON)) == [1]
            uow.commit()

    def bind(self) -> None:
        self.parts.set_up().bind(TOKEN, CODE)

    def begin(self) -> None:
        self.operators.begin_enrolment(self.world.bob.email, operator=OPERATOR)

    def confirm(self) -> None:
        self.operators.confirm_enrolment(self.world.bob.email, CODE, operator=OPERATOR)

    def set_password(self) -> None:
        email = self.world.bob.email
        self.operators.set_password(email, NEW_PASSWORD, must_change=False, operator=OPERATOR)

    def reset(self) -> None:
        self.resets.reset(self.world.bob.email, reason="lost", force=True, operator=OPERATOR)

    def report(self) -> None:
        with self.database.snapshot() as uow:
            newest = uow.cases.of(self.world.bob.id)[0]
        self.parts.reports().report(self.world.bob.slack, newest.id)

    def suspend(self) -> None:
        suspensions = self.parts.suspensions()
        suspensions.suspend(self.world.bob.email, reason="called", operator=OPERATOR)

    def reinstate(self) -> None:
        suspensions = self.parts.suspensions()
        suspensions.reinstate(self.world.bob.email, reason="called", operator=OPERATOR)

    def forget(self) -> None:
        self.forgetting.forget(self.world.bob.email, operator=OPERATOR)

    def active(self) -> list[AuthenticatorId]:
        with self.database.snapshot() as uow:
            return [each.id for each in uow.authenticators.active_of(self.world.bob.id)]

    def states(self) -> list[CaseState]:
        with self.database.snapshot() as uow:
            return [case.state for case in uow.cases.of(self.world.bob.id)]

    def holding(self) -> list[SuspensionCause]:
        with self.database.snapshot() as uow:
            found = uow.suspensions.of(self.world.bob.id)
        return [each.cause for each in found if each.lifted_at is None]


@pytest.fixture(params=["sqlite", "postgresql"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    if request.param == "sqlite":
        url = url_of(lay_database(tmp_path))
    else:
        url = request.getfixturevalue("postgresql_url")
    database = Database(url, secret_keys=SECRET_KEYS)
    yield Desk(database, url)
    database.close()


def test_begin_leaves_alone_what_was_bound_at_the_portal_meanwhile(desk: Desk) -> None:
    bound = desk.have_bob_set_up()
    binding, beginning = desk.at_once(desk.bind, desk.begin, paused_at="UPDATE contacts")
    assert binding is None
    assert isinstance(beginning, AuthenticatorActive)
    assert desk.active() == [bound]


def test_to_begin_twice_leaves_one_secret(desk: Desk) -> None:
    bob = desk.world.bob
    with desk.database.unit_of_work() as uow:
        uow.authenticators.invalidate_all(bob.id, now=NOON)
        uow.commit()
    assert desk.at_once(desk.begin, desk.begin, paused_at="INSERT INTO auth") == (None, None)
    with desk.database.snapshot() as uow:
        assert len(uow.authenticators.pending_of(bob.id)) == 1


def test_to_confirm_twice_binds_once(desk: Desk) -> None:
    desk.have_bob_set_up(console=True)
    confirming, again = desk.at_once(desk.confirm, desk.confirm, paused_at="UPDATE contacts")
    assert confirming is None
    assert isinstance(again, AuthenticatorActive)
    assert desk.states() == [CaseState.RE_ENROLLED]


def test_confirm_and_a_reset_queue(desk: Desk) -> None:
    """One has the authenticator and wants the person, the other has them the other way round."""
    desk.have_bob_set_up(console=True)
    both = desk.at_once(desk.confirm, desk.reset, paused_at="UPDATE contacts")
    assert both == (None, None)
    assert desk.active() == []
    assert desk.states() == [CaseState.COMPLETED, CaseState.RE_ENROLLED]


def test_confirm_and_a_report_queue(desk: Desk) -> None:
    desk.have_bob_set_up(console=True)
    both = desk.at_once(desk.confirm, desk.report, paused_at="UPDATE contacts")
    assert both == (None, None)
    assert desk.active() == []
    assert desk.states() == [CaseState.VETOED]
    assert desk.holding() == [SuspensionCause.VETOED]


def test_no_password_is_set_for_whoever_was_reinstated_and_has_to_set_up(desk: Desk) -> None:
    desk.suspend_bob(SuspensionCause.VETOED)
    with desk.database.unit_of_work() as uow:
        uow.contacts.set_set_up_required(desk.world.bob.id, required=True)
        before = uow.contacts.password_hash(desk.world.bob.id)
        uow.commit()
    reinstating, setting = desk.at_once(
        desk.reinstate, desk.set_password, paused_at="UPDATE suspensions"
    )
    assert reinstating is None
    assert isinstance(setting, CaseInTheWay)
    with desk.database.snapshot() as uow:
        assert uow.contacts.password_hash(desk.world.bob.id) == before


def test_to_suspend_twice_suspends_once(desk: Desk) -> None:
    one, other = desk.at_once(desk.suspend, desk.suspend, paused_at="UPDATE contacts")
    assert one is None
    assert isinstance(other, SuspendedAlready)
    assert desk.holding() == [SuspensionCause.OPERATOR]


def test_to_suspend_whoever_is_reinstated_just_now_suspends_them_anew(desk: Desk) -> None:
    desk.suspend_bob(SuspensionCause.LAPSED)
    both = desk.at_once(desk.reinstate, desk.suspend, paused_at="UPDATE suspensions")
    assert both == (None, None)
    assert desk.holding() == [SuspensionCause.OPERATOR]


@pytest.mark.parametrize("act", ["set_password", "suspend", "forget"])
def test_nothing_is_done_to_whoever_is_forgotten_meanwhile(desk: Desk, act: str) -> None:
    desk.have_bob_leave()
    forgetting, other = desk.at_once(desk.forget, getattr(desk, act), paused_at="INSERT INTO audit")
    assert forgetting is None
    assert isinstance(other, ContactNotFound)
    with desk.database.snapshot() as uow:
        assert uow.contacts.password_hash(desk.world.bob.id) is None
        said = [dict(record.details or {}) for record in uow.audit.records()]
    assert desk.world.bob.email not in str(said)
