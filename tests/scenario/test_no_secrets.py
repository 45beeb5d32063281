"""No code, set-up code, key, token, password or body in any log or record of a test run.

Every scenario looks for its secrets when its office closes, and every test in its own log; here it
is shown that what is looked for is really there, and would be found.
"""

import logging
from collections.abc import Iterator

import pytest

from bot.domain.model.audit import AuditEvent
from bot.domain.model.notices import Notice, NoticeKind
from bot.domain.proving import totp
from tests import secrecy
from tests.fakes import a_slack_identity
from tests.office import Office
from tests.secrecy import SECRETS, LogLines, Secrets


def test_whole_story_leaves_none_behind(office: Office) -> None:
    world, lines = office.world, LogLines()
    logging.getLogger().addHandler(lines)
    view = office.ask(world.alice, world.bob)
    office.fill(world.alice, view, code="135790")
    office.as_(world.alice).close_all()
    office.reset(world.alice, world.bob)
    browser = office.set_up(world.bob)
    browser.submit("/portal/sign-out", {})
    unsigned = office.slack.deliver_raw(b"text=%3C@U01BOB%3E", headers={})
    assert unsigned.status == 401  # and logged
    office.sweep()
    assert office.leaks() == []
    assert SECRETS.leaks(lines.lines) == []
    assert lines.lines
    assert SECRETS.kinds == {
        secrecy.BODY,
        secrecy.CODE,
        secrecy.KEY,
        secrecy.PASSWORD,
        secrecy.RESPONSE_URL,
        secrecy.SESSION,
        secrecy.SET_UP_CODE,
        secrecy.SHARED_SECRET,
        secrecy.SIGNING_SECRET,
        secrecy.TOKEN,
        secrecy.TRIGGER,
    }


class TestWhatWouldBeFound:
    """Each leak is made on purpose; then its secret is forgotten, so that the office may close."""

    @pytest.fixture(autouse=True)
    def _forgotten_at_the_end(self, office: Office) -> Iterator[None]:
        assert office.leaks() == []
        yield
        SECRETS.clear()

    def test_in_an_audit_record(self, office: Office) -> None:
        bob = office.world.bob
        event = AuditEvent(
            tag="portal:sign_in:leaked",
            at=office.clock.now(),
            actor="nobody",
            details={"typed": bob.password},
        )
        with office.rekey.database.unit_of_work() as uow:
            uow.audit.record(event)
            uow.commit()
        leaks = office.leaks()
        assert "an audit record holds a password" in leaks
        assert "a row of audit_details holds a password" in leaks

    def test_in_a_message_and_in_the_outbox(self, office: Office) -> None:
        code = office.world.alice.code(office.clock)
        notice = Notice(
            kind=NoticeKind.REPLY, slack_address="U01BOB", facts={"text": f"Is {code} yours?"}
        )
        with office.rekey.database.unit_of_work() as uow:
            uow.outbox.add(notice, now=office.clock.now())
            uow.commit()
        office.deliver()
        leaks = office.leaks()
        assert "a message holds a code" in leaks
        assert "a row of outbox holds a code" in leaks

    def test_in_an_address_and_in_a_modal(self, office: Office) -> None:
        browser, code = office.browser(), office.world.bob.code(office.clock)
        browser.password(office.world.bob)
        browser.open(f"/portal/sign-in?code={code}")
        view = office.ask(office.world.alice, office.world.bob)
        view.spec["private_metadata"] = office.slack.bot_token
        assert set(office.leaks()) == {
            "an address at the Portal holds a code",
            "a modal holds a token",
        }

    def test_in_the_database_in_clear(self, office: Office) -> None:
        secret = totp.new_shared_secret()
        SECRETS.add(secrecy.SHARED_SECRET, secret)
        identity = a_slack_identity(user=secret)
        with office.rekey.database.unit_of_work() as uow:
            uow.contacts.bind_slack(office.world.bob.id, identity)
            uow.commit()
        leaks = office.leaks()
        assert "a row of contacts holds a shared secret" in leaks
        assert any(leak.startswith("the file rekey.db") for leak in leaks)

    @pytest.mark.parametrize("logger", ["bot.handlers.verify", "storage.outbox"])
    def test_in_the_log_even_where_it_would_be_redacted(self, office: Office, logger: str) -> None:
        lines = LogLines()
        code = office.world.alice.code(office.clock)
        lines.handle(logging.makeLogRecord({"name": logger, "msg": "typed: %s", "args": (code,)}))
        (leak,) = SECRETS.leaks(lines.lines)
        assert leak.startswith(f"the log of {logger}:")
        assert leak.endswith("holds a code")


class TestCodes:
    @pytest.mark.parametrize("text", ["123456", "x=123456", "(123 456)", '"123456"', "-123456"])
    def test_are_found_as_people_write_them(self, text: str) -> None:
        known = Secrets()
        known.add(secrecy.CODE, "123 456")
        assert known.found_in(text) == {secrecy.CODE}

    @pytest.mark.parametrize("text", ["1234567", "a123456", "12:00:00.123456", "12345"])
    def test_are_not_found_in_what_is_none(self, text: str) -> None:
        known = Secrets()
        known.add(secrecy.CODE, "123456")
        assert known.found_in(text) == set()
