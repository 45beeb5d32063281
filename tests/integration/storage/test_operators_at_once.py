"""The operator's acts beside others on the same person: each sees what the last one has left.

On PostgreSQL the second waits for the first one's contact; on SQLite for the whole database.
"""

import pytest

from bot.domain.model.cases import CaseState
from bot.domain.model.errors import (
    AuthenticatorActive,
    CaseInTheWay,
    ContactNotFound,
    StandingLost,
    StillHoldsRole,
    SuspendedAlready,
)
from bot.domain.model.people import SuspensionCause
from tests.fakes import NOON
from tests.integration.storage.desk import Desk


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


def test_whoever_is_forgotten_while_a_file_names_them_is_imported_as_somebody_new(
    desk: Desk,
) -> None:
    desk.have_bob_leave()
    both = desk.at_once(desk.forget, desk.import_bob, paused_at="INSERT INTO audit")
    assert both == (None, None)
    with desk.database.snapshot() as uow:
        forgotten, anew = (
            uow.contacts.get(desk.world.bob.id),
            uow.contacts.by_email(desk.world.bob.email),
        )
    assert forgotten
    assert anew
    assert (forgotten.name, forgotten.memberships, forgotten.slack) == ("(forgotten)", (), None)
    assert [each.account for each in anew.memberships] == [desk.world.acme]


def test_nobody_is_forgotten_who_is_imported_just_now(desk: Desk) -> None:
    desk.have_bob_leave()
    importing, forgetting = desk.at_once(
        desk.import_bob, desk.forget, paused_at="INSERT INTO audit"
    )
    assert importing is None
    assert isinstance(forgetting, StillHoldsRole)


def test_a_report_that_comes_while_a_reset_is_begun_is_not_lifted_by_it(desk: Desk) -> None:
    """Which of the two goes on first is open; a report that was taken holds in any case."""
    desk.have_bob_set_up()
    desk.bind()
    resetting, reporting = desk.at_once(desk.reset, desk.report, paused_at="INSERT INTO cases")
    if reporting is None:
        assert isinstance(resetting, StandingLost)
        assert desk.holding() == [SuspensionCause.VETOED]
    else:
        assert resetting is None
        assert desk.holding() == []


def test_a_new_identity_and_a_reset_that_is_carried_out_queue(desk: Desk) -> None:
    """Both have the case first, and then the person."""
    case = desk.have_alices_yes()
    replacing, sweeping = desk.at_once(desk.replace, desk.sweep, paused_at="UPDATE contacts")
    assert (replacing, sweeping) == (None, None)
    with desk.database.snapshot() as uow:
        ended = uow.cases.get(case.id)
    assert ended
    assert (ended.state, ended.ended_reason) == (CaseState.EXPIRED, "identity_replaced")
    assert desk.active() == [desk.world.bob.authenticator_id]
