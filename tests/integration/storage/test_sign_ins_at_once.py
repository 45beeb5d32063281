"""Two sign-ins of one person at once: what the first has opened and sent the second sees."""

from datetime import timedelta

from bot.domain.model.cases import CaseKind, CaseState
from bot.domain.model.errors import SessionGone
from bot.domain.model.notices import NoticeKind
from bot.domain.model.people import AttemptKind, SessionStage
from bot.domain.set_up.sessions import hash_token
from bot.domain.set_up.set_up_codes import hash_set_up_code
from tests.fakes import NOON, a_session
from tests.integration.storage.desk import Desk
from tests.office.services import PEPPER


def test_two_first_sign_ins_hang_on_one_case_and_send_no_more_than_is_allowed(desk: Desk) -> None:
    dana = desk.world.dana
    with desk.database.unit_of_work() as uow:
        uow.contacts.set_set_up_required(dana.id, required=True)
        for minutes in (10, 20):  # of three in an hour
            at = NOON - timedelta(minutes=minutes)
            uow.attempts.record(AttemptKind.SET_UP_MESSAGE, dana.id, at=at)
        uow.commit()
    both = desk.at_once(
        lambda: desk.sign_in(dana, address="192.0.2.7"),
        lambda: desk.sign_in(dana, address="203.0.113.66"),
        paused_at="INSERT INTO cases",
    )
    assert both == (None, None)
    with desk.database.snapshot() as uow:
        cases = uow.cases.of(dana.id)
        sent = [m.notice.kind for m in uow.outbox.due(NOON, limit=99)]
    assert [(c.kind, c.state) for c in cases] == [(CaseKind.FIRST_SET_UP, CaseState.COMPLETED)]
    assert sent.count(NoticeKind.SET_UP_WAITING) == 1


def test_a_set_up_code_beside_the_first_code_of_another_browser_queues(desk: Desk) -> None:
    """One has the session and wants the authenticator, the other has them the other way round."""
    desk.have_bob_set_up()
    session, code = a_session(desk.world.bob.id, stage=SessionStage.AWAITING_SET_UP_CODE), "0" * 8
    code_hash = hash_set_up_code(code, session.id, pepper=PEPPER)
    with desk.database.unit_of_work() as uow:
        uow.sessions.add(session, token_hash=hash_token("another"))
        expires_at = NOON + timedelta(minutes=1)
        uow.sessions.set_set_up_code(session.id, code_hash=code_hash, expires_at=expires_at)
        uow.commit()
    accepting, binding = desk.at_once(
        lambda: desk.services.set_up.accept_code("another", code),
        desk.bind,
        paused_at="UPDATE authenticators",
    )
    assert accepting is None
    assert isinstance(binding, SessionGone)
    assert desk.active() == []
