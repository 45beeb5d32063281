"""What is typed after the command: every form of a mention, what names nobody, help, the picker."""

import pytest

from bot.domain.model.cases import CaseState
from bot.domain.model.people import Role, SuspensionCause
from tests.fakes import a_slack_identity
from tests.office import CHANNEL, Office
from tests.scenario.changes import (
    answer_to,
    bind_slack,
    give_roles,
    in_slack,
    invalidate_authenticators,
    join_slack,
    remove,
    suspend,
)


@pytest.mark.parametrize(
    "text",
    [
        "<@U01BOB>",
        "<@U01BOB|bob>",
        "<@U01BOB|>",
        "  <@U01BOB>  ",
        "<@U01BOB> and again <@U01BOB|bob>",
    ],
)
def test_mention_that_slack_resolved_is_taken(office: Office, text: str) -> None:
    assert office.type(office.world.alice, text).ok
    assert "Bob Brown" in office.as_(office.world.alice).modal.shown
    assert office.tags() == []


def test_mention_of_an_id_that_begins_with_w(office: Office) -> None:
    join_slack(office, "W01BOB", name="Bob Brown")
    bind_slack(office, office.world.bob, a_slack_identity("W01BOB"))
    for text in ("<@W01BOB>", "<@W01BOB|bob>"):
        assert office.type(office.world.alice, text).ok
        assert "Bob Brown" in office.as_(office.world.alice).modal.shown


def test_older_form_of_a_mention(office: Office) -> None:
    office.slack.acts.labelled_mentions = True
    assert office.type(office.world.alice, "@bob lost his phone").ok
    assert "Bob Brown" in office.as_(office.world.alice).modal.shown


def test_words_after_the_mention_become_the_reason(office: Office) -> None:
    alice = office.world.alice
    assert office.type(alice, "<@U01BOB> lost &amp; found, says <#C01X|help-desk>").ok
    view = office.as_(alice).modal
    assert view.values["reason"]["value"]["value"] == "lost & found, says help-desk"


@pytest.mark.parametrize(
    "text",
    [
        "bob",
        "bob@acme.example",
        "please reset <@U01BOB>",
        "<@u01bob>",
        "<@U01BOB",
        "<@>",
        "<@U01BOB\u202e>",
        "<!channel>",
        "<#C01HELPDESK>",
        "<!subteam^S01ADMINS>",
        "' OR 1=1 --",
        "\u202e",
        "<" * 3000,
    ],
)
def test_what_names_nobody(office: Office, text: str) -> None:
    with office.refused("slack:reset:mention_missing"):
        answer = answer_to(office, office.world.alice, text)
    assert "Rekey does not see whom you mean" in answer
    assert office.records()[-1].slack_user == "U01ALICE"


def unresolved(office: Office) -> None:
    """Let Slack send `@bob` as it was typed: nobody is called so there."""
    in_slack(office, "U01BOB", handle="robert")


def test_plain_name_is_a_user_name_of_the_directory(office: Office) -> None:
    unresolved(office)
    in_slack(office, "U01STRANGER", name="bob")
    assert office.type(office.world.alice, "@bob lost the phone").ok
    view = office.as_(office.world.alice).modal
    assert "bob@acme.example" in view.shown
    assert view.values["reason"]["value"]["value"] == "lost the phone"


def test_plain_name_that_no_contact_has(office: Office) -> None:
    in_slack(office, "U01BOB", handle="robert")
    for text in ("@nobody", "@", "@@bob", "@bob@acme.example", "@u01bob"):
        with office.refused("slack:reset:mention_missing"):
            answer = answer_to(office, office.world.alice, text)
        assert "Rekey does not see whom you mean" in answer


def test_plain_name_of_a_contact_without_slack(office: Office) -> None:
    remove(office, office.world.bob)
    unresolved(office)
    with office.refused("slack:reset:mention_missing"):
        answer_to(office, office.world.alice, "@bob")


def test_plain_name_tells_a_stranger_nothing(office: Office) -> None:
    unresolved(office)
    answers = set()
    for text in ("@bob", "@nobody"):
        with office.refused("slack:reset:mention_missing"):
            answers.add(answer_to(office, "U01STRANGER", text))
    assert len(answers) == 1


@pytest.mark.parametrize(
    "text",
    [
        "<@U01BOB> <@U01ALAN>",
        "<@U01BOB|bob> too: <@U01ALAN|alan>",
        "@bob @dana.drew",
        "@bob <@U01ALAN>",
    ],
)
def test_several_people(office: Office, text: str) -> None:
    unresolved(office)
    with office.refused("slack:reset:several_mentions"):
        answer = answer_to(office, office.world.alice, text)
    assert "You named several people, and a reset is for one" in answer


def test_nothing_to_reset(office: Office) -> None:
    give_roles(office, office.world.dana, {office.world.acme.id: Role.MEMBER})
    with office.refused("slack:reset:nothing_to_reset"):
        answer = answer_to(office, office.world.alice, "<@U01DANA>")
    assert "There is nothing to reset" in answer


def test_set_up_that_waits_is_something_to_reset(office: Office) -> None:
    office.reset(office.world.alice, office.world.bob)
    assert office.active(office.world.bob.id) == 0
    assert "Bob Brown" in office.ask(office.world.alice, office.world.bob).shown


def test_suspension_is_something_to_reset(office: Office) -> None:
    invalidate_authenticators(office, office.world.bob)
    suspend(office, office.world.bob, cause=SuspensionCause.LAPSED)
    assert "Bob Brown" in office.ask(office.world.alice, office.world.bob).shown


def test_open_case_of_somebody_else_is_refused_by_name(office: Office) -> None:
    office.request(office.world.alice, office.world.bob)
    with office.refused("slack:reset:case_open"):
        answer = answer_to(office, office.world.alan, "<@U01BOB>")
    assert "already under way, asked for by Alice Archer" in answer


def test_open_case_is_refused_at_the_code_too(office: Office) -> None:
    alan = office.world.alan
    view = office.ask(alan, office.world.bob)
    office.request(office.world.alice, office.world.bob)
    with office.refused("slack:reset:case_open"):
        delivery = office.fill(alan, view)
    assert list(delivery.errors) == ["code"]
    assert "Alice Archer" in delivery.errors["code"]
    office.as_(office.world.alice).click(office.confirm_block(office.world.alice), "reset_no")
    assert office.fill(alan, view).ok  # the refusal has spent no code


def test_same_admin_repeating_gets_the_waiting_block_again(office: Office) -> None:
    alice = office.world.alice
    first = office.request(alice, office.world.bob)
    (case,) = office.cases(office.world.bob)
    office.move(minutes=4)

    with office.refused():
        said = answer_to(office, alice, "<@U01BOB>")
    assert "Bob Brown" in said
    again = office.confirm_block(alice)
    assert again.ts != first.ts
    assert again.channel == CHANNEL
    assert again.shown == first.shown  # the deadline too
    assert office.cases(office.world.bob) == (case,)

    assert office.as_(alice).click(again, "reset_yes").ok
    office.deliver()
    assert office.cases(office.world.bob)[0].state is CaseState.COMPLETED


def test_repeating_does_not_move_the_deadline(office: Office) -> None:
    alice = office.world.alice
    office.request(alice, office.world.bob)
    office.move(minutes=4)
    answer_to(office, alice, "<@U01BOB>")
    office.deliver()
    again = office.confirm_block(alice)
    office.move(minutes=1)
    office.as_(alice).click(again, "reset_yes")
    office.deliver()
    (case,) = office.cases(office.world.bob)
    assert (case.state, case.ended_reason) == (CaseState.EXPIRED, "deadline")
    assert office.active(office.world.bob.id) == 1


def test_case_whose_deadline_has_passed_stands_in_nobodys_way(office: Office) -> None:
    office.request(office.world.alice, office.world.bob)
    office.move(minutes=6)
    office.request(office.world.alan, office.world.bob)
    newest, oldest = office.cases(office.world.bob)
    assert (newest.state, oldest.state) == (CaseState.AWAITING_CONFIRMATION, CaseState.EXPIRED)
    assert newest.admin_id == office.world.alan.id


@pytest.mark.parametrize("text", ["help", " HELP "])
def test_help_is_told_to_anybody_and_recorded_of_nobody(office: Office, text: str) -> None:
    with office.refused():
        answer = answer_to(office, "U01STRANGER", text)
    assert "/reset-2fa @person and a reason" in answer
    assert "+44 20 7946 0999" in answer
