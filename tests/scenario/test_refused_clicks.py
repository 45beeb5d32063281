"""Yes and No: once, by the admin who asked, in time; whoever else clicks is told so."""

import pytest

from bot.domain.model.cases import CaseState
from playground.slack.model import Message
from tests.office import AUDIT, OTHER_TEAM, Office
from tests.scenario.changes import answer_to_click, ended, forge, in_slack

BUTTONS = ("reset_yes", "reset_no")


@pytest.fixture
def block(office: Office) -> Message:
    """Return the block that asks Alice whether Bob's 2FA is to be reset."""
    return office.request(office.world.alice, office.world.bob)


def untouched(office: Office) -> bool:
    awaits = ended(office, office.world.bob) == (CaseState.AWAITING_CONFIRMATION, None)
    return awaits and office.active(office.world.bob.id) == 1


@pytest.mark.parametrize(
    ("who", "tag"),
    [
        ("U01ALAN", "not_your_case"),
        ("U01CAROL", "not_your_case"),
        ("U01BOB", "not_your_case"),
        ("U01STRANGER", "not_a_contact"),
        ("U01EXT", "not_a_contact"),
    ],
)
def test_foreign_click(office: Office, block: Message, who: str, tag: str) -> None:
    for action_id in BUTTONS:
        with office.refused(f"slack:reset:{tag}"):
            assert answer_to_click(office, who, block, action_id, forged=True)
        record = office.records()[-1]
        assert (record.slack_user, record.case) == (who, office.cases(office.world.bob)[0].id)
    assert untouched(office)
    assert "reset_yes" in block.action_ids  # still there, for the one who may answer


def test_same_user_id_of_another_workspace_is_somebody_else(office: Office, block: Message) -> None:
    in_slack(office, "U01ALICE", team_id=OTHER_TEAM)
    for action_id in BUTTONS:
        with office.refused("slack:reset:not_a_contact"):
            answer_to_click(office, office.world.alice, block, action_id)
    assert untouched(office)


@pytest.mark.parametrize("action_id", BUTTONS)
@pytest.mark.parametrize("swept", [False, True])
def test_at_the_deadline(office: Office, block: Message, action_id: str, *, swept: bool) -> None:
    """Whether the sweep has ended it, or the click itself does."""
    alice, bob, seen, before = office.world.alice, office.world.bob, block.as_seen(), office.tags()
    office.move(minutes=5)
    if swept:
        office.sweep()
    assert answer_to_click(office, alice, seen, action_id)
    assert ended(office, bob) == (CaseState.EXPIRED, "deadline")
    assert office.active(bob.id) == 1
    expected = ["sweep:case:expired", "slack:reset:confirm_expired"]
    assert [tag for tag in office.tags()[len(before) :] if "head" not in tag] == expected
    assert swept or block.action_ids == []
    assert office.heard(alice, "was not reset") == 1
    assert office.dm(bob) == []


def test_just_in_time(office: Office, block: Message) -> None:
    office.move(minutes=4, seconds=59)
    office.sweep()
    office.press(office.world.alice, "reset_yes", block)
    assert ended(office, office.world.bob) == (CaseState.COMPLETED, None)


@pytest.mark.parametrize(
    ("first", "state", "left"),
    [("reset_yes", CaseState.COMPLETED, 0), ("reset_no", CaseState.DECLINED, 1)],
)
def test_second_click_decides_nothing(
    office: Office, block: Message, first: str, state: CaseState, left: int
) -> None:
    """On a screen that is behind, by the other block of the case, or replayed by somebody."""
    alice, bob, behind = office.world.alice, office.world.bob, block.as_seen()
    office.type(alice, "<@U01BOB>")
    office.deliver()
    click = office.as_(alice).click(office.confirm_block(alice), first)
    office.deliver()
    told = office.dm(bob)
    for action_id in BUTTONS:
        with office.refused("slack:reset:already_decided"):
            assert answer_to_click(office, alice, behind, action_id)
    with office.refused("slack:reset:already_decided"):
        assert office.slack.replay(click).status == 200
    assert ended(office, bob)[0] is state
    assert (office.active(bob.id), office.dm(bob)) == (left, told)


def test_replayed_submission_opens_nothing(office: Office) -> None:
    alice = office.world.alice
    submitted = office.fill(alice, office.ask(alice, office.world.bob))
    office.deliver()
    with office.refused("slack:reset:case_open"):
        assert office.slack.replay(submitted).status == 200
    office.press(alice, "reset_no")
    with office.refused("slack:reset:code_wrong"):
        assert office.slack.replay(submitted).status == 200


def test_forged_case_in_ones_own_button(office: Office) -> None:
    world = office.world
    mine = office.request(world.alan, world.alice)
    office.request(world.alice, world.bob)
    click = office.as_(world.alan).click(mine, "reset_no").payload
    office.deliver()
    theirs = office.cases(world.bob)[0].id
    for action_id, case_id, tag in (
        *((action_id, theirs, "not_your_case") for action_id in BUTTONS),
        *(("reset_yes", case_id, "case_not_found") for case_id in ("'OR'1'='1", "x" * 255)),
    ):
        click["actions"][0] |= {"action_id": action_id, "value": case_id}
        with office.refused(f"slack:reset:{tag}"):
            assert forge(office, click).status == 200
    assert untouched(office)


def test_no_changes_nothing_and_is_told(office: Office, block: Message) -> None:
    world = office.world
    office.press(world.alice, "reset_no", block)
    assert ended(office, world.bob) == (CaseState.DECLINED, None)
    assert office.tags()[-1] == "slack:case:declined"
    assert office.active(world.bob.id) == 1
    assert "The answer was No" in office.dm(world.alice)[-1]
    assert "The answer was No" in block.shown
    assert block.action_ids == []
    assert all(office.dm(person) == [] for person in (world.bob, world.carol))
    assert office.slack.messages(AUDIT) == []
    office.move(seconds=30)
    office.reset(world.alice, world.bob)  # the way is free
    states = [case.state for case in office.cases(world.bob)]
    assert states == [CaseState.COMPLETED, CaseState.DECLINED]


def test_no_may_be_said_although_the_subscriber_has_left(office: Office, block: Message) -> None:
    in_slack(office, "U01BOB", deleted=True)
    office.press(office.world.alice, "reset_no", block)
    assert ended(office, office.world.bob)[0] is CaseState.DECLINED
