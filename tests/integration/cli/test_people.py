"""`rekey people`: import, passwords, suspensions."""

import json

import pytest

from storage.passwords import ArgonPasswords
from tests.fakes import a_suspension
from tests.integration.cli.conftest import ALICE, BOB, ROSTER, Machine

REINSTATE = f"people reinstate {BOB} --reason 'He called us'"
SUSPEND = f"people suspend {BOB} --reason 'He called in'"


def people(count: int) -> str:
    return "contacts:\n" + "".join(
        f"  - {{email: p{n}@acme.example, username: p{n}, name: P, roles: {{}}}}\n"
        for n in range(count)
    )


class TestImport:
    def test_prints_what_it_changes_and_nothing_the_second_time(self, machine: Machine) -> None:
        first = machine.import_people(ROSTER)
        assert "+ account acme  name: Acme Ltd; two_factor: required\n" in first.out
        assert "+ contact bob@acme.example  username: bob; name: Bob Brown;" in first.out
        assert first.out.endswith("2 accounts added, 3 contacts added.\n")
        assert first.err == (
            "Warning: only one person can reset alice@acme.example\n"
            "Warning: nobody can reset carol@acme.example\n"
        )
        assert machine.import_people(ROSTER).out == "Nothing to change.\n"
        assert machine.tags().count("operator:directory:imported") == 1

    def test_a_change_shows_what_was_and_a_dry_run_changes_nothing(self, peopled: Machine) -> None:
        before = peopled.tags()
        promoted = ROSTER.replace("acme: administrator", "acme: owner")
        change = "~ contact alice@acme.example  roles: acme administrator → acme owner\n"
        dry = peopled.import_people(promoted, "--dry-run").out
        assert dry.startswith(change)
        assert dry.endswith("This was a dry run: nothing was changed.\n")
        assert peopled.tags() == before
        assert peopled.import_people(promoted).out == f"{change}1 contact changed.\n"
        assert peopled.import_people(promoted).out == "Nothing to change.\n"

    def test_prune_takes_roles_and_identity_of_who_is_left_out(self, peopled: Machine) -> None:
        without_alice, _, _ = ROSTER.partition("  - email: alice")
        assert peopled.import_people(without_alice).out == "Nothing to change.\n"
        outcome = peopled.import_people(without_alice, "--prune")
        assert (
            "- contact alice@acme.example  slack: T01TEST/U01ALICE → none; "
            "roles: acme administrator → none\n"
        ) in outcome.out
        assert outcome.out.endswith("2 contacts removed.\n")
        assert peopled.import_people(without_alice, "--prune").out == "Nothing to change.\n"

    @pytest.mark.parametrize(
        ("was", "becomes", "fault"),
        [
            ("acme: member", "acme: boss",
             "line 18: the role 'boss' is none of member, administrator, owner."),
            ("U01ALICE", "U02ALICE", "line 10: alice@acme.example is bound to"),
        ],
    )  # fmt: skip
    def test_a_fault_is_told_with_file_and_line(
        self, peopled: Machine, was: str, becomes: str, fault: str
    ) -> None:
        outcome = peopled.rekey(
            "people import", peopled.write("b.yml", ROSTER.replace(was, becomes))
        )
        assert (outcome.code, outcome.out) == (1, "")
        assert outcome.err.startswith(f"b.yml, {fault}")
        assert outcome.err.endswith("\nNothing was changed.\n")
        assert peopled.tags()[-1] == "operator:directory:import_file_unfit"

    def test_of_many_faults_a_terminal_is_told_the_first(
        self, machine: Machine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file = machine.write("bad.yaml", "contacts:\n" + "  - {roles: {}}\n" * 30)
        assert len(machine.rekey("people import", file).err.splitlines()) == 90 + 1
        monkeypatch.setenv("FORCE_COLOR", "1")  # as a terminal is
        told = machine.rekey("people import", file).err
        assert "… and 70 more." in told
        assert told.count("bad.yaml, line") == 20

    def test_of_a_long_diff_a_terminal_is_shown_the_first_and_a_pipe_everything(
        self, machine: Machine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert machine.import_people(people(60), "--dry-run").out.count("+ contact") == 60
        monkeypatch.setenv("FORCE_COLOR", "1")
        told = machine.import_people(people(60)).out
        assert told.count("+ contact") == 50
        assert "… and 10 more" in told

    def test_two_people_can_swap_user_names(self, peopled: Machine) -> None:
        swapped = ROSTER.replace("username: bob", "username: x")
        swapped = swapped.replace("username: alice", "username: bob")
        peopled.import_people(swapped.replace("username: x", "username: alice"))
        assert (peopled.contact(ALICE).username, peopled.contact(BOB).username) == ("bob", "alice")


@pytest.mark.parametrize(
    ("options", "line", "must_change"),
    [
        ("", "a new pass word\n", True),
        ("", "a new pass word\r\n", True),
        ("", "a new pass word", True),
        ("--keep", "a new pass word\n", False),
    ],
)
def test_a_password_is_one_line_without_its_newline(
    peopled: Machine, options: str, line: str, *, must_change: bool
) -> None:
    peopled.done(f"people set-password {BOB} --stdin {options}", typed=line)
    bob = peopled.contact(BOB)
    assert bob.password_must_change is must_change
    with peopled.stored() as uow:
        stored = uow.contacts.password_hash(bob.id)
    assert ArgonPasswords().verify(stored, "a new pass word")
    assert peopled.tags()[-1] == "operator:password:set"


def test_a_suspension_is_kept_with_its_reason_until_it_is_lifted(peopled: Machine) -> None:
    def suspended() -> object:
        return peopled.done(f"status {BOB} --json").json["contact"]["suspended"]

    def reasons() -> list[str]:
        lines = peopled.done("audit export").out.splitlines()
        return [json.loads(line)["details"].get("reason") for line in lines]

    assert peopled.done(SUSPEND).out == (
        "The sign-in of bob@acme.example is suspended, and every session has ended.\n"
    )
    assert suspended() is True
    assert peopled.tags()[-2:] == ["operator:suspension:added", "operator:session:ended"]
    again = peopled.rekey(SUSPEND)
    assert (again.code, again.err) == (
        1,
        "This contact is suspended already. “rekey people reinstate” lifts it.\n",
    )
    assert peopled.done(REINSTATE).out == (
        "bob@acme.example is no longer suspended, and signs in as before.\n"
    )
    assert suspended() is False
    assert peopled.tags()[-1] == "operator:suspension:lifted"
    assert {"He called in", "He called us"} <= set(reasons())


def test_who_has_no_2fa_sets_it_up_once_reinstated(peopled: Machine) -> None:
    bob = peopled.contact(BOB)
    with peopled.stored() as uow:
        uow.contacts.set_set_up_required(bob.id, required=True)
        uow.suspensions.add(a_suspension(bob.id))
    assert peopled.done(REINSTATE).out == (
        "bob@acme.example is no longer suspended, and sets 2FA up at the next sign-in.\n"
    )
    (case,) = peopled.done(f"status {BOB} --json").json["cases"]
    assert (case["kind"], case["state"], case["admin"]) == ("operator", "completed", None)
