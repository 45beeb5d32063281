"""A message at which the database itself breaks holds up no other, on PostgreSQL either.

There a failed statement undoes the whole unit, and its commit says nothing of it.
"""

from collections.abc import Iterator

import pytest
from slack_sdk import WebClient
from sqlalchemy import text

from bot.domain.desk.composing import compose
from bot.domain.model.notices import Message, Notice, NoticeKind
from bot.domain.model.views import NoticeView
from bot.domain.ports.unit_of_work import UnitOfWork
from bot.outbox import sender
from bot.outbox.slack_limits import CLAIM
from bot.wiring.slack import SlackServices
from storage.database import Database
from storage.unit_of_work import SqlUnitOfWork
from tests.fakes import NOON, FixedClock
from tests.fakes.limits import LimitedSlack
from tests.fakes.sqlite import SECRET_KEYS
from tests.office.services import default_terms, ports_over

BROKEN = "U1"


@pytest.fixture
def database(postgresql_url: str) -> Iterator[Database]:
    database = Database(postgresql_url, secret_keys=SECRET_KEYS)
    yield database
    database.close()


@pytest.mark.parametrize("people", [(BROKEN, "U2"), ("U2", BROKEN)], ids=["first", "next"])
def test_a_message_at_which_a_statement_fails_holds_up_no_other(
    database: Database, monkeypatch: pytest.MonkeyPatch, people: tuple[str, str]
) -> None:
    tried: list[str] = []

    def break_once_for_all(uow: UnitOfWork, message: Message) -> NoticeView | None:
        tried.append(message.id)
        if message.notice.slack_address == BROKEN:
            # one that comes after another is tried with that one's record first, and then alone
            assert tried.count(message.id) <= 1 + people.index(BROKEN), "it is next again"
            assert isinstance(uow, SqlUnitOfWork)
            uow.cases._connection.execute(text("SELECT 1 / 0"))  # noqa: SLF001  # what breaks lies beneath
        return compose(uow, message)

    monkeypatch.setattr(sender, "compose", break_once_for_all)
    clock = FixedClock()
    slack = LimitedSlack(clock)
    monkeypatch.setattr(WebClient, "api_call", slack.api_call)
    with database.unit_of_work() as uow:
        for user in people:
            notice = Notice(kind=NoticeKind.REPLY, slack_address=user, facts={"text": "Done."})
            uow.outbox.add(notice, now=NOON)
        uow.commit()
    client, ports = WebClient(token="xoxb-none"), ports_over(database.unit_of_work, clock=clock)
    outbox = SlackServices(ports, default_terms(), client=client).sender(client)
    assert outbox.drain() == 1
    assert slack.taken == ["Done."]
    with database.snapshot() as uow:
        (waiting,) = uow.outbox.due(NOON + CLAIM, limit=9)
    assert (waiting.notice.slack_address, waiting.attempts) == (BROKEN, 1)
    assert waiting.error == "cannot_be_drawn"
    assert not waiting.in_doubt
