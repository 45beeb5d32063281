"""Audit records as sentences; a sample of them stands in `docs/reference/views.md`."""

from string import Formatter

import pytest

from bot.blocks.story import ACTS, ATTEMPTS, WHY, sentence
from tests.meta.tags import LEAVES, the_program
from tests.unit.blocks.variants import record

NAMES = {"cont_alice": "Alice Archer", "cont_bob": "Bob Brown", "acme": "Acme Ltd"}


@pytest.mark.parametrize("act", ["completed", "superseded", "re_enrolled"])
def test_no_reset_is_told_of_where_the_operator_did_something_else(act: str) -> None:
    """The operator reinstates, enrols and forgets, too."""
    told = sentence(record(f"operator:case:{act}", actor="operator"), NAMES)
    assert "Bob Brown" in told
    assert "reset" not in told
    assert "again" not in told


def test_names_are_made_one_line() -> None:
    told = sentence(record("slack:case:declined"), {"cont_alice": "Alice\n\u202eArcher"})
    assert told.startswith("Alice Archer answered")


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
