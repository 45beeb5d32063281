"""Doing the same to many, so that one of them that is broken holds up no other."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

T = TypeVar("T")


def each_apart(items: Iterable[T], act: Callable[[T], int]) -> int:
    """Do `act` to each; return the sum of what it returned.

    What failed is raised once all had their turn, as one `ExceptionGroup`.
    """
    done, faults = 0, list[Exception]()
    for item in items:
        try:
            done += act(item)
        except Exception as fault:  # noqa: BLE001  # whatever it is, the others go on
            faults.append(fault)
    if faults:
        raise ExceptionGroup("what was due could not all be done", faults)
    return done


def together_or_apart(items: Sequence[T], act: Callable[[Sequence[T]], int]) -> int:
    """Do `act` to all at once, in one transaction of its own; where that fails, to each alone.

    Raises as `each_apart` does.
    """
    if not items:
        return 0
    try:
        return act(items)
    except Exception:  # noqa: BLE001  # the one at fault shows when each is alone
        return each_apart(items, lambda item: act([item]))
