"""Sealing records into a chain, and finding what somebody did to it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.model.audit import (
    GENESIS_HASH,
    AuditEvent,
    AuditRecord,
    hash_details,
    hash_record,
    seal,
    verify_chain,
)
from bot.domain.model.ids import AccountId, CaseId, ContactId
from bot.domain.model.people import SlackIdentity

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def an_event(tag: str = "slack:case:completed") -> AuditEvent:
    return AuditEvent(
        tag=tag,
        at=NOON,
        actor="con_alice",
        subscriber=ContactId("con_bob"),
        account=AccountId("acme"),
        case=CaseId("case_1"),
        slack=SlackIdentity(enterprise="E01", team="T01", user="U01"),
        details={"reason": "Lost the phone", "proof": "video"},
    )


def a_chain(length: int = 4) -> list[AuditRecord]:
    records: list[AuditRecord] = []
    for number in range(1, length + 1):
        previous = records[-1].hash if records else GENESIS_HASH
        records.append(seal(an_event(), number=number, previous_hash=previous, salt=f"{number:x}"))
    return records


@pytest.mark.parametrize(
    "tag",
    [
        "",
        "case:completed",
        "email:case:completed",
        "slack:case:Completed",
        "slack:case:completed:again",
        "slack::completed",
        "slack:case:completed\n",
        "slack:case:re-enrolled",
    ],
)
def test_a_tag_outside_the_grammar_is_refused(tag: str) -> None:
    with pytest.raises(ValueError, match="not an audit tag"):
        an_event(tag)


@pytest.mark.parametrize("source", ["slack", "portal", "operator", "sweep"])
def test_every_source_has_its_tags(source: str) -> None:
    assert an_event(f"{source}:case:re_enrolled").tag == f"{source}:case:re_enrolled"


def test_a_sealed_record_holds_all_of_its_event() -> None:
    record = seal(an_event(), number=7, previous_hash="f" * 64, salt="5a17")
    assert (record.number, record.version, record.at) == (7, 1, NOON)
    assert (record.tag, record.actor) == ("slack:case:completed", "con_alice")
    assert (record.subscriber, record.account, record.case) == ("con_bob", "acme", "case_1")
    assert (record.slack_enterprise, record.slack_team, record.slack_user) == ("E01", "T01", "U01")
    assert (record.previous_hash, record.salt) == ("f" * 64, "5a17")
    assert record.details == {"reason": "Lost the phone", "proof": "video"}
    assert record.hash == hash_record(record)


def test_an_event_without_slack_is_sealed_without() -> None:
    event = replace(an_event(), slack=None)
    record = seal(event, number=1, previous_hash=GENESIS_HASH, salt="1")
    assert (record.slack_enterprise, record.slack_team, record.slack_user) == (None, None, None)


def test_the_format_is_kept() -> None:
    """A known record's hashes: when these change, chains of older versions no longer verify."""
    record = seal(an_event(), number=1, previous_hash=GENESIS_HASH, salt="5a17")
    assert record.details_hash == "74ed59471fc796f71075522eb1db44a1b3aea154137e6d249d0ad402762b7e9a"
    assert record.hash == "bef18b1ad8dcea7e9cbe8364bee768101235be589678713d0cedf477462f208c"


def test_details_hash_by_content_and_salt() -> None:
    one = hash_details({"a": "1", "b": "2"}, salt="5a17")
    assert one == hash_details({"b": "2", "a": "1"}, salt="5a17")
    assert one != hash_details({"a": "1", "b": "2"}, salt="5a18")
    assert one != hash_details({"a": "1", "b": "3"}, salt="5a17")


@pytest.mark.parametrize(
    "change",
    [
        {"at": NOON + timedelta(microseconds=1)},
        {"tag": "slack:case:vetoed"},
        {"actor": "con_mallory"},
        {"subscriber": None},
        {"account": "globex"},
        {"case": "case_2"},
        {"slack_enterprise": None},
        {"slack_team": "T02"},
        {"slack_user": "U02"},
        {"details_hash": "0" * 64},
    ],
    ids=lambda change: next(iter(change)),
)
def test_every_part_of_a_record_is_in_its_hash(change: dict[str, object]) -> None:
    chain = a_chain()
    chain[1] = replace(chain[1], **change)  # type: ignore[arg-type]  # names are the parameters'
    found = verify_chain(chain)
    assert (found.records, found.head) == (1, chain[0].hash)
    assert found.fault == "record 2 was changed"


def test_a_whole_chain_holds() -> None:
    chain = a_chain()
    found = verify_chain(chain)
    assert (found.records, found.head, found.erased, found.fault) == (4, chain[-1].hash, 0, None)


def test_an_empty_chain_holds() -> None:
    found = verify_chain([])
    assert (found.records, found.head, found.fault) == (0, GENESIS_HASH, None)


def test_erased_details_are_counted() -> None:
    chain = a_chain()
    chain[2] = replace(chain[2], details=None, salt=None)
    found = verify_chain(chain)
    assert (found.erased, found.fault) == (1, None)


def _edit_and_rehash(chain: list[AuditRecord]) -> list[AuditRecord]:
    edited = replace(chain[1], actor="con_mallory")
    return [chain[0], replace(edited, hash=hash_record(edited)), *chain[2:]]


@pytest.mark.parametrize(
    ("tamper", "fault"),
    [
        pytest.param(
            lambda chain: [chain[0], *chain[2:]],
            "record 2 is missing: 3 comes in its place",
            id="one-removed",
        ),
        pytest.param(
            lambda chain: chain[1:], "record 1 is missing: 2 comes in its place", id="begun-late"
        ),
        pytest.param(
            _edit_and_rehash, "record 3 does not follow the record before it", id="rehashed"
        ),
        pytest.param(
            lambda chain: [replace(chain[0], version=2), *chain[1:]],
            "record 1 has the unknown format version 2",
            id="version",
        ),
        pytest.param(
            lambda chain: [replace(chain[0], details={}), *chain[1:]],
            "the details of record 1 were changed",
            id="details",
        ),
        pytest.param(
            lambda chain: [replace(chain[0], salt=None), *chain[1:]],
            "the details of record 1 were changed",
            id="salt-gone",
        ),
    ],
)
def test_tampering_is_found(
    tamper: Callable[[list[AuditRecord]], list[AuditRecord]], fault: str
) -> None:
    assert verify_chain(tamper(a_chain())).fault == fault


def test_a_missing_end_shows_by_an_expected_head_alone() -> None:
    chain = a_chain()
    cut = chain[:-1]
    assert verify_chain(cut).fault is None
    found = verify_chain(cut, expected_head=chain[-1].hash)
    assert found.fault == "the expected head is not in the chain: records were removed or remade"


def test_a_chain_made_anew_shows_by_an_expected_head() -> None:
    chain = a_chain()
    remade = [
        seal(
            replace(an_event(), actor="con_mallory"), number=1, previous_hash=GENESIS_HASH, salt="1"
        )
    ]
    assert verify_chain(remade).fault is None
    assert verify_chain(remade, expected_head=chain[0].hash).fault


def test_an_older_expected_head_is_in_a_chain_that_grew() -> None:
    chain = a_chain()
    assert verify_chain(chain, expected_head=chain[1].hash).fault is None
    assert verify_chain(chain, expected_head=GENESIS_HASH).fault is None
