"""The promises of `AuditLog`."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from bot.domain.model.audit import GENESIS_HASH, AuditRecord, verify_chain
from bot.domain.model.ids import AccountId, CaseId, ContactId
from bot.domain.ports.unit_of_work import UnitOfWork
from storage.database import Database
from tests.fakes import NOON, a_slack_identity, an_event


def _record(store: Database, count: int = 3) -> list[AuditRecord]:
    with store.unit_of_work() as uow:
        for number in range(count):
            event = an_event(
                at=NOON + timedelta(minutes=number),
                case=CaseId(f"case_{number % 2}"),
                account=AccountId(f"account_{number % 2}"),
                details={"reason": f"reason {number}"},
            )
            uow.audit.record(event)
        uow.commit()
    with store.unit_of_work() as uow:
        return list(uow.audit.records())


def test_an_empty_log_begins_with_genesis(uow: UnitOfWork) -> None:
    assert uow.audit.head() == (GENESIS_HASH, 0)
    assert list(uow.audit.records()) == []


def test_records_are_read_as_they_were_made(store: Database) -> None:
    made = _record(store)
    with store.unit_of_work() as uow:
        assert list(uow.audit.records()) == made
        assert uow.audit.head() == (made[-1].hash, 3)


def test_a_record_holds_all_that_the_event_did(store: Database) -> None:
    event = an_event(
        "slack:reset:outranked",
        subscriber=ContactId("con_bob"),
        account=AccountId("acme"),
        case=CaseId("case_1"),
        slack=a_slack_identity("U01ALICE", enterprise="E01"),
        details={"reason": "Lost the phone, ¡otra vez!"},
    )
    with store.unit_of_work() as uow:
        uow.audit.record(event)
        uow.commit()
    with store.unit_of_work() as uow:
        (record,) = uow.audit.records()
    assert (record.tag, record.at, record.actor) == (event.tag, NOON, "con_alice")
    assert (record.subscriber, record.account, record.case) == ("con_bob", "acme", "case_1")
    assert (record.slack_enterprise, record.slack_team) == ("E01", "T01TEST")
    assert record.slack_user == "U01ALICE"
    assert record.details == {"reason": "Lost the phone, ¡otra vez!"}


def test_the_chain_holds_over_several_units(store: Database) -> None:
    for _ in range(3):
        _record(store)
    with store.unit_of_work() as uow:
        head, _ = uow.audit.head()
        found = verify_chain(uow.audit.records(), expected_head=head)
    assert (found.records, found.head, found.erased, found.fault) == (9, head, 0, None)


def test_the_chain_goes_on_after_a_rollback(store: Database) -> None:
    _record(store)
    with store.unit_of_work() as uow:
        uow.audit.record(an_event())
    _record(store)
    with store.unit_of_work() as uow:
        assert verify_chain(uow.audit.records()).fault is None
        assert uow.audit.head()[1] == 6


def test_another_time_zone_leaves_the_chain_whole(store: Database) -> None:
    elsewhere = datetime(2026, 1, 1, 17, 30, 0, 1, timezone(timedelta(hours=5, minutes=30)))
    with store.unit_of_work() as uow:
        uow.audit.record(an_event(at=elsewhere))
        uow.commit()
    with store.unit_of_work() as uow:
        (record,) = uow.audit.records()
        assert record.at == NOON + timedelta(microseconds=1)
        assert record.at.tzinfo is UTC
        assert verify_chain([record]).fault is None


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        pytest.param({"since": NOON + timedelta(minutes=1)}, [2, 3, 4], id="since"),
        pytest.param({"until": NOON + timedelta(minutes=1)}, [1], id="until"),
        pytest.param({"account": AccountId("account_1")}, [2, 4], id="account"),
        pytest.param({"case": CaseId("case_0")}, [1, 3], id="case"),
        pytest.param(
            {"case": CaseId("case_0"), "since": NOON + timedelta(minutes=1)}, [3], id="both"
        ),
    ],
)
def test_records_are_chosen_by_time_account_and_case(
    store: Database, wanted: dict[str, object], numbers: list[int]
) -> None:
    _record(store, 4)
    with store.unit_of_work() as uow:
        chosen = uow.audit.records(**wanted)  # type: ignore[arg-type]  # named in the parameters
        assert [record.number for record in chosen] == numbers


def test_events_recorded_in_bulk_follow_one_another(store: Database) -> None:
    before = _record(store, 1)
    events = [an_event(f"operator:contact:n{number}") for number in range(2500)]
    with store.unit_of_work() as uow:
        done = list(uow.audit.record_all(iter(events)))
        assert list(uow.audit.record_all([])) == []
        uow.audit.record(an_event("operator:contact:after"))
        uow.commit()
    assert done == sorted(done)
    assert done[-1] == len(events)
    with store.unit_of_work() as uow:
        records = list(uow.audit.records())
    assert [record.tag for record in records[1:-1]] == [event.tag for event in events]
    assert (records[0], records[-1].tag) == (before[0], "operator:contact:after")
    assert verify_chain(records).fault is None


def test_events_of_a_unit_follow_one_another_and_keep_their_own_times(store: Database) -> None:
    later = NOON + timedelta(seconds=5)
    with store.unit_of_work() as uow:
        uow.audit.record(an_event("slack:case:executing", at=later))
        uow.audit.record(an_event("slack:case:completed", at=NOON))
        uow.commit()
    with store.unit_of_work() as uow:
        records = list(uow.audit.records())
    assert [(record.number, record.tag) for record in records] == [
        (1, "slack:case:executing"),
        (2, "slack:case:completed"),
    ]
    assert [record.at for record in records] == [later, NOON]
    assert verify_chain(records).fault is None


def test_a_unit_sees_what_it_has_recorded(store: Database) -> None:
    (first,) = _record(store, 1)
    with store.unit_of_work() as uow:
        uow.audit.record(an_event("slack:case:executing"))
        hash_, number = uow.audit.head()
        uow.audit.record(an_event("slack:case:completed"))
        seen = list(uow.audit.records())
        uow.commit()
    assert number == 2
    assert [record.number for record in seen] == [1, 2, 3]
    assert (seen[0], seen[1].hash) == (first, hash_)
    with store.unit_of_work() as uow:
        assert list(uow.audit.records()) == seen  # looking has recorded nothing twice


def test_what_was_seen_but_not_committed_is_gone(store: Database) -> None:
    with store.unit_of_work() as uow:
        uow.audit.record(an_event())
        assert uow.audit.head()[1] == 1
    with store.unit_of_work() as uow:
        assert uow.audit.head() == (GENESIS_HASH, 0)
        uow.commit()
        uow.audit.record(an_event())  # too late: the unit ends without another commit
    with store.unit_of_work() as uow:
        assert list(uow.audit.records()) == []


def test_details_by_and_about_a_contact_are_erased_and_the_chain_holds(store: Database) -> None:
    bob, reason = ContactId("con_bob"), {"reason": "Lost the phone"}
    with store.unit_of_work() as uow:
        for event in (
            an_event(actor="con_alice", subscriber=bob, details=reason),
            an_event(actor=bob, details=reason),
            an_event(actor="con_alice", subscriber=ContactId("con_dana"), details=reason),
            an_event(actor=bob, subscriber=bob),
        ):
            uow.audit.record(event)
        uow.commit()
    with store.unit_of_work() as uow:
        before = list(uow.audit.records())
        assert uow.audit.erase_details(bob) == 3
        assert uow.audit.erase_details(bob) == 0  # they are erased once
        assert uow.audit.erase_details(ContactId("con_nobody")) == 0
        uow.commit()
    with store.unit_of_work() as uow:
        records = list(uow.audit.records())
    assert [record.details for record in records] == [None, None, reason, None]
    assert [record.salt is None for record in records] == [True, True, False, True]
    assert [record.hash for record in records] == [record.hash for record in before]
    found = verify_chain(records, expected_head=before[-1].hash)
    assert (found.records, found.erased, found.fault) == (4, 3, None)


def test_what_is_recorded_along_with_an_erasure_is_erased_too_only_if_before_it(
    store: Database,
) -> None:
    bob = ContactId("con_bob")
    with store.unit_of_work() as uow:
        uow.audit.record(an_event(actor=bob, details={"reason": "before"}))
        assert uow.audit.erase_details(bob) == 1
        uow.audit.record(an_event(actor="operator", subscriber=bob, details={"reason": "after"}))
        uow.commit()
    with store.unit_of_work() as uow:
        assert [record.details for record in uow.audit.records()] == [None, {"reason": "after"}]


def test_an_erasure_that_was_not_committed_has_erased_nothing(store: Database) -> None:
    before = _record(store)
    with store.unit_of_work() as uow:
        assert uow.audit.erase_details(ContactId("con_alice")) == 3
    with store.unit_of_work() as uow:
        assert list(uow.audit.records()) == before
