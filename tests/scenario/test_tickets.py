"""Tickets: asked for by the operator's pattern, kept with the case and in the audit log."""

from pathlib import Path

from tests.office import Office


def test_a_ticket_is_asked_for_kept_and_shown(tmp_path: Path) -> None:
    with Office(tmp_path, REKEY_TICKET_PATTERN="HD-[0-9]+") as office:
        alice, bob = office.world.alice, office.world.bob
        view = office.ask(alice, bob)
        (field,) = [b for b in view.spec["blocks"] if b.get("block_id") == "ticket"]
        assert not field["optional"]
        code = alice.code(office.clock)
        with office.refused("slack:reset:ticket_unfit"):
            refused = office.fill(alice, view, code=code, ticket="about Bob")
        assert list(refused.errors) == ["ticket"]
        assert "does not look like a ticket" in refused.errors["ticket"]
        assert office.fill(alice, view, code=code, ticket=" HD-42 ").ok
        office.deliver()
        assert "HD-42" in str(office.confirm_block(alice).blocks)
        assert office.cases(bob)[0].ticket == "HD-42"
        assert (office.records()[-1].details or {})["ticket"] == "HD-42"
