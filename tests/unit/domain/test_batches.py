"""Doing the same to many: how many at once, and what a fault among them holds up."""

from collections.abc import Sequence

import pytest

from bot.domain.batches import AT_ONCE, run_in_batches

MANY = tuple(range(2 * AT_ONCE + 3))
BROKEN = AT_ONCE + 1


class Act:
    """Takes note of what was done to whom at once; refuses whatever is among `broken`."""

    def __init__(self, *broken: int) -> None:
        self.broken = broken
        self.done: list[tuple[int, ...]] = []

    def __call__(self, some: Sequence[int]) -> int:
        if set(self.broken) & set(some):
            raise LookupError
        self.done.append(tuple(some))
        return len(some)


def test_so_many_at_once_and_the_rest() -> None:
    act = Act()
    assert run_in_batches(MANY, act) == len(MANY)
    assert act.done == [MANY[:AT_ONCE], MANY[AT_ONCE : 2 * AT_ONCE], MANY[2 * AT_ONCE :]]
    nothing = Act()
    assert (run_in_batches((), nothing), nothing.done) == (0, [])


def test_where_one_is_broken_those_with_it_are_done_alone_and_all_others_together() -> None:
    act = Act(BROKEN)
    with pytest.RaisesGroup(LookupError):
        run_in_batches(MANY, act)
    alone = [(each,) for each in MANY[AT_ONCE : 2 * AT_ONCE] if each != BROKEN]
    assert act.done == [MANY[:AT_ONCE], MANY[2 * AT_ONCE :], *alone]


def test_every_fault_is_told() -> None:
    with pytest.RaisesGroup(LookupError, LookupError):
        run_in_batches(MANY, Act(0, MANY[-1]))
