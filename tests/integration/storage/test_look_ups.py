"""How often the database is asked: what belongs together is not looked up one by one."""

import re
from collections import Counter
from typing import Any

from sqlalchemy import event

from bot.domain.model.cases import CaseState
from bot.domain.model.pressed import Pressed
from tests.fakes import a_case
from tests.integration.storage.desk import Desk


def test_yes_looks_both_people_up_at_once(desk: Desk) -> None:
    """Once in the first look, and once more in the unit of work that stores it."""
    alice = desk.world.alice
    case = a_case(subscriber_id=desk.world.bob.id, admin_id=alice.id)
    with desk.database.unit_of_work() as uow:
        assert uow.cases.add(case)
        uow.commit()
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(desk.database._engine, "before_cursor_execute", note)  # noqa: SLF001  # the engine beneath
    done = desk.services.deciding.confirm(Pressed(actor=alice.slack, value=case.id))
    assert done.state is CaseState.COMPLETED
    until_stored = sent[: next(n for n, each in enumerate(sent) if each.startswith("UPDATE"))]
    looked_up = Counter(re.findall(r"^SELECT (\w+)\.", "\n".join(until_stored), re.MULTILINE))
    assert looked_up == {"cases": 1, "contacts": 2, "authenticators": 1}
