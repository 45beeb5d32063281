"""Yes and No: once, by the admin who asked, in time; whoever else clicks is told so."""

import pytest

from bot.domain.model.cases import Case, CaseState
from tests.office import OTHER_TEAM, Office
from tests.scenario.changes import answer_to_click, forge, in_slack

BUTTONS = ("reset_yes", "reset_no")


def only_case(office: Office) -> Case:
    (case,) = office.cases(office.world.bob)
    return case


def untouched(office: Office) -> bool:
    awaits = only_case(office).state is CaseState.AWAITING_CONFIRMATION
    return awaits and office.active(office.world.bob.id) == 1


@pytest.mark.parametrize("action_id", BUTTONS)
@pytest.mark.parametrize(
    ("who", "tag", "words"),
    [
        ("U01ALAN", "not_your_case", "only they can answer"),
        ("U01CAROL", "not_your_case", "only they can answer"),
        ("U01BOB", "not_your_case", "only they can answer"),
        ("U01STRANGER", "not_a_contact", "bound to no contact here"),
        ("U01EXT", "not_a_contact", "bound to no contact here"),
    ],
)
def test_foreign_click(office: Office, who: str, tag: str, words: str, action_id: str) -> None:
    block = office.request(office.world.alice, office.world.bob)
    with office.refused(f"slack:reset:{tag}"):
        assert words in answer_to_click(office, who, block, action_id, forged=True)
    record = office.records()[-1]
    assert (record.slack_user, record.case) == (who, only_case(office).id)
    assert untouched(office)
    assert "reset_yes" in block.action_ids  # still there, for the one who may answer


@pytest.mark.parametrize("action_id", BUTTONS)
def test_same_user_id_of_another_workspace_is_somebody_else(office: Office, action_id: str) -> None:
    block = office.request(office.world.alice, office.world.bob)
    in_slack(office, "U01ALICE", team_id=OTHER_TEAM)
    with office.refused("slack:reset:not_a_contact"):
        answer_to_click(office, office.world.alice, block, action_id)
    assert untouched(office)


@pytest.mark.parametrize("action_id", BUTTONS)
def test_at_the_deadline(office: Office, action_id: str) -> None:
    alice = office.world.alice
    block = office.request(alice, office.world.bob)
    office.move(minutes=5)
    told = len(office.dm(alice))
    assert office.as_(alice).click(block, action_id).ok
    office.deliver()
    assert "The time to answer is over" in office.ephemerals(alice)[-1]
    case = only_case(office)
    assert (case.state, case.ended_reason) == (CaseState.EXPIRED, "deadline")
    assert office.active(office.world.bob.id) == 1
    assert office.tags()[-2:] == ["sweep:case:expired", "slack:reset:confirm_expired"]
    assert "Nobody answered in time" in block.shown
    assert block.action_ids == []
    (outcome,) = office.dm(alice)[told:]
    assert "Nobody answered in time" in outcome
    assert office.dm(office.world.bob) == []


@pytest.mark.parametrize("action_id", BUTTONS)
def test_after_the_sweep_has_ended_it(office: Office, action_id: str) -> None:
    alice = office.world.alice
    block = office.request(alice, office.world.bob)
    office.move(minutes=5)
    office.sweep()
    assert office.tags()[-1] == "sweep:case:expired"
    assert "Nobody answered in time" in office.dm(alice)[-1]
    with office.refused("slack:reset:confirm_expired"):
        answer = answer_to_click(office, alice, block.as_seen(), action_id)
    assert "The time to answer is over" in answer


def test_just_in_time(office: Office) -> None:
    alice = office.world.alice
    block = office.request(alice, office.world.bob)
    office.move(minutes=4, seconds=59)
    assert office.as_(alice).click(block, "reset_yes").ok
    assert only_case(office).state is CaseState.COMPLETED


@pytest.mark.parametrize("second", BUTTONS)
@pytest.mark.parametrize(
    ("first", "state", "left"),
    [("reset_yes", CaseState.COMPLETED, 0), ("reset_no", CaseState.DECLINED, 1)],
)
def test_second_click_on_a_screen_that_is_behind(
    office: Office, first: str, second: str, state: CaseState, left: int
) -> None:
    alice = office.world.alice
    block = office.request(alice, office.world.bob)
    behind = block.as_seen()
    office.as_(alice).click(block, first)
    office.deliver()
    with office.refused("slack:reset:already_decided"):
        answer = answer_to_click(office, alice, behind, second)
    assert "This was decided before" in answer
    assert only_case(office).state is state
    assert office.active(office.world.bob.id) == left


def test_both_blocks_of_one_case_decide_it_once(office: Office) -> None:
    alice = office.world.alice
    first = office.request(alice, office.world.bob)
    office.type(alice, "<@U01BOB>")
    office.deliver()
    second = office.confirm_block(alice)
    office.as_(alice).click(second, "reset_yes")
    office.deliver()
    told = office.dm(office.world.bob)
    with office.refused("slack:reset:already_decided"):
        answer_to_click(office, alice, first, "reset_yes")
    assert office.dm(office.world.bob) == told


def test_replayed_click_decides_nothing(office: Office) -> None:
    """Within Slack's five minutes a recorded request verifies again."""
    alice = office.world.alice
    click = office.as_(alice).click(office.request(alice, office.world.bob), "reset_yes")
    office.deliver()
    with office.refused("slack:reset:already_decided"):
        assert office.slack.replay(click).status == 200


def test_replayed_submission_opens_nothing(office: Office) -> None:
    alice = office.world.alice
    submitted = office.fill(alice, office.ask(alice, office.world.bob))
    office.deliver()
    with office.refused("slack:reset:case_open"):
        assert office.slack.replay(submitted).status == 200
    office.as_(alice).click(office.confirm_block(alice), "reset_no")
    office.deliver()
    with office.refused("slack:reset:code_wrong"):
        assert office.slack.replay(submitted).status == 200


@pytest.mark.parametrize("action_id", BUTTONS)
def test_another_persons_case_in_ones_own_button(office: Office, action_id: str) -> None:
    world = office.world
    mine = office.request(world.alan, world.alice)
    office.request(world.alice, world.bob)
    theirs = only_case(office).id
    click = office.as_(world.alan).click(mine, "reset_no").payload
    office.deliver()
    click["actions"][0] |= {"action_id": action_id, "value": theirs}
    with office.refused("slack:reset:not_your_case"):
        assert forge(office, click).status == 200
    assert "only they can answer" in office.ephemerals(world.alan)[-1]
    assert untouched(office)


@pytest.mark.parametrize("case_id", ["case_0", "'OR'1'='1", "x" * 255])
def test_case_that_nobody_knows(office: Office, case_id: str) -> None:
    alice = office.world.alice
    click = office.as_(alice).click(office.request(alice, office.world.bob), "reset_no").payload
    office.deliver()
    click["actions"][0] |= {"action_id": "reset_yes", "value": case_id}
    with office.refused("slack:reset:case_not_found"):
        assert forge(office, click).status == 200
    assert "Rekey knows no such case" in office.ephemerals(alice)[-1]


def test_no_changes_nothing_and_is_told(office: Office) -> None:
    alice = office.world.alice
    block = office.request(alice, office.world.bob)
    assert office.as_(alice).click(block, "reset_no").ok
    office.deliver()
    assert only_case(office).state is CaseState.DECLINED
    assert office.tags()[-1] == "slack:case:declined"
    assert office.active(office.world.bob.id) == 1
    for words in (block.shown, office.dm(alice)[-1]):
        assert "The answer was No, so nothing was changed" in words
    assert block.action_ids == []
    assert all(office.dm(person) == [] for person in (office.world.bob, office.world.carol))
    assert office.slack.messages("C01AUDIT") == []


def test_no_leaves_the_way_free(office: Office) -> None:
    alice = office.world.alice
    office.as_(alice).click(office.request(alice, office.world.bob), "reset_no")
    office.move(seconds=30)
    office.reset(alice, office.world.bob)
    states = [case.state for case in office.cases(office.world.bob)]
    assert states == [CaseState.COMPLETED, CaseState.DECLINED]


def test_no_may_be_said_although_the_subscriber_has_left(office: Office) -> None:
    alice = office.world.alice
    block = office.request(alice, office.world.bob)
    in_slack(office, "U01BOB", deleted=True)
    assert office.as_(alice).click(block, "reset_no").ok
    assert only_case(office).state is CaseState.DECLINED
