"""The state machine finds a fault that is planted in any of the rules.

1. Fail closed: Slack's silence is taken for a good answer.
2. A step is accepted as often as somebody types its code.
3. Wrong codes are refused and not counted.
4. A case is moved on whatever state it is in.
5. A higher role of the subscriber's counts for nothing.
6. Guests, bots and deactivated people pass.
7. A reset leaves the sessions open; a lease keeps nobody away; what the dead began is left there;
   and half of an act that is cut off stays.
8. The subscriber is not told of an enrolment; and two send the same message.
9. Any set-up code opens any sign-in that waits; and a case's own admin hands one over.
10. A report suspends nobody; and the reported admin may lift the suspension.
11. The audit log is told the shared secret.
12. A refusal is recorded nowhere.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, ClassVar, NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy import update

from bot.domain.model.notices import NoticeKind
from bot.domain.model.people import SessionStage
from bot.domain.record import telling
from bot.domain.record.refusals import Trail
from bot.domain.set_up.handing_over import waiting_set_up
from storage.audit import SqlAuditLog
from storage.authenticators import SqlAuthenticators
from storage.cases import SqlCases
from storage.errors import DatabaseUnreadableError
from storage.outbox import SqlOutbox
from storage.tables import sessions
from storage.unit_of_work import SqlUnitOfWork
from tests.fakes import FakeWorkspace, an_event
from tests.machine import stores
from tests.machine.firm import Firm
from tests.machine.machine import CaseMachine
from tests.machine.oracle import RuleBroken
from tests.machine.posting import PostingMachine
from tests.machine.troubled import TroubledMachine
from tests.machine.troubles import Died

SEARCH = settings(
    max_examples=400,
    stateful_step_count=50,
    deadline=None,
    database=None,
    derandomize=True,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
    report_multiple_bugs=False,
)


class Searched(CaseMachine):
    seen: ClassVar[Counter[str]] = Counter()

    def open_firm(self) -> Firm:
        return stores.in_memory()


class SearchedInTrouble(TroubledMachine):
    seen: ClassVar[Counter[str]] = Counter()

    def open_firm(self) -> Firm:
        return stores.in_memory()


class SearchedWhilePosting(PostingMachine):
    seen: ClassVar[Counter[str]] = Counter()

    def open_firm(self) -> Firm:
        return stores.in_memory()


class Fault(NamedTuple):
    """What is broken, in which rule, and by what."""

    rule: int | str
    where: str
    instead: object
    found_by: type[CaseMachine] = Searched


def _knows_everybody(self: FakeWorkspace, user_id: str) -> Any:
    return self.members[user_id]


def _accepts_any_step(self: Any, authenticator_id: Any, **_: Any) -> bool:
    return self.get(authenticator_id) is not None


def _nothing(*_: Any, **__: Any) -> None:
    return None


def _moves_from_anywhere(self: Any, case_id: Any, **move: Any) -> Any:
    case = self.get(case_id)
    return _move(self, case_id, **{**move, "states": {case.state}}) if case else None


_move = SqlCases.move


def _never(*_: Any, **__: Any) -> bool:
    return False


def _resets_authenticators_alone(directory: Any, contact_id: Any, _record: Any) -> None:
    directory.require_set_up(contact_id)
    directory.invalidate_authenticators(contact_id)


def _tells_the_log(self: Any, authenticator: Any, *, shared_secret: str) -> None:
    _add(self, authenticator, shared_secret=shared_secret)
    event = an_event("portal:authenticator:added", details={"secret": shared_secret})
    log = SqlAuditLog(self._connection)
    log.record(event)
    log.flush()


_add = SqlAuthenticators.add


@contextmanager
def _records_no_refusal(*_: Any, **__: Any) -> Iterator[Trail]:
    yield Trail()


def _tells_of_no_enrolment(uow: Any, contact: Any, notice: Any, **more: Any) -> None:
    if notice.kind is not NoticeKind.SUBSCRIBER_ENROLLED:
        _write_to(uow, contact, notice, **more)


_write_to = telling.write_to


def _spends_any_code(self: Any, session_id: Any, **_: Any) -> bool:
    spend = update(sessions).where(
        sessions.c.id == session_id,
        sessions.c.stage == SessionStage.AWAITING_SET_UP_CODE,
        sessions.c.ended_at.is_(None),
    )
    spent: int = self._connection.execute(spend.values(stage=SessionStage.SETTING_UP)).rowcount
    return spent == 1


def _whoever_asked(_self: Any, uow: Any, entitled: Any, *_: Any, now: Any) -> Any:
    return waiting_set_up(uow, entitled.subscriber, now=now)


def _does_none(*_: Any, **__: Any) -> int:
    return 0


def _keeps_half_an_act(self: Any, *ended: Any) -> None:
    if ended[0] in (Died, DatabaseUnreadableError):
        self.outbox.flush()
        self._connection.commit()
    _exit(self, *ended)


_exit = SqlUnitOfWork.__exit__


def _claims_in_vain(self: Any, **given: Any) -> Any:
    with self._connection.begin_nested() as nested:
        message = _claim(self, **given)
        nested.rollback()
    return message


_claim = SqlOutbox.claim


FAULTS = [
    Fault(1, "tests.fakes.FakeWorkspace.member", _knows_everybody),
    Fault(2, "storage.authenticators.SqlAuthenticators.accept_step", _accepts_any_step),
    Fault(3, "bot.domain.proving.codes.count_wrong_code", _nothing),
    Fault(4, "storage.cases.SqlCases.move", _moves_from_anywhere),
    Fault(5, "bot.domain.standing.policy._outranks", _never),
    Fault(6, "bot.domain.standing.standing.verify_member", _nothing),
    Fault(7, "bot.domain.resets.executing.reset_authenticators", _resets_authenticators_alone),
    Fault(
        7,
        "bot.domain.resets.carrying_out.LEASE_LASTS",
        timedelta(0),
        found_by=SearchedInTrouble,
    ),
    Fault(
        7,
        "bot.domain.resets.picking_up.PickUpService.carry_out_due",
        _does_none,
        found_by=SearchedInTrouble,
    ),
    Fault(8, "bot.domain.record.telling.write_to", _tells_of_no_enrolment),
    Fault(
        "7|8",  # half a reset, or half of what is told of one: whichever is met first
        "storage.unit_of_work.SqlUnitOfWork.__exit__",
        _keeps_half_an_act,
        found_by=SearchedInTrouble,
    ),
    Fault(8, "storage.outbox.SqlOutbox.claim", _claims_in_vain, SearchedWhilePosting),
    Fault(9, "storage.sessions.SqlSessions.spend_set_up_code", _spends_any_code),
    Fault(9, "bot.domain.set_up.handing_over.HandOverService._waiting", _whoever_asked),
    Fault(10, "bot.domain.resets.reports.ReportService._suspend", _nothing),
    Fault(10, "bot.domain.standing.standing.authorize_lifting", _nothing),
    Fault(11, "storage.authenticators.SqlAuthenticators.add", _tells_the_log),
    Fault(12, "bot.domain.record.refusals.Recorder.refusals", _records_no_refusal),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.rule}-{fault.where}")
def test_it_is_found(fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fault.where, fault.instead)
    with pytest.raises(RuleBroken, match=f"rule (?:{fault.rule}):"):
        run_state_machine_as_test(fault.found_by, settings=SEARCH)
