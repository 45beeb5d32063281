"""Doing the same to many, so that one of them that is broken holds up no other."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

AT_ONCE = 50
"""In one transaction, so that whoever wants to write meanwhile does not wait for long."""

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
    """Do `act` to `AT_ONCE` at a time, each time in one transaction; where it fails, to each alone.

    Whoever waits to write gets in between. Raises as `each_apart` does.
    """
    done, left = 0, list[T]()
    for start in range(0, len(items), AT_ONCE):
        some = items[start : start + AT_ONCE]
        try:
            done += act(some)
        except Exception:  # noqa: BLE001  # the one at fault shows when each is alone
            left += some
    return done + each_apart(left, lambda item: act([item]))
