"""Reading the file of an import: what is understood, and what is said of what is not."""

from pathlib import Path

import pytest

from bot.domain.model.errors import ImportFileUnfit
from bot.domain.model.people import Role, SlackIdentity, TwoFactor
from bot.domain.operator.import_plan import RosterFile
from bot.people.csv_file import COLUMNS
from bot.people.files import read_roster

HEADER = ",".join(COLUMNS)

YAML = """\
accounts:
  - {id: acme, name: Acme Ltd, two_factor: required}
contacts:
  - email: Alice@Acme.example
    username: alice
    name: Alice   Archer
    phone: "+44 20 7946 0100"
    manager: carol@acme.example
    slack: {enterprise: E01GRID, team: T01TEST, user: U01ALICE}
    roles: {acme: administrator}
"""

CSV = f"""\
{HEADER}
Alice@Acme.example,alice,Alice   Archer,+44 20 7946 0100,carol@acme.example,\
E01GRID,T01TEST,U01ALICE,acme,Acme Ltd,required,administrator
"""


def read(name: str, content: str | bytes) -> RosterFile:
    raw = content.encode() if isinstance(content, str) else content
    return read_roster(Path(name), raw)


def faults_of(name: str, content: str | bytes) -> list[tuple[int | None, str]]:
    with pytest.raises(ImportFileUnfit) as caught:
        read(name, content)
    return [(fault.line, fault.text) for fault in caught.value.faults]


@pytest.mark.parametrize(("name", "content"), [("r.yaml", YAML), ("r.YML", YAML), ("r.csv", CSV)])
def test_both_formats_tell_of_the_same_people(name: str, content: str) -> None:
    roster = read(name, content)
    (account,) = roster.accounts
    assert (account.account.name, account.account.two_factor) == ("Acme Ltd", TwoFactor.REQUIRED)
    (entry,) = roster.contacts
    assert entry.contact.id is None
    assert entry.contact.email == "alice@acme.example"
    assert entry.contact.username == "alice"
    assert entry.contact.name == "Alice Archer"
    assert entry.contact.phone == "+44 20 7946 0100"
    assert entry.contact.manager == "carol@acme.example"
    assert entry.contact.slack == SlackIdentity(
        enterprise="E01GRID", team="T01TEST", user="U01ALICE"
    )
    assert entry.contact.roles == {"acme": Role.ADMINISTRATOR}


@pytest.mark.parametrize(
    ("fields", "read_as"),
    [
        ("username: b, name: Bö", ("b", "Bö", None)),
        ("username: 0123, name: yes, phone: 0044", ("0123", "yes", "0044")),
        ('username: b, name: "a\\u200cb"', ("b", "a\u200cb", None)),
    ],
    ids=["what is optional", "plain values as typed", "a joiner in a name"],
)
def test_values_are_read_as_they_were_typed(
    fields: str, read_as: tuple[str, str, str | None]
) -> None:
    (entry,) = read("r.yaml", f"contacts:\n  - {{email: b@x, {fields}, roles: {{}}}}\n").contacts
    contact = entry.contact
    assert (contact.username, contact.name, contact.phone) == read_as
    assert (contact.manager, contact.slack, contact.roles) == (None, None, {})


def test_a_quoted_empty_value_is_no_null_and_is_missing_all_the_same() -> None:
    content = 'contacts:\n  - {email: b@x, username: b, name: "", phone: ~, roles: {}}\n'
    assert faults_of("r.yaml", content) == [(2, "the name is missing")]


def test_a_byte_order_mark_is_left_out() -> None:
    assert read("r.csv", CSV.encode("utf-8-sig")) == read("r.csv", CSV)
    assert read("r.yaml", YAML.encode("utf-8-sig")) == read("r.yaml", YAML)


def test_a_spreadsheets_line_ends_and_quoted_line_breaks_keep_the_line_numbers() -> None:
    content = (
        f'{HEADER}\r\na@x,a,"A\r\nB",,,,,,acme,Acme,required,member\r\n'
        "a@x,a,A B,,,,,,beta,Beta,optional,boss\r\n"
    )
    assert faults_of("r.csv", content) == [
        (4, "the name of 'a@x' differs from line 2"),
        (4, "the role 'boss' is none of member, administrator, owner"),
    ]


def test_one_row_a_role() -> None:
    content = (
        f"{HEADER}\n"
        "a@x,a,A,,,,,,acme,Acme,required,member\n"
        "\n"
        "A@x,a,A,,,,,,beta,Beta,optional,owner\n"
        "b@x,b,B,,,,,,acme,,,member\n"
        "c@x,c,C,,,,,,,,,\n"
    )
    roster = read("r.csv", content)
    assert [entry.contact.email for entry in roster.contacts] == ["a@x", "b@x", "c@x"]
    assert roster.contacts[0].contact.roles == {"acme": Role.MEMBER, "beta": Role.OWNER}
    assert roster.contacts[0].role_lines == {"acme": 2, "beta": 4}
    assert roster.contacts[2].contact.roles == {}
    assert [entry.account.id for entry in roster.accounts] == ["acme", "beta"]


def test_an_accounts_description_may_be_spread_over_rows() -> None:
    content = f"{HEADER}\na@x,a,A,,,,,,acme,Acme,,member\nb@x,b,B,,,,,,acme,,optional,member\n"
    (entry,) = read("r.csv", content).accounts
    assert (entry.account.name, entry.account.two_factor) == ("Acme", TwoFactor.OPTIONAL)


@pytest.mark.parametrize(
    ("row", "line", "text"),
    [
        pytest.param("a@x,a", 2, "2 fields, and 12 are expected", id="short-row"),
        pytest.param(
            "a@x,a,A,,,,,,acme,Acme,required,member\na@x,a,A,,,,,,acme,Acme,required,owner",
            3,
            "a second role in the account acme",
            id="two-roles",
        ),
        pytest.param(
            "a@x,a,A,,,,,,acme,Acme,required,member\nb@x,b,B,,,,,,acme,Acne,required,member",
            3,
            "the account_name of 'acme' differs from line 2",
            id="two-names",
        ),
        pytest.param("a@x,a,A,,,,,,acme,Acme,required,", 2, "the role is missing", id="no-role"),
        pytest.param("a@x,a,A,,,,,,,,,member", 2, "the account is missing", id="no-account"),
        pytest.param(
            "a@x,a,A,,,,,,,Acme,,", 2, "the account_name 'Acme' is of no account", id="no-id"
        ),
        pytest.param(
            "a@x,a,A,,,,,,acme,Acme,,member", 2, "the two_factor is missing", id="no-two-factor"
        ),
        pytest.param(",a,A,,,,,,,,,\n,b,B,,,,,,,,,", 2, "the email is missing", id="no-email"),
        pytest.param('"a@x', 2, "this is not CSV: unexpected end of data", id="unclosed-quote"),
    ],
)
def test_faults_in_rows_name_their_line(row: str, line: int, text: str) -> None:
    assert (line, text) in faults_of("r.csv", f"{HEADER}\n{row}\n")


def test_a_columns_absence_is_a_fault_so_that_nothing_is_emptied_by_it() -> None:
    header = HEADER.replace(",phone", "").replace("name,", "name,colour,colour,", 1)
    found = faults_of("r.csv", f"{header}\na@x,a\n")
    assert (1, "the column phone is missing") in found
    assert (1, "the column 'colour' is not known") in found
    assert all(line == 1 for line, _ in found)


def test_a_column_twice_is_a_fault() -> None:
    assert (1, "the column role stands there twice") in faults_of("r.csv", f"{HEADER},role\n")


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("email: nobody", "the email 'nobody' is no e-mail address"),
        ("email: a@b@c", "the email 'a@b@c' is no e-mail address"),
        ("username: a b", "the username 'a b' is no user name: at most 64 characters, no spaces"),
        ('name: "\\u202Eevil"', r"the name '\u202eevil' holds characters that cannot be shown"),
        ("phone: " + "1" * 201, f"the phone '{'1' * 60}…' is longer than 200 characters"),
        ("manager: carol", "the manager 'carol' is no e-mail address"),
        ("slack: {team: U01, user: U01ALICE}",
         "the slack_team 'U01' is no id of a workspace, such as T012AB3CD"),
        ("slack: {team: T01TEST, user: alice}",
         "the slack_user 'alice' is no id of a person, such as U012AB3CD"),
        ("slack: {enterprise: X, team: T01TEST, user: W01ALICE}",
         "the slack_enterprise 'X' is no id of an enterprise, such as E012AB3CD"),
        ("slack: {team: T01TEST}", "a Slack identity needs the user"),
        ("slack: {enterprise: E01GRID}", "a Slack identity needs the team and the user"),
        ("slack: U01ALICE", "'slack' must have named fields"),
        ("slack: {tea: T01TEST}", "'tea' is none of enterprise, team, user"),
        ("roles: {acme: boss}", "the role 'boss' is none of member, administrator, owner"),
        ("roles: {a/b: member}",
         "the account 'a/b' is no id: at most 64 letters, digits, dots, _ and -"),
        ("roles: {acme: [member]}", "'acme' must be a single value"),
        ("roles: ", "the roles are missing"),
        ("name: [a]", "'name' must be a single value"),
        ("rôle: member",
         "'rôle' is none of email, username, name, phone, manager, slack, roles"),
    ],
)  # fmt: skip
def test_faults_in_fields_name_their_line(field: str, text: str) -> None:
    lines = ["email: a@x", "username: a", "name: A", "roles: {}"]
    key = field.partition(":")[0]
    entry = [line for line in lines if not line.startswith(f"{key}:")] + [field]
    content = "contacts:\n  - " + "\n    ".join(entry) + "\n"
    assert faults_of("r.yaml", content) == [(1 + len(entry), text)]


def test_every_fault_is_told_in_the_order_of_the_lines() -> None:
    content = "stuff: [1, {a: b}]\naccounts:\n  - {id: acme, name: A, two_factor: maybe}\n  - x\n"
    assert faults_of("r.yaml", content) == [
        (1, "'stuff' is neither accounts nor contacts"),
        (3, "the two_factor 'maybe' is neither required nor optional"),
        (4, "an entry must have named fields"),
    ]


@pytest.mark.parametrize(
    ("content", "line", "text"),
    [
        ("", None, "the file is empty"),
        ("# nothing\n", None, "the file is empty"),
        ("- a\n", 1, "the file must hold accounts and contacts"),
        ("contacts: {a: b}\n", 1, "a list is expected here"),
        ("contacts:\n  - email: a@x\n    email: a@x\n", 3, "a second 'email'"),
        ("accounts: []\naccounts: []\n", 2, "a second 'accounts'"),
        ("accounts: []\n---\naccounts: []\n", 2, "a second document"),
        ("accounts:\n  - &a {id: x}\n  - *a\n", 2, "anchors and aliases are not understood here"),
        ("accounts:\n  - *a\n", 2, "anchors and aliases are not understood here"),
        ("accounts:\n  - !!python/object:os.system {a: b}\n", 2, "tags are not understood here"),
        ("contacts:\n  - {name: !!str a}\n", 2, "tags are not understood here"),
        ("contacts:\n  - {!!str name: a}\n", 2, "tags are not understood here"),
        ("contacts:\n  - {? [a] : b}\n", 2, "a field's name must be a single value"),
        ("contacts: [[[[[[[[a]]]]]]]]\n", 1, "nested too deeply"),
        ("contacts:\n  - a: b: c\n", 2,
         "this is not YAML: mapping values are not allowed in this context"),
        ("contacts: \x01\n", None, "this is not YAML: a character that YAML does not allow"),
    ],
)  # fmt: skip
def test_what_is_no_roster_is_refused(content: str, line: int | None, text: str) -> None:
    assert (line, text) in faults_of("r.yaml", content)


def test_an_empty_section_is_no_fault() -> None:
    assert read("r.yaml", "accounts:\ncontacts: []\n") == RosterFile()


@pytest.mark.parametrize("name", ["r.yaml", "r.csv"])
def test_what_is_empty_or_no_utf_8_text_is_refused(name: str) -> None:
    assert faults_of(name, "") == faults_of(name, "\n") == [(None, "the file is empty")]
    assert faults_of(name, b"accounts:\n  - \xff\n") == [(2, "this is not UTF-8 text")]
    assert faults_of(name, b"\n\nx\0y") == [(3, "this is not text")]
    assert faults_of(name, "accounts:".encode("utf-16")) == [(1, "this is not UTF-8 text")]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("r.yaml", "contacts:\n" + "  - {email: a@x, username: a, name: A, roles: {}}\n" * 4_000),
        ("r.csv", f"{HEADER}\n" + "a@x,a,A,,,,,,,,,\n" * 4_000),
    ],
)
def test_progress_rises_to_at_most_the_length(name: str, content: str) -> None:
    told: list[int] = []
    read_roster(Path(name), content.encode(), advance=told.append)
    assert told == sorted(told)
    assert 0 < told[-1] <= len(content)


def test_an_unknown_ending_is_the_callers_mistake() -> None:
    with pytest.raises(KeyError):
        read("r.txt", "")
