"""Sealing records into a chain, and finding what somebody did to it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

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


UNFIT = "case:completed email:case:completed slack:case:Completed slack:case:a:b slack::completed"


@pytest.mark.parametrize(
    "tag", ["", "slack:case:completed\n", "slack:case:re-enrolled", *UNFIT.split()]
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
    bare = seal(replace(an_event(), slack=None), number=1, previous_hash="f" * 64, salt="1")
    assert (bare.slack_enterprise, bare.slack_team, bare.slack_user) == (None, None, None)


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
def test_every_part_of_a_record_is_in_its_hash(change: dict[str, Any]) -> None:
    chain = a_chain()
    chain[1] = replace(chain[1], **change)
    found = verify_chain(chain)
    assert (found.records, found.head) == (1, chain[0].hash)
    assert found.fault == "record 2 was changed"


def test_a_whole_chain_holds_and_erased_details_are_counted() -> None:
    chain = a_chain()
    found = verify_chain(chain)
    assert (found.records, found.head, found.erased, found.fault) == (4, chain[-1].hash, 0, None)
    chain[2] = replace(chain[2], details=None, salt=None)
    found = verify_chain(chain)
    assert (found.erased, found.fault) == (1, None)
    found = verify_chain([])
    assert (found.records, found.head, found.fault) == (0, GENESIS_HASH, None)


def change_first(chain: list[AuditRecord], **changes: Any) -> list[AuditRecord]:
    return [replace(chain[0], **changes), *chain[1:]]


def edit_and_rehash(chain: list[AuditRecord]) -> list[AuditRecord]:
    edited = replace(chain[1], actor="con_mallory")
    return [chain[0], replace(edited, hash=hash_record(edited)), *chain[2:]]


@pytest.mark.parametrize(
    ("chain", "fault"),
    [
        ([a_chain()[0], *a_chain()[2:]], "record 2 is missing: 3 comes in its place"),
        (a_chain()[1:], "record 1 is missing: 2 comes in its place"),
        (edit_and_rehash(a_chain()), "record 3 does not follow the record before it"),
        (change_first(a_chain(), version=2), "record 1 has the unknown format version 2"),
        (change_first(a_chain(), details={}), "the details of record 1 were changed"),
        (change_first(a_chain(), salt=None), "the details of record 1 were changed"),
    ],
    ids=["one-removed", "begun-late", "rehashed", "version", "details", "salt-gone"],
)
def test_tampering_is_found(chain: list[AuditRecord], fault: str) -> None:
    assert verify_chain(chain).fault == fault


def test_what_is_cut_off_or_made_anew_shows_by_an_expected_head_alone() -> None:
    chain, mallory = a_chain(), replace(an_event(), actor="con_mallory")
    remade = [seal(mallory, number=1, previous_hash=GENESIS_HASH, salt="1")]
    for false, head in ((chain[:-1], chain[-1].hash), (remade, chain[0].hash)):
        assert verify_chain(false).fault is None
        fault = verify_chain(false, expected_head=head).fault
        assert fault == "the expected head is not in the chain: records were removed or remade"
    for older in (chain[1].hash, GENESIS_HASH):
        assert verify_chain(chain, expected_head=older).fault is None
