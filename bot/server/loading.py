"""Importing much at once."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """Look for no garbage meanwhile, nor later in what is there at the end: modules stay.

    A search would walk over all of them, again and again, for a seventh of a start's time. Nor is
    Rich loaded: structlog would take it for tracebacks, which are plain here, and a tenth of the
    time and 4 MiB go with it.
    """
    gc.disable()
    before = sys.modules.get("rich")
    sys.modules["rich"] = None  # type: ignore[assignment]  # who imports it gets an ImportError
    try:
        yield
    finally:
        del sys.modules["rich"]
        if before is not None:
            sys.modules["rich"] = before
        gc.freeze()
        gc.enable()
