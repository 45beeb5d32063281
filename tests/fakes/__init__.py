"""Stand-ins for what is outside, a database in memory, and sample people for any."""

from tests.fakes.builders import (
    TEAM,
    a_case,
    a_contact,
    a_member,
    a_session,
    a_slack_identity,
    a_suspension,
    an_account,
    an_authenticator,
    an_event,
)
from tests.fakes.database import FakeDatabase
from tests.fakes.outside import NOON, FakePasswords, FakeWorkspace, FixedClock
from tests.fakes.world import ACME, GLOBEX, Person, World, bind, seed

__all__ = [
    "ACME",
    "GLOBEX",
    "NOON",
    "TEAM",
    "FakeDatabase",
    "FakePasswords",
    "FakeWorkspace",
    "FixedClock",
    "Person",
    "World",
    "a_case",
    "a_contact",
    "a_member",
    "a_session",
    "a_slack_identity",
    "a_suspension",
    "an_account",
    "an_authenticator",
    "an_event",
    "bind",
    "seed",
]
