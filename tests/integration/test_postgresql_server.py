"""The server that is made for the tests leaves nothing behind, whatever becomes of them."""

import os
import shutil
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import URL, NullPool, create_engine, make_url

from tests.postgresql import VARIABLE, Server

pytestmark = pytest.mark.postgresql

ROOT = Path(__file__).parents[2]
WAIT = 30
"""Seconds; machines that run other tests meanwhile are slow."""
WRAPPER = [sys.executable, "-m", "tests.postgresql"]
SAY_AND_WAIT = f"import os, sys; print(os.environ['{VARIABLE}'], flush=True); sys.stdin.read()"


def test_the_command_s_exit_code_is_the_wrapper_s() -> None:
    ended = subprocess.run(  # noqa: S603  # our own program, and arguments of ours
        [*WRAPPER, sys.executable, "-c", "raise SystemExit(3)"],
        cwd=ROOT,
        check=False,
        capture_output=True,
    )
    assert ended.returncode == 3, ended.stderr


def test_it_ends_where_whoever_started_it_is_killed() -> None:
    with subprocess.Popen(  # noqa: S603  # the same
        [*WRAPPER, sys.executable, "-c", SAY_AND_WAIT],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as wrapper:
        assert wrapper.stdout
        url = make_url(wrapper.stdout.readline().strip())
        port, folder = url.port or 0, _folder(url)
        assert _listens(port)
        wrapper.kill()
        pause = threading.Event()
        for _ in range(WAIT * 20):
            if not _listens(port):
                break
            pause.wait(0.05)
        assert not _listens(port)
    shutil.rmtree(folder)  # which nobody was left to remove


def test_its_folder_goes_with_it() -> None:
    with Server(durable=False) as server:
        folder = server.folder
        assert (folder / "data" / "postmaster.pid").exists()
        if os.geteuid() == 0:
            assert (folder / "data").stat().st_uid != 0
    assert not folder.exists()


def _folder(url: URL) -> Path:
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        return Path(str(connection.exec_driver_sql("SHOW data_directory").scalar())).parent


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
