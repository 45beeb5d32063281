"""The sample people are all there, and can do what their roles say."""

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.model.people import Role
from playground.clock import PlaygroundClock, parse_span
from playground.people import ACCOUNTS, BY_HANDLE, PEOPLE, seed
from storage.passwords import ArgonPasswords
from tests.fakes.sqlite import a_database
from tests.office.services import services_over


def test_everybody_that_a_visitor_may_want_to_meet_is_there() -> None:
    roles = Counter(role for person in PEOPLE for role in person.roles.values())
    flags = {flag for person in PEOPLE for flag in person.flags}
    assert roles[Role.OWNER] >= 1
    assert roles[Role.ADMINISTRATOR] >= 2
    assert roles[Role.MEMBER] >= 2
    assert {"is_restricted", "is_bot", "deleted", "is_stranger"} <= flags
    assert len(ACCOUNTS) >= 2
    assert sum(len(person.roles) > 1 for person in PEOPLE) >= 2


def test_no_two_are_taken_for_one_another() -> None:
    for names in (
        [person.handle for person in PEOPLE],
        [person.name for person in PEOPLE],
        [person.email for person in PEOPLE],
        [person.slack_user for person in PEOPLE],
    ):
        assert len(set(names)) == len(PEOPLE)


def test_slack_calls_them_by_their_user_names() -> None:
    assert [person.name.split()[0].lower() for person in PEOPLE] == list(BY_HANDLE)


def test_contacts_can_sign_in_and_the_import_is_audited(tmp_path: Path) -> None:
    database = a_database(tmp_path)
    services = services_over(database.unit_of_work, clock=PlaygroundClock())
    seed(services.ports, services.terms)
    passwords = ArgonPasswords()
    with database.snapshot() as uow:
        for person in PEOPLE:
            contact = uow.contacts.by_email(person.email)
            assert (contact is not None) == bool(person.roles)
            if contact is None:
                continue
            assert {m.account.id: m.role for m in contact.memberships} == dict(person.roles)
            assert passwords.verify(uow.contacts.password_hash(contact.id), person.password)
            assert not contact.password_must_change
            active = uow.authenticators.active_of(contact.id)
            assert len(active) == int(person.enrolled)
        tags = [record.tag for record in uow.audit.records()]
    database.close()
    assert tags[-1] == "operator:directory:imported"
    assert tags.count("operator:contact:added") == sum(bool(p.roles) for p in PEOPLE)


def test_a_clock_that_stands_still_moves_only_when_it_is_moved() -> None:
    clock = PlaygroundClock(stands_still=True)
    before = clock.now()
    assert clock.now() == before
    clock.advance(timedelta(days=1))
    assert clock.now() - before == timedelta(days=1)


def test_a_clock_that_runs_is_ahead_by_what_it_was_moved() -> None:
    clock = PlaygroundClock()
    before = clock.now()
    clock.advance(timedelta(days=1))
    assert clock.now() - before >= timedelta(days=1)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("45s", timedelta(seconds=45)),
        ("30m", timedelta(minutes=30)),
        ("2h", timedelta(hours=2)),
        (" 1D ", timedelta(days=1)),
        ("1", None),
        ("d", None),
        ("-1d", None),
        ("1w", None),
        ("99999d", None),
        ("", None),
    ],
)
def test_spans_are_read_as_people_write_them(text: str, span: timedelta | None) -> None:
    assert parse_span(text) == span
