"""What a start does first, to take up what an earlier run left, and what a stop says first."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.model.cases import Case, CaseState, Lease
from bot.domain.model.ids import LeaseHolder
from bot.domain.ports.unit_of_work import UnitOfWorkFactory
from bot.server.http import HttpServer
from bot.server.program import build
from bot.server.readiness import STOPPING
from bot.server.serving import Server, let_go, sweep
from bot.settings.settings import settings_of
from tests.fakes import NOON, World, a_case, seed
from tests.office import Browser, Office

WAIT = 30
"""Seconds; machines that run other tests meanwhile are slow."""
LEASE = Lease(holder=LeaseHolder("run_of_the_dead"), until=NOON + timedelta(hours=1))


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with Office(tmp_path, REKEY_LISTEN="127.0.0.1:0", REKEY_SWEEP_EVERY="P1D") as office:
        yield office


def _left_behind(unit_of_work: UnitOfWorkFactory, world: World) -> Case:
    """Leave a case of Alice's in the hands of somebody who died on it a moment ago."""
    case = a_case(subscriber_id=world.bob.id, admin_id=world.alice.id)
    with unit_of_work() as uow:
        uow.cases.add(case)
        left = uow.cases.move(
            case.id,
            states=[CaseState.AWAITING_CONFIRMATION],
            to=CaseState.EXECUTING,
            now=NOON,
            lease=LEASE,
        )
        uow.commit()
    assert left
    return left


def test_a_case_that_died_with_its_process_is_carried_out_at_once(office: Office) -> None:
    case = _left_behind(office.rekey.database.unit_of_work, office.world)
    server = Server(office.rekey)
    server.start()
    try:
        bob = office.slack.person(office.world.bob.slack.user)
        office.slack.wait_for(lambda: any("was reset" in m.text for m in bob.dm), timeout=WAIT)
    finally:
        server.stop()
    with office.rekey.database.snapshot() as uow:
        done = uow.cases.get(case.id)
    assert done
    assert done.state is CaseState.COMPLETED


def test_where_several_serve_a_case_stays_with_its_holder(
    office: Office, postgresql_url: str
) -> None:
    rekey = build(settings_of({**office.settings, "REKEY_DATABASE_URL": postgresql_url}))
    case = _left_behind(rekey.database.unit_of_work, seed(rekey.database.unit_of_work))
    let_go(rekey)
    with rekey.database.snapshot() as uow:
        assert uow.cases.due_to_carry_out(NOON) == ()
        assert uow.cases.due_to_carry_out(LEASE.until) == (case,)
    rekey.database.close()


def test_a_sweep_is_left_to_whoever_sweeps_already(office: Office, postgresql_url: str) -> None:
    rekey = build(settings_of({**office.settings, "REKEY_DATABASE_URL": postgresql_url}))
    _left_behind(rekey.database.unit_of_work, seed(rekey.database.unit_of_work))
    swept: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(rekey.sweep), "run", lambda _: swept.append("swept"))
        with rekey.database.alone("sweep"):
            sweep(rekey)
        assert swept == []
        sweep(rekey)
        assert swept == ["swept"]
    rekey.database.close()


def test_whoever_asks_during_the_stop_is_told_of_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, told, stop = Server(office.rekey), list[tuple[int, str]](), HttpServer.stop

    def ask_and_stop(http: HttpServer, *, within: float) -> None:
        page = Browser(f"http://127.0.0.1:{http.port}").open("/readyz")
        told.append((page.status, page.text))
        stop(http, within=within)

    monkeypatch.setattr(HttpServer, "stop", ask_and_stop)
    server.start()
    server.stop()
    assert told == [(503, f"{STOPPING}\n")]


def test_where_the_app_is_installed_is_asked_at_once(office: Office) -> None:
    def asked() -> bool:
        return "auth.test" in [call.method for call in office.slack.calls]

    server = Server(office.rekey)
    server.start()
    try:
        office.slack.wait_for(asked, timeout=WAIT)
    finally:
        server.stop()
    assert asked()
