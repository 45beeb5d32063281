"""What an import would change, as plain values."""

from dataclasses import replace

import pytest

from bot.domain.model.errors import ImportFileUnfit
from bot.domain.model.ids import AccountId, ContactId
from bot.domain.model.people import Account, Role, SlackIdentity, TwoFactor
from bot.domain.model.roster import ChangeKind, Roster, RosterContact
from bot.domain.operator.import_plan import (
    FileAccount,
    FileContact,
    RosterFile,
    describe_identity,
    describe_roles,
    plan_import,
)
from tests.fakes import ACME, GLOBEX

SLACK = SlackIdentity(enterprise=None, team="T01TEST", user="U01BOB")
OTHER_SLACK = SlackIdentity(enterprise="E01GRID", team="T01TEST", user="U01OTHER")


def a_roster_contact(
    username: str = "bob",
    *,
    known: bool = True,
    manager: str | None = None,
    slack: SlackIdentity | None = None,
    roles: dict[AccountId, Role] | None = None,
) -> RosterContact:
    return RosterContact(
        id=ContactId(f"con_{username}") if known else None,
        email=f"{username}@acme.example",
        username=username,
        name=username.title(),
        phone=None,
        manager=manager,
        slack=slack,
        roles={ACME.id: Role.MEMBER} if roles is None else roles,
    )


def a_roster(*contacts: RosterContact, accounts: tuple[Account, ...] = (ACME,)) -> Roster:
    return Roster(
        accounts={account.id: account for account in accounts},
        contacts={contact.email: contact for contact in contacts},
    )


def a_file(*contacts: RosterContact, accounts: tuple[Account, ...] = ()) -> RosterFile:
    return RosterFile(
        accounts=tuple(
            FileAccount(line=line, account=account)
            for line, account in enumerate(accounts, start=101)
        ),
        contacts=tuple(
            FileContact(
                line=line,
                contact=replace(contact, id=None),
                role_lines=dict.fromkeys(contact.roles, line + 500),
            )
            for line, contact in enumerate(contacts, start=1)
        ),
    )


def kinds(file: RosterFile, directory: Roster, *, prune: bool = False) -> list[ChangeKind]:
    return [change.kind for change in plan_import(file, directory, prune=prune).changes]


def faults(file: RosterFile, directory: Roster, *, prune: bool = False) -> list[str]:
    with pytest.raises(ImportFileUnfit) as caught:
        plan_import(file, directory, prune=prune)
    return [f"{fault.line}: {fault.text}" for fault in caught.value.faults]


def test_what_the_directory_does_not_know_is_added_accounts_first() -> None:
    bob = a_roster_contact(slack=SLACK)
    plan = plan_import(a_file(bob, accounts=(ACME,)), Roster(), prune=False)
    account, contact = plan.changes
    assert account.kind is ChangeKind.ACCOUNT_ADDED
    assert account.account == ACME
    assert account.now == {"name": "Acme Ltd", "two_factor": "required"}
    assert contact.kind is ChangeKind.CONTACT_ADDED
    assert contact.contact == replace(bob, id=None)
    assert contact.now == {
        "username": "bob",
        "name": "Bob",
        "slack": "T01TEST/U01BOB",
        "roles": "acme member",
    }
    assert plan.count(ChangeKind.CONTACT_ADDED) == 1


def test_the_same_again_changes_nothing() -> None:
    bob = a_roster_contact(slack=SLACK)
    assert kinds(a_file(bob, accounts=(ACME,)), a_roster(bob), prune=True) == []


def test_every_field_that_differs_is_told() -> None:
    old = a_roster_contact(manager="carol@acme.example", roles={ACME.id: Role.MEMBER})
    new = replace(
        old,
        username="bobby",
        name="Bobby",
        phone="1",
        manager=None,
        slack=SLACK,
        roles={ACME.id: Role.OWNER, GLOBEX.id: Role.MEMBER},
    )
    plan = plan_import(a_file(new), a_roster(old, accounts=(ACME, GLOBEX)), prune=False)
    (change,) = plan.changes
    assert change.kind is ChangeKind.CONTACT_CHANGED
    assert change.contact == new
    assert change.was == {
        "username": "bob",
        "name": "Bob",
        "phone": "none",
        "manager": "carol@acme.example",
        "slack": "none",
        "roles": "acme member",
    }
    assert change.now == {
        "username": "bobby",
        "name": "Bobby",
        "phone": "1",
        "manager": "none",
        "slack": "T01TEST/U01BOB",
        "roles": "acme owner, globex member",
    }


def test_a_changed_account_tells_what_differs() -> None:
    relaxed = replace(ACME, two_factor=TwoFactor.OPTIONAL)
    (change,) = plan_import(a_file(accounts=(relaxed,)), a_roster(), prune=False).changes
    assert change.kind is ChangeKind.ACCOUNT_CHANGED
    assert change.account == relaxed
    assert (change.was, change.now) == ({"two_factor": "required"}, {"two_factor": "optional"})


def test_an_identity_that_the_file_leaves_out_stays_bound() -> None:
    bound = a_roster_contact(slack=SLACK)
    assert kinds(a_file(replace(bound, slack=None)), a_roster(bound)) == []


def test_an_identity_is_never_changed() -> None:
    bound = a_roster_contact(slack=SLACK)
    assert faults(a_file(replace(bound, slack=OTHER_SLACK)), a_roster(bound)) == [
        (
            "1: bob@acme.example is bound to the Slack identity T01TEST/U01BOB, "
            "and an import never changes one"
        )
    ]


def test_somebody_elses_identity_is_refused() -> None:
    bob, ben = a_roster_contact(slack=SLACK), a_roster_contact("ben")
    expected = ["1: the Slack identity T01TEST/U01BOB is bob@acme.example's"]
    assert faults(a_file(replace(ben, slack=SLACK)), a_roster(bob, ben)) == expected


@pytest.mark.parametrize("prune", [False, True])
def test_an_identity_that_its_owners_entry_leaves_out_is_still_theirs(*, prune: bool) -> None:
    bob, ben = a_roster_contact(slack=SLACK), a_roster_contact("ben")
    file = a_file(replace(bob, slack=None), replace(ben, slack=SLACK))
    expected = ["2: the Slack identity T01TEST/U01BOB is bob@acme.example's"]
    assert faults(file, a_roster(bob, ben), prune=prune) == expected


def test_an_identity_that_pruning_frees_can_be_bound_anew() -> None:
    bob, ben = a_roster_contact(slack=SLACK), a_roster_contact("ben")
    changes = kinds(a_file(replace(ben, slack=SLACK)), a_roster(bob, ben), prune=True)
    assert changes == [ChangeKind.CONTACT_CHANGED, ChangeKind.CONTACT_REMOVED]


def test_a_user_name_of_somebody_whom_the_file_leaves_out_is_taken() -> None:
    ben = replace(a_roster_contact("ben"), username="BOB")
    advice = "where that is the same person, prune and forget that address first"
    expected = [f"1: the user name BOB is bob@acme.example's; {advice}"]
    assert faults(a_file(ben), a_roster(a_roster_contact())) == expected
    assert faults(a_file(ben), a_roster(a_roster_contact()), prune=True) == expected


def test_a_user_name_that_the_file_frees_can_be_given_anew() -> None:
    renamed = replace(a_roster_contact(), username="robert")
    ben = replace(a_roster_contact("ben"), username="bob")
    changes = kinds(a_file(renamed, ben), a_roster(a_roster_contact()))
    assert changes == [ChangeKind.CONTACT_CHANGED, ChangeKind.CONTACT_ADDED]


def test_a_role_in_an_unknown_account_is_refused_in_its_line() -> None:
    bob = a_roster_contact(roles={AccountId("nowhere"): Role.MEMBER})
    assert faults(a_file(bob), a_roster()) == ["501: there is no account nowhere"]


def test_what_stands_there_twice_is_refused_with_both_lines() -> None:
    bob = a_roster_contact(slack=SLACK)
    twin = replace(bob, username="BOB")
    assert faults(a_file(bob, twin, accounts=(ACME, ACME)), Roster()) == [
        "2: the e-mail address bob@acme.example stands in line 1 already",
        "2: the user name bob stands in line 1 already",
        "2: the Slack identity T01TEST/U01BOB stands in line 1 already",
        "102: the account acme stands in line 101 already",
    ]


def test_who_is_not_in_the_file_is_left_alone_unless_pruned() -> None:
    bob, carol = a_roster_contact(slack=SLACK), a_roster_contact("carol", roles={})
    ben = a_roster_contact("ben")
    assert kinds(a_file(ben), a_roster(ben, bob, carol)) == []
    (change,) = plan_import(a_file(ben), a_roster(ben, bob, carol), prune=True).changes
    assert change.kind is ChangeKind.CONTACT_REMOVED
    assert change.contact == replace(bob, roles={}, slack=None)
    assert change.was == {"slack": "T01TEST/U01BOB", "roles": "acme member"}
    assert change.now == {"slack": "none", "roles": "none"}


def test_pruning_by_an_empty_file_is_refused() -> None:
    assert faults(a_file(), a_roster(a_roster_contact()), prune=True) == [
        "None: no contacts: pruning would remove everybody"
    ]
    assert kinds(a_file(), a_roster(a_roster_contact())) == []


def test_an_unknown_manager_and_an_account_without_owner_are_warned_of() -> None:
    bob = a_roster_contact(manager="carol@acme.example")
    assert plan_import(a_file(bob), a_roster(accounts=(ACME, GLOBEX)), prune=False).warnings == (
        "line 1: the manager carol@acme.example of bob@acme.example is no contact",
        "the account acme has no owner",
        "the account globex has no owner",
    )
    carol = a_roster_contact("carol", roles={ACME.id: Role.OWNER})
    assert plan_import(a_file(bob), a_roster(carol), prune=False).warnings == ()
    assert plan_import(a_file(bob), a_roster(carol), prune=True).warnings == (
        "the account acme has no owner",
    )


def test_texts_of_identities_and_roles() -> None:
    assert describe_identity(OTHER_SLACK) == "E01GRID/T01TEST/U01OTHER"
    assert describe_identity(None) == "none"
    assert describe_roles({GLOBEX.id: Role.MEMBER, ACME.id: Role.OWNER}) == (
        "acme owner, globex member"
    )
