"""The office in which every scenario plays."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scenario.office import Office


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with Office(tmp_path) as office:
        yield office
