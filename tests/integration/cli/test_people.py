"""`rekey people`: import, passwords, suspensions."""

import json

import pytest

from bot.domain.model.ids import SuspensionId, new_id
from bot.domain.model.people import Suspension, SuspensionCause
from storage.passwords import ArgonPasswords
from tests.fakes import NOON, a_case
from tests.integration.cli.conftest import ROSTER, Machine


def suspend(machine: Machine, email: str) -> None:
    with machine.database().unit_of_work() as uow:
        contact = uow.contacts.by_email(email)
        assert contact is not None
        suspension = Suspension(
            id=SuspensionId(new_id("susp")),
            contact_id=contact.id,
            cause=SuspensionCause.VETOED,
            case_id=None,
            suspended_by=None,
            suspended_at=NOON,
            lifted_by=None,
            lifted_at=None,
        )
        uow.suspensions.add(suspension)
        uow.commit()


class TestImport:
    def test_prints_what_it_changes_and_nothing_the_second_time(self, machine: Machine) -> None:
        file = machine.write("roster.yaml", ROSTER)
        first = machine.rekey("people", "import", file)
        assert first.code == 0
        assert "+ account acme  name: Acme Ltd; two_factor: required\n" in first.out
        assert "+ contact bob@acme.example  username: bob; name: Bob Brown;" in first.out
        assert first.out.endswith("2 accounts added, 3 contacts added.\n")
        again = machine.rekey("people", "import", file)
        assert (again.code, again.out) == (0, "Nothing to change.\n")
        assert machine.tags().count("operator:directory:imported") == 1

    def test_a_change_shows_what_was(self, peopled: Machine) -> None:
        file = peopled.write("new.yaml", ROSTER.replace("acme: administrator", "acme: owner"))
        outcome = peopled.rekey("people", "import", file)
        assert outcome.out == (
            "~ contact alice@acme.example  roles: acme administrator → acme owner\n"
            "1 contact changed.\n"
        )

    def test_a_dry_run_makes_no_database(self, machine: Machine) -> None:
        file = machine.write("roster.yaml", ROSTER)
        outcome = machine.rekey("people", "import", file, "--dry-run")
        assert outcome.code == 0
        assert outcome.out.endswith("This was a dry run: nothing was changed.\n")
        assert not machine.database_file.exists()

    def test_a_dry_run_on_a_database_changes_nothing(self, peopled: Machine) -> None:
        before = peopled.tags()
        file = peopled.write("new.yaml", ROSTER.replace("Bob Brown", "Robert Brown"))
        outcome = peopled.rekey("people", "import", file, "--dry-run")
        assert "name: Bob Brown → Robert Brown" in outcome.out
        assert peopled.tags() == before
        assert "Nothing to change" not in peopled.rekey("people", "import", file).out

    def test_prune_takes_roles_and_identity_of_who_is_left_out(self, peopled: Machine) -> None:
        without_alice, _, _ = ROSTER.partition("  - email: alice")
        file = peopled.write("less.yaml", without_alice)
        assert peopled.rekey("people", "import", file).out == "Nothing to change.\n"
        outcome = peopled.rekey("people", "import", file, "--prune")
        assert (
            "- contact alice@acme.example  slack: T01TEST/U01ALICE → none; "
            "roles: acme administrator → none\n"
        ) in outcome.out
        assert outcome.out.endswith("2 contacts removed.\n")
        assert peopled.rekey("people", "import", file, "--prune").out == "Nothing to change.\n"

    def test_every_fault_is_told_with_file_and_line(self, peopled: Machine) -> None:
        file = peopled.write(
            "bad.yaml", ROSTER.replace("acme: member", "acme: boss").replace("U01ALICE", "U02ALICE")
        )
        outcome = peopled.rekey("people", "import", file)
        assert (outcome.code, outcome.out) == (1, "")
        assert outcome.err == (
            "bad.yaml, line 18: the role 'boss' is none of member, administrator, owner.\n"
            "Nothing was changed.\n"
        )
        assert peopled.tags()[-1] == "operator:directory:import_file_unfit"

    def test_an_identity_is_never_changed(self, peopled: Machine) -> None:
        file = peopled.write("bad.yaml", ROSTER.replace("U01ALICE", "U02ALICE"))
        outcome = peopled.rekey("people", "import", file)
        assert outcome.code == 1
        assert "bad.yaml, line 10: alice@acme.example is bound to" in outcome.err

    def test_of_many_faults_a_terminal_is_told_the_first(
        self, machine: Machine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file = machine.write("bad.yaml", "contacts:\n" + "  - {roles: {}}\n" * 30)
        everything = machine.rekey("people", "import", file).err.splitlines()
        assert len(everything) == 90 + 1
        assert everything[-1] == "Nothing was changed."
        monkeypatch.setenv("FORCE_COLOR", "1")  # as a terminal is
        told = machine.rekey("people", "import", file).err
        assert "… and 70 more." in told
        assert told.count("bad.yaml, line") == 20

    def test_warns_of_whom_too_few_can_reset(self, machine: Machine) -> None:
        outcome = machine.rekey("people", "import", machine.write("r.yaml", ROSTER))
        assert outcome.err == (
            "Warning: only one person can reset alice@acme.example\n"
            "Warning: nobody can reset carol@acme.example\n"
        )

    def test_a_pipe_gets_the_whole_diff(self, machine: Machine) -> None:
        people = "".join(
            f"  - {{email: p{i}@acme.example, username: p{i}, name: P, roles: {{}}}}\n"
            for i in range(120)
        )
        outcome = machine.rekey("people", "import", machine.write("r.yaml", "contacts:\n" + people))
        assert outcome.out.count("+ contact") == 120

    @pytest.mark.parametrize(
        ("name", "sentence"),
        [
            ("nowhere.yaml", "nowhere.yaml cannot be read: No such file or directory."),
            ("roster.txt", "roster.txt must end in .yaml, .yml, .csv."),
        ],
    )
    def test_wrong_use(self, machine: Machine, name: str, sentence: str) -> None:
        outcome = machine.rekey("people", "import", name)
        assert (outcome.code, outcome.err) == (2, f"{sentence}\n")
        assert not machine.database_file.exists()

    def test_two_people_can_swap_user_names(self, peopled: Machine) -> None:
        swapped = ROSTER.replace("username: bob", "username: x").replace(
            "username: alice", "username: bob"
        )
        file = peopled.write("swap.yaml", swapped.replace("username: x", "username: alice"))
        assert peopled.rekey("people", "import", file).code == 0
        with peopled.database().snapshot() as uow:
            contacts = uow.roster.read().contacts
        assert contacts["alice@acme.example"].username == "bob"
        assert contacts["bob@acme.example"].username == "alice"


class TestSetPassword:
    @pytest.mark.parametrize(
        "line", ["a new pass word\n", "a new pass word\r\n", "a new pass word"]
    )
    def test_takes_one_line_without_its_newline(self, peopled: Machine, line: str) -> None:
        outcome = peopled.rekey("people", "set-password", "bob@acme.example", "--stdin", typed=line)
        assert (outcome.code, outcome.err) == (0, "")
        with peopled.database().snapshot() as uow:
            contact = uow.contacts.by_email("bob@acme.example")
            assert contact is not None
            assert contact.password_must_change
            stored = uow.contacts.password_hash(contact.id)
        assert ArgonPasswords().verify(stored, "a new pass word")
        assert peopled.tags()[-1] == "operator:password:set"

    def test_keep(self, peopled: Machine) -> None:
        peopled.rekey(
            "people", "set-password", "bob@acme.example", "--stdin", "--keep",
            typed="a new pass word\n",
        )  # fmt: skip
        with peopled.database().snapshot() as uow:
            contact = uow.contacts.by_email("bob@acme.example")
        assert contact is not None
        assert not contact.password_must_change

    def test_refusals_are_one_sentence(self, peopled: Machine) -> None:
        def refused(email: str, typed: str) -> str:
            outcome = peopled.rekey("people", "set-password", email, "--stdin", typed=typed)
            assert (outcome.code, outcome.out) == (1, "")
            return outcome.err

        assert refused("x@acme.example", "a new pass word\n") == (
            "No contact has that e-mail address.\n"
        )
        assert refused("bob@acme.example", "short\n").startswith("A password has 8 to 256")
        assert refused("bob@acme.example", "").startswith("A password has 8 to 256")

    def test_without_a_terminal_there_is_nobody_to_ask(self, peopled: Machine) -> None:
        outcome = peopled.rekey("people", "set-password", "bob@acme.example")
        assert (outcome.code, outcome.err) == (2, "There is no terminal to ask at: use --stdin.\n")

    def test_needs_no_key_and_no_slack(
        self, peopled: Machine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("REKEY_SECRET_KEYS")
        outcome = peopled.rekey(
            "people", "set-password", "bob@acme.example", "--stdin", typed="a new pass word\n"
        )
        assert outcome.code == 0, outcome.err


class TestReinstate:
    def test_lifts_the_suspension_with_its_reason(self, peopled: Machine) -> None:
        suspend(peopled, "bob@acme.example")
        status = peopled.rekey("status", "bob@acme.example", "--json")
        assert status.json["contact"]["suspended"] is True
        outcome = peopled.rekey(
            "people", "reinstate", "bob@acme.example", "--reason", "He called us"
        )
        assert outcome.code == 0, outcome.err
        status = peopled.rekey("status", "bob@acme.example", "--json")
        assert status.json["contact"]["suspended"] is False
        exported = peopled.rekey("audit", "export").out.splitlines()
        assert json.loads(exported[-1])["details"]["reason"] == "He called us"

    def test_says_what_follows(self, peopled: Machine) -> None:
        suspend(peopled, "bob@acme.example")
        bob = ["people", "reinstate", "bob@acme.example", "--reason", "He called us"]
        assert peopled.rekey(*bob).out == (
            "bob@acme.example is no longer suspended, and signs in as before.\n"
        )
        with peopled.database().unit_of_work() as uow:
            contact = uow.contacts.by_email("bob@acme.example")
            assert contact is not None
            uow.contacts.set_set_up_required(contact.id, required=True)
            uow.commit()
        suspend(peopled, "bob@acme.example")
        assert peopled.rekey(*bob).out == (
            "bob@acme.example is no longer suspended, and sets 2FA up at the next sign-in.\n"
        )
        (case,) = peopled.rekey("status", "bob@acme.example", "--json").json["cases"]
        assert (case["kind"], case["state"], case["admin"]) == ("operator", "completed", None)

    def test_who_is_not_suspended_is_not_reinstated(self, peopled: Machine) -> None:
        outcome = peopled.rekey("people", "reinstate", "bob@acme.example", "--reason", "x")
        assert (outcome.code, outcome.err) == (
            1,
            "This contact is not suspended, so there is nothing to lift.\n",
        )

    def test_a_reason_is_needed(self, peopled: Machine) -> None:
        outcome = peopled.rekey("people", "reinstate", "bob@acme.example")
        assert outcome.code == 2
        assert outcome.err == "Missing option '--reason'.\n"
        outcome = peopled.rekey("people", "reinstate", "bob@acme.example", "--reason", " ")
        assert outcome.code == 1


class TestSuspend:
    BOB = ("people", "suspend", "bob@acme.example", "--reason", "He called in")

    def test_suspends_with_its_reason_until_it_is_reinstated(self, peopled: Machine) -> None:
        outcome = peopled.rekey(*self.BOB)
        assert (outcome.code, outcome.out) == (
            0,
            "The sign-in of bob@acme.example is suspended, and every session has ended.\n",
        )
        status = peopled.rekey("status", "bob@acme.example", "--json")
        assert status.json["contact"]["suspended"] is True
        assert peopled.tags()[-2:] == ["operator:suspension:added", "operator:session:ended"]
        exported = peopled.rekey("audit", "export").out.splitlines()
        assert json.loads(exported[-2])["details"]["reason"] == "He called in"
        peopled.rekey("people", "reinstate", "bob@acme.example", "--reason", "It was him")
        assert peopled.tags()[-1] == "operator:suspension:lifted"

    def test_who_is_suspended_is_not_suspended_again(self, peopled: Machine) -> None:
        peopled.rekey(*self.BOB)
        outcome = peopled.rekey(*self.BOB)
        assert (outcome.code, outcome.err) == (
            1,
            "This contact is suspended already. “rekey people reinstate” lifts it.\n",
        )

    def test_a_reason_is_needed(self, peopled: Machine) -> None:
        outcome = peopled.rekey("people", "suspend", "bob@acme.example")
        assert (outcome.code, outcome.err) == (2, "Missing option '--reason'.\n")
        outcome = peopled.rekey(*self.BOB[:-1], "my code is 123456")
        assert outcome.code == 1
        status = peopled.rekey("status", "bob@acme.example", "--json")
        assert status.json["contact"]["suspended"] is False


def test_a_case_under_way_is_in_the_way_of_a_password(peopled: Machine) -> None:
    with peopled.database().unit_of_work() as uow:
        bob = uow.contacts.by_email("bob@acme.example")
        assert bob is not None
        uow.cases.add(a_case(subscriber_id=bob.id))
        uow.commit()
    outcome = peopled.rekey(
        "people", "set-password", "bob@acme.example", "--stdin", typed="a new pass word\n"
    )
    assert outcome.code == 1
    assert outcome.err.startswith("A case of this contact is under way. “rekey status” and their")
