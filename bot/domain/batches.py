"""Runs one act over many; a failure in one doesn't stop the rest."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

AT_ONCE = 50
"""How many share one transaction; more would keep other writers waiting."""

T = TypeVar("T")


def run_each(items: Iterable[T], act: Callable[[T], int]) -> int:
    """Run `act` for each item, and return the sum of what it returned.

    Failures are raised at the end, as one `ExceptionGroup`.
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


def run_in_batches(items: Sequence[T], act: Callable[[Sequence[T]], int]) -> int:
    """Run `act` for `AT_ONCE` items at a time; where a batch fails, for each of its items alone.

    Other writers get in between two batches. Raises as `run_each` does.
    """
    done, left = 0, list[T]()
    for start in range(0, len(items), AT_ONCE):
        some = items[start : start + AT_ONCE]
        try:
            done += act(some)
        except Exception:  # noqa: BLE001  # the one at fault shows when each is alone
            left += some
    return done + run_each(left, lambda item: act([item]))
