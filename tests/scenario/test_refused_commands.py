"""What is typed after the command: a mention, a name, nobody, several; and a case in the way."""

import pytest

from bot.domain.model.cases import CaseState
from bot.domain.model.people import Role, SuspensionCause
from tests.office import Office
from tests.scenario.changes import (
    answer_to,
    ended,
    give_roles,
    in_slack,
    invalidate_authenticators,
    remove,
    suspend,
)


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("<@U01BOB>", None),
        ("<@U01BOB|bob>  ", None),
        ("<@U01BOB> and again <@U01BOB|bob>", "and again bob"),
        ("<@U01BOB> lost &amp; found, says <#C01X|help-desk>", "lost & found, says help-desk"),
        ("@bob lost the phone", "lost the phone"),
    ],
)
@pytest.mark.parametrize("labelled", [False, True])
def test_person_and_reason_are_understood(
    office: Office, typed: str, reason: str | None, *, labelled: bool
) -> None:
    """In the older form of a mention too."""
    office.slack.acts.labelled_mentions = labelled
    assert office.type(office.world.alice, typed).ok
    view = office.as_(office.world.alice).modal
    assert "bob@acme.example" in view.shown
    assert view.values["reason"]["value"]["value"] == reason
    assert office.tags() == []


@pytest.mark.parametrize(
    "text",
    [
        "bob",
        "please reset <@U01BOB>",
        "<@U01BOB\u202e>",
        "<!channel>",
        "<!subteam^S01ADMINS>",
        "<" * 3000,
    ],
)
def test_what_names_nobody(office: Office, text: str) -> None:
    with office.refused("slack:reset:mention_missing"):
        answer = answer_to(office, office.world.alice, text)
    assert "<" not in answer.replace("<@", "")
    assert office.records()[-1].slack_user == "U01ALICE"


class TestPlainName:
    """Slack sends `@bob` as it was typed where nobody is called so there."""

    @pytest.fixture(autouse=True)
    def _unresolved(self, office: Office) -> None:
        in_slack(office, "U01BOB", handle="robert")

    def test_is_a_user_name_of_the_roster(self, office: Office) -> None:
        in_slack(office, "U01STRANGER", name="bob")
        assert office.type(office.world.alice, "@bob lost the phone").ok
        view = office.as_(office.world.alice).modal
        assert "bob@acme.example" in view.shown
        assert view.values["reason"]["value"]["value"] == "lost the phone"

    def test_that_no_contact_has(self, office: Office) -> None:
        for text in ("@nobody", "@", "@@bob", "@bob@acme.example", "@u01bob"):
            with office.refused("slack:reset:mention_missing"):
                answer_to(office, office.world.alice, text)

    def test_of_a_contact_without_a_place_here(self, office: Office) -> None:
        remove(office, office.world.bob)
        with office.refused("slack:reset:mention_missing"):
            answer_to(office, office.world.alice, "@bob")

    def test_tells_a_stranger_nothing(self, office: Office) -> None:
        answers = set()
        for text in ("@bob", "@nobody"):
            with office.refused("slack:reset:mention_missing"):
                answers.add(answer_to(office, "U01STRANGER", text))
        assert len(answers) == 1

    @pytest.mark.parametrize("text", ["<@U01BOB> <@U01ALAN>", "@bob @dana.drew", "@bob <@U01ALAN>"])
    def test_beside_another_names_several(self, office: Office, text: str) -> None:
        for command in ("", "status ", "hand-over "):
            with office.refused("slack:reset:several_mentions"):
                answer_to(office, office.world.alice, command + text)


def test_nothing_to_reset(office: Office) -> None:
    give_roles(office, office.world.dana, {office.world.acme.id: Role.MEMBER})
    with office.refused("slack:reset:nothing_to_reset"):
        answer_to(office, office.world.alice, "<@U01DANA>")


def test_set_up_that_waits_and_suspension_are_something_to_reset(office: Office) -> None:
    world = office.world
    office.reset(world.alice, world.bob)
    assert office.active(world.bob.id) == 0
    assert office.ask(world.alice, world.bob)
    invalidate_authenticators(office, world.alan)
    suspend(office, world.alan, cause=SuspensionCause.LAPSED)
    assert office.ask(world.alice, world.alan)


def test_open_case_of_somebody_else_is_refused_by_name(office: Office) -> None:
    """At the command, and at the code, which is not spent by it."""
    alice, alan, bob = office.world.alice, office.world.alan, office.world.bob
    view = office.ask(alan, bob)
    office.request(alice, bob)
    with office.refused("slack:reset:case_open"):
        refused = office.fill(alan, view)
    assert list(refused.errors) == ["code"]
    assert "Alice Archer" in refused.errors["code"]
    office.as_(alan).close_all()
    with office.refused("slack:reset:case_open"):
        assert "Alice Archer" in answer_to(office, alan, "<@U01BOB>")
    office.press(alice, "reset_no")
    assert office.fill(alan, office.ask(alan, bob)).ok


def test_same_admin_repeating_gets_the_block_again_with_its_deadline(office: Office) -> None:
    alice, bob = office.world.alice, office.world.bob
    first = office.request(alice, bob)
    (case,) = office.cases(bob)
    office.move(minutes=4)
    with office.refused():
        assert "Bob Brown" in answer_to(office, alice, "<@U01BOB>")
    again = office.confirm_block(alice)
    assert again.ts != first.ts
    assert (again.channel, again.shown) == (first.channel, first.shown)
    assert office.cases(bob) == (case,)
    office.move(minutes=1)
    office.press(alice, "reset_yes", again)
    assert ended(office, bob) == (CaseState.EXPIRED, "deadline")
    assert office.active(bob.id) == 1


def test_case_whose_deadline_has_passed_stands_in_nobodys_way(office: Office) -> None:
    office.request(office.world.alice, office.world.bob)
    office.move(minutes=6)
    office.request(office.world.alan, office.world.bob)
    newest, oldest = office.cases(office.world.bob)
    assert (newest.state, oldest.state) == (CaseState.AWAITING_CONFIRMATION, CaseState.EXPIRED)
    assert newest.admin_id == office.world.alan.id


def test_help_is_told_to_anybody_and_recorded_of_nobody(office: Office) -> None:
    with office.refused():
        answer = answer_to(office, "U01STRANGER", " HELP ")
    assert "/reset-2fa @person and a reason" in answer
    assert "+44 20 7946 0999" in answer
