"""One program alone serves from an SQLite file."""

import subprocess
import sys
from pathlib import Path

import pytest

from storage.errors import DatabaseInUseError, DatabaseUnreadableError
from storage.serving import serving_from
from tests.fakes.sqlite import url_of

HOLDING = """
import sys
from storage.serving import serving_from
with serving_from(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_the_second_is_refused_in_one_sentence_until_the_first_ends(tmp_path: Path) -> None:
    url = url_of(tmp_path / "rekey.db")
    with serving_from(url):
        with pytest.raises(DatabaseInUseError, match=r"^Another Rekey serves .*\.$") as told:
            serving_from(url).__enter__()
        assert str(tmp_path / "rekey.db") in str(told.value)
    with serving_from(url):
        assert not (tmp_path / "rekey.db").exists()  # nothing was opened, nothing migrated


def test_a_link_leads_to_the_same_file(tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(tmp_path / "rekey.db")
    with (
        serving_from(url_of(tmp_path / "rekey.db")),
        pytest.raises(DatabaseInUseError),
        serving_from(url_of(tmp_path / "link.db")),
    ):
        pass


def test_each_file_has_its_own(tmp_path: Path) -> None:
    with serving_from(url_of(tmp_path / "one.db")), serving_from(url_of(tmp_path / "two.db")):
        assert {file.name for file in tmp_path.iterdir()} == {"one.db-serve", "two.db-serve"}
        assert {file.stat().st_mode & 0o777 for file in tmp_path.iterdir()} == {0o600}


def test_whoever_dies_lets_the_next_one_in(tmp_path: Path) -> None:
    url = url_of(tmp_path / "rekey.db")
    with subprocess.Popen(  # noqa: S603  # our own interpreter and nothing from outside
        [sys.executable, "-c", HOLDING, url],
        cwd=Path(__file__).parents[3],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        with pytest.raises(DatabaseInUseError):
            serving_from(url).__enter__()
        process.kill()
        process.wait()
        with serving_from(url):
            assert (tmp_path / "rekey.db-serve").exists()


def test_a_folder_that_cannot_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DatabaseUnreadableError, match="cannot be opened"):
        serving_from(url_of(tmp_path / "file" / "rekey.db")).__enter__()


def test_from_a_server_several_may_serve() -> None:
    url = "postgresql+psycopg://127.0.0.1:9/rekey"
    with serving_from(url), serving_from(url) as nothing:
        assert nothing is None
