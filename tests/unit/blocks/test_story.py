"""Audit records as sentences."""

from dataclasses import replace
from string import Formatter

from bot.blocks.story import ACTS, ATTEMPTS, WHY, particulars, sentence
from bot.domain.model.audit import AuditEvent, AuditRecord, seal
from bot.domain.model.ids import AccountId, CaseId, ContactId
from tests.meta.tags import LEAVES, the_program
from tests.unit.blocks.samples import NOON

NAMES = {"cont_alice": "Alice Archer", "cont_bob": "Bob Brown", "acme": "Acme Ltd"}


def record(tag: str, *, actor: str = "cont_alice", **details: str) -> AuditRecord:
    event = AuditEvent(
        tag=tag,
        at=NOON,
        actor=actor,
        subscriber=ContactId("cont_bob"),
        account=AccountId("acme"),
        case=CaseId("case_1"),
        details=details,
    )
    return seal(event, number=1, previous_hash="0" * 64, salt="5a17")


def test_an_act_names_the_people() -> None:
    told = sentence(record("slack:case:awaiting_confirmation"), NAMES)
    assert told == (
        "Alice Archer asked to reset the 2FA of Bob Brown for the account Acme Ltd; Yes or No is "
        "awaited."
    )


def test_the_same_act_through_another_door_may_be_another() -> None:
    assert sentence(record("slack:case:completed"), NAMES) != sentence(
        record("portal:case:completed"), NAMES
    )


def test_no_reset_is_told_of_where_the_operator_did_something_else() -> None:
    """The operator reinstates, enrols and forgets, too."""
    for tag in ("operator:case:completed", "operator:case:superseded", "operator:case:re_enrolled"):
        told = sentence(record(tag, actor="operator"), NAMES)
        assert "Bob Brown" in told
        assert "reset" not in told
        assert "again" not in told


def test_whoever_has_no_name_is_told_by_id() -> None:
    assert sentence(record("slack:case:declined"), {}) == (
        "cont_alice answered No, and nothing was changed."
    )


def test_a_refusal_says_what_and_why() -> None:
    assert sentence(record("slack:reset:outranked"), NAMES) == (
        "A reset of the 2FA of Bob Brown, asked for by Alice Archer, was refused: that person "
        "holds a higher role than they do."
    )


def test_the_operator_is_told_with_user_and_host() -> None:
    by = {"operator_user": "root", "operator_host": "desk"}
    told = sentence(record("operator:password:set", actor="operator", **by), NAMES)
    assert told == "The operator (root at desk) set a new password for Bob Brown."


def test_erased_details_leave_the_operator() -> None:
    erased = replace(record("operator:password:set", actor="operator"), details=None)
    assert sentence(erased, NAMES) == "The operator set a new password for Bob Brown."
    assert particulars(erased) == ()


def test_what_nobody_did_is_rekeys_own() -> None:
    told = sentence(record("sweep:suspension:lifted", actor="sweep"), NAMES)
    assert told == "The suspension of Bob Brown was lifted by Rekey, by itself."


def test_somebody_unproven_is_told_by_their_slack_id() -> None:
    unproven = replace(record("slack:reset:not_a_contact", actor="nobody"), slack_user="U0EVE")
    assert "asked for by somebody in Slack (U0EVE)" in sentence(unproven, NAMES)
    assert "asked for by somebody," in sentence(replace(unproven, slack_user=None), NAMES)


def test_what_is_about_nobody_says_somebody() -> None:
    nobody = replace(record("portal:sign_in:sign_in_failed", actor="nobody"), subscriber=None)
    assert sentence(nobody, NAMES).startswith("A sign-in as somebody was refused: ")


def test_a_tag_of_a_later_version_is_shown_as_it_is() -> None:
    assert sentence(record("slack:quorum:reached"), NAMES) == (
        "slack:quorum:reached, by Alice Archer, about Bob Brown."
    )


def test_names_are_made_one_line() -> None:
    told = sentence(record("slack:case:declined"), {"cont_alice": "Alice\n\u202eArcher"})
    assert told.startswith("Alice Archer answered")


def test_particulars_are_labelled_and_kept_in_order() -> None:
    opened = record("slack:case:awaiting_confirmation", proof="video", reason="Lost it", ticket="")
    assert particulars(opened) == (("proven", "on a video call"), ("why", "Lost it"))
    assert particulars(record("slack:case:declined", proof="magic", left_over="1")) == (
        ("proven", "magic"),
        ("left over", "1"),
    )


def test_every_act_of_the_code_has_its_words() -> None:
    program = the_program()
    assert [act for act in program.acts if not ACTS.keys() & {act, act.partition(":")[2]}] == []


def test_every_refusal_of_the_code_has_its_words() -> None:
    program = the_program()
    assert set(program.refusals) <= set(ATTEMPTS)
    assert {kind.tag for kind in LEAVES} == set(WHY)


def test_no_words_are_for_what_never_happens() -> None:
    program = the_program()
    known = program.acts | {act.partition(":")[2] for act in program.acts}
    assert set(ACTS) - known == set()
    assert set(ATTEMPTS) - set(program.refusals) == set()


def test_templates_use_only_what_is_filled_in() -> None:
    used = {
        name
        for template in (*ACTS.values(), *ATTEMPTS.values())
        for _, name, _, _ in Formatter().parse(template)
        if name is not None
    }
    assert used <= {"actor", "subscriber", "account", "case"}
