"""Audit details that give somebody's address in passing, erased in both stores."""

import pytest

from bot.domain.model.audit import verify_chain
from bot.domain.model.ids import ContactId
from bot.domain.ports.unit_of_work import UnitOfWork
from storage.database import Database
from tests.fakes import an_event

CAROL = "carol_%@acme.example"


@pytest.mark.parametrize("typed", [CAROL, CAROL.upper()])
def test_only_what_gives_just_that_value_is_erased_and_the_chain_holds(
    store: Database, typed: str
) -> None:
    given = [
        {"manager": CAROL},
        {"email": "bob@acme.example", "manager_before": CAROL.upper()},
        {"manager": f"x{CAROL}"},
        {"manager": "carolx%@acme.example"},
        {"reason": f"{CAROL} called"},
        {},
    ]
    with store.unit_of_work() as uow:
        for details in given:
            uow.audit.record(an_event(subscriber=ContactId("con_bob"), details=details))
        assert uow.audit.erase_mentions(typed) == 2
        assert uow.audit.erase_mentions(typed) == 0
        uow.commit()
    with store.unit_of_work() as uow:
        records = list(uow.audit.records())
    assert [record.details for record in records] == [None, None, *given[2:]]
    found = verify_chain(records)
    assert (found.erased, found.fault) == (2, None)


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ('jürgen\\"x"@acme.example', 'jürgen\\"x"@acme.example'),
        ("JÜRGEN@acme.example", "jürgen@ACME.example"),
        ("jürgen@acme.example", "JÜRGEN@acme.example"),
        ("\N{KELVIN SIGN}im@acme.example", "kim@acme.example"),
        (
            "K\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}M@acme.example",
            "ki\N{COMBINING DOT ABOVE}m@acme.example",
        ),
    ],
)
def test_letters_beyond_ascii_are_found_in_either_case(
    uow: UnitOfWork, written: str, typed: str
) -> None:
    uow.audit.record(an_event(details={"manager": written}))
    uow.audit.record(an_event(details={"manager": f"{written}s"}))
    uow.audit.record(an_event(details={written: "the name of a detail"}))
    assert uow.audit.erase_mentions(typed) == 1


def test_letters_that_merely_could_be_it_are_kept(uow: UnitOfWork) -> None:
    uow.audit.record(an_event(details={"manager": "kimball@acme.example"}))
    assert uow.audit.erase_mentions("kill@acme.example") == 0
