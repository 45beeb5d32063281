"""Notices to a subscriber by e-mail too: both ways, the only way, refused, later, not at all."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.domain.model.cases import Case, CaseState
from bot.domain.model.notices import Channel, NoticeKind
from bot.domain.model.notices import Message as Queued
from tests.fakes import Person
from tests.mail import MailServerStandIn
from tests.office import Office
from tests.scenario.changes import in_slack, unbind_slack
from tests.secrecy import SECRETS

PORTAL = "http://127.0.0.1:3000/portal/sign-in"
HELP = "the help desk, +44 20 7946 0999"
RESET = "Your 2FA was reset"


@pytest.fixture
def server() -> Iterator[MailServerStandIn]:
    with MailServerStandIn() as stand_in:
        yield stand_in


@pytest.fixture
def office(tmp_path: Path, server: MailServerStandIn) -> Iterator[Office]:
    url = server.url(options="?from=rekey@acme.example")
    with Office(tmp_path, REKEY_SMTP_URL=url) as office:
        yield office
        sent = [("an e-mail", f"{m.subject} {m.text} {m.html}") for m in server.mails]
        assert SECRETS.leaks(sent) == []


def subjects(server: MailServerStandIn, person: Person) -> list[str]:
    return [mail.subject for mail in server.to(person.email)]


def undelivered(office: Office) -> list[Queued]:
    with office.rekey.database.unit_of_work() as uow:
        return list(uow.outbox.undelivered())


def reset_by_name(office: Office, admin: Person, person: Person) -> Case:
    """Play a reset of somebody who is picked by name."""
    office.type(admin, "")
    slack = office.as_(admin)
    (option,) = slack.suggest(slack.modal, "contact", person.name)
    assert slack.submit(slack.modal, {"contact": option["value"]}).ok
    assert office.fill(admin, slack.modal).ok
    office.deliver()
    slack.click(office.confirm_block(admin), "reset_yes")
    office.deliver()
    office.move(seconds=60)
    return office.cases(person)[0]


def test_from_the_reset_to_the_report_both_ways(office: Office, server: MailServerStandIn) -> None:
    """Every notice to Bob leaves by Slack and by e-mail; nobody else's does."""
    world = office.world
    case = office.reset(world.alice, world.bob)
    office.move(days=1)
    office.sweep()
    office.set_up(world.bob)
    added = next(m for m in office.as_(world.bob).dm if "authenticator was added" in m.text)
    office.as_(world.bob).click(added, "reset_report")
    office.as_(world.bob).submit(office.as_(world.bob).modal, {})
    office.deliver()

    assert subjects(server, world.bob) == [
        RESET,
        "Your 2FA is still to be set up",
        "A sign-in waits for your set-up code",
        "An authenticator was added to your sign-in",
        "Your report was taken",
    ]
    assert len(office.as_(world.bob).dm) == len(server.mails) == 5
    assert {mail.recipients for mail in server.mails} == {(world.bob.email,)}
    assert office.heard(world.carol, "was reset by") == 1
    reset = server.mails[0]
    for words in ("Alice Archer", " UTC", PORTAL, f"call {HELP}"):
        assert words in reset.text
        assert words in reset.html
    for mail in server.mails:
        assert f"call {HELP}" in mail.text
        assert case.id not in mail.text + mail.html
    assert undelivered(office) == []


def test_who_has_no_slack_is_told_by_e_mail_alone(
    office: Office, server: MailServerStandIn
) -> None:
    world = office.world
    unbind_slack(office, world.bob)
    case = reset_by_name(office, world.alice, world.bob)
    assert case.state is CaseState.COMPLETED
    assert office.browser().password(world.bob).heading == "Prove that it is you"
    office.deliver()

    assert subjects(server, world.bob) == [RESET, "A sign-in waits for your set-up code"]
    for mail in server.mails:
        assert "Slack" not in mail.text
        assert "an administrator gives it to you in person" in mail.text
    assert office.dm(world.bob) == []
    assert undelivered(office) == []


def test_what_one_way_refuses_leaves_by_the_other_and_is_told(
    office: Office, server: MailServerStandIn
) -> None:
    world = office.world
    server.refused[world.bob.email] = "550 5.1.1 nobody of that name"
    office.reset(world.alice, world.bob)
    office.deliver()
    (report,) = [dm for dm in office.dm(world.alice) if "could not be delivered" in dm]
    assert "Bob Brown (bob@acme.example) by e-mail" in report
    assert "smtp_550" in report
    assert "nobody of that name" not in report
    (lost,) = undelivered(office)
    assert (lost.notice.kind, lost.notice.channel) == (NoticeKind.SUBSCRIBER_RESET, Channel.EMAIL)
    assert lost.failed_at is not None
    assert office.heard(world.bob, RESET) == 1

    in_slack(office, "U01ALAN", dm_error="user_disabled")
    office.reset(world.alice, world.alan)
    assert subjects(server, world.alan) == [RESET]
    assert any("user_disabled" in dm for dm in office.dm(world.alice))


def test_without_a_mail_server_nothing_is_written_for_e_mail(office: Office) -> None:
    office.restart(REKEY_SMTP_URL="")
    office.reset(office.world.alice, office.world.bob)
    with office.rekey.database.unit_of_work() as uow:
        assert uow.outbox.channels == {Channel.SLACK}
    assert undelivered(office) == []
