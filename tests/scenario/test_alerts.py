"""What the owners and the audit channel hear of at once, because it may be an attack."""

from pathlib import Path

from tests.office import AUDIT, Office
from tests.scenario.changes import wrong_code

OWNER_HEARS = "in person or on the number on file"


def heard_in_the_audit_channel(office: Office) -> list[str]:
    carol = office.as_(office.world.carol)
    return [f"{message.text}" for message in carol.messages(AUDIT)]


def test_somebody_guesses_an_admins_codes(office: Office) -> None:
    """Three wrong ones at the Portal, two in Slack: the second of these is the fifth."""
    alice, carol = office.world.alice, office.world.carol
    browser = office.browser()
    browser.password(alice)
    for _ in range(3):
        browser.code(wrong_code(office, alice))
    view = office.ask(alice, office.world.bob)
    office.fill(alice, view, code=wrong_code(office, alice))
    office.deliver()
    assert office.dm(carol) == []
    office.fill(alice, view, code=wrong_code(office, alice))
    office.deliver()
    (told,) = office.dm(carol)
    assert "5 wrong codes in the name of Alice Archer" in told
    assert "typed in Slack within 5 minutes" in told
    assert OWNER_HEARS in told
    assert "call the help desk, +44 20 7946 0999" in told
    (channel,) = heard_in_the_audit_channel(office)
    assert channel.startswith("5 wrong codes in the name of Alice Archer.")
    assert all("wrong codes in the name" not in text for text in office.dm(alice))
    assert office.tags().count("slack:alert:raised") == 1


def test_an_admin_resets_more_people_than_is_usual(tmp_path: Path) -> None:
    """Alice, or whoever has her phone and her Slack, resets one person after the other."""
    with Office(tmp_path, REKEY_ALERT_AFTER="1") as office:
        world = office.world
        office.reset(world.alice, world.bob)
        assert not any("within an hour" in text for text in office.dm(world.carol))
        case = office.reset(world.alice, world.alan)
        (alarm,) = [text for text in office.dm(world.carol) if "within an hour" in text]
        assert alarm.startswith("2 resets by Alice Archer within an hour.")
        assert OWNER_HEARS in alarm
        assert case.id in alarm
        assert "Lost the phone" not in alarm
        assert sum("2 resets by Alice" in text for text in heard_in_the_audit_channel(office)) == 1
        assert all("within an hour" not in text for text in office.dm(world.alice))


def test_somebody_is_reset_again_within_a_month(office: Office) -> None:
    """Bob belongs to two accounts: the owners of both hear of it, the second time alone."""
    world = office.world
    office.reset(world.alice, world.bob)
    office.set_up(world.bob)
    office.move(days=29)
    assert not any("again" in text for text in office.dm(world.dana))
    office.reset(world.alan, world.bob)
    for owner in (world.carol, world.dana):
        (alarm,) = [t for t in office.dm(owner) if t.startswith("The 2FA of Bob Brown was reset a")]
        assert "2 times within 30 days, the last time by Alan Ames" in alarm
    (channel,) = [t for t in heard_in_the_audit_channel(office) if "30 days" in t]
    assert "This wasn't me" in channel
