"""The package, installed where nothing of this folder can be seen, serves and plays."""

import http.client
import re
import subprocess
import sys
import sysconfig
import threading
import venv
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bot import __version__
from bot.clock import SystemClock
from playground.office import SIGN_IN, free_port
from playground.slack import SlackStandIn
from tests.meta.tree import ROOT, files, relative
from tests.process import START_WITHIN, STOP_WITHIN, new_key
from tests.secrecy import KEY, SECRETS, SIGNING_SECRET, TOKEN

PACKAGES = ("bot", "storage", "playground")
MANIFEST = "playground/app_manifest.yml"
"""Copied from beside the packages: the playground's Slack grants what it asks for."""
URL = re.compile(r"http://127\.0\.0\.1:\d+\S*")
SERVES = re.compile(r"serving on port \d+")


@dataclass(frozen=True, kw_only=True)
class Installed:
    """An environment with the package in it, and the installed libraries within its reach."""

    folder: Path

    @property
    def rekey(self) -> Path:
        return self.folder / "bin" / "rekey"

    def environment(self, settings: dict[str, str]) -> dict[str, str]:
        # a path given so is searched for libraries alone: our own source, which is installed
        # there by a .pth file, is not found
        return {"PYTHONPATH": sysconfig.get_path("purelib"), "NO_COLOR": "1", **settings}

    def run(self, *arguments: str, settings: dict[str, str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603  # our own program, with arguments of the test
            [self.rekey, *arguments],
            cwd=self.folder,
            env=self.environment(settings),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=START_WITHIN,
            check=False,
        )

    @contextmanager
    def running(
        self, *arguments: str, settings: dict[str, str], until: re.Pattern[str]
    ) -> Iterator[list[str]]:
        """Run it until it has said that; it must end well, and in time, when it is told to."""
        with subprocess.Popen(  # noqa: S603  # as above
            [self.rekey, *arguments],
            cwd=self.folder,
            env=self.environment(settings),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            late = threading.Timer(START_WITHIN, process.kill)
            late.start()
            try:
                assert process.stdout is not None
                said = []
                for line in process.stdout:
                    said.append(line)
                    if until.search(line):
                        break
                late.cancel()
                assert said
                assert until.search(said[-1]), "".join(said)
                yield said
                process.terminate()
                process.communicate(timeout=STOP_WITHIN)
                assert process.returncode == 0
            finally:
                late.cancel()
                process.kill()


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("installed")
    _quietly("-m", "hatchling", "build", "-t", "wheel", "-d", str(folder))
    (wheel,) = folder.glob("*.whl")
    venv.create(folder)
    python = str(folder / "bin" / "python")
    _quietly("-m", "pip", "--python", python, "install", "--no-deps", "--no-index", str(wheel))
    return Installed(folder=folder)


def _quietly(*arguments: str) -> None:
    ended = subprocess.run(  # noqa: S603  # our own interpreter, with arguments of this file
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr


def _page(url: str) -> str:
    parts = urlsplit(url)
    assert parts.hostname is not None
    with closing(http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)) as there:
        there.request("GET", parts.path)
        answer = there.getresponse()
        assert answer.status == 200
        return answer.read().decode()


def _settings_of(slack: SlackStandIn, folder: Path) -> dict[str, str]:
    key = new_key()
    SECRETS.add(KEY, key)
    SECRETS.add(TOKEN, slack.bot_token)
    SECRETS.add(SIGNING_SECRET, slack.signing_secret)
    return {
        "SLACK_API_URL": slack.api_url,
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_SIGNING_SECRET": slack.signing_secret,
        "REKEY_DATABASE_URL": f"sqlite:///{folder}/rekey.db",
        "REKEY_SECRET_KEYS": key,
    }


def test_it_holds_every_file_of_the_packages(installed: Installed) -> None:
    (wheel,) = installed.folder.glob("*.whl")
    assert wheel.name == f"rekey_bot-{__version__}-py3-none-any.whl"
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert packed == {relative(path) for path in files(*PACKAGES)} | {MANIFEST}


def test_it_is_not_this_folder_that_runs(installed: Installed) -> None:
    ended = subprocess.run(  # noqa: S603  # an interpreter that the test has made
        [installed.folder / "bin" / "python", "-c", "import bot; print(bot.__file__)"],
        cwd=installed.folder,
        env=installed.environment({}),
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(ended.stdout).is_relative_to(installed.folder)


def test_the_playground_serves_its_page_and_the_portal_s(installed: Installed) -> None:
    everything = re.compile("Ctrl-C ends it")
    with installed.running("playground", settings={"COLUMNS": "88"}, until=everything) as said:
        urls = [url for line in said for url in URL.findall(line)]
        assert '<script type="module" src="/static/main.js">' in _page(urls[0])
        assert "api.screen" in _page(f"{urls[0]}static/main.js")
        (portal,) = [url for url in urls if url.endswith(SIGN_IN)]
        assert "<h1>Sign in</h1>" in _page(portal)
        assert ":focus-visible" in _page(portal.replace(SIGN_IN, "/portal/static/portal.css"))


def test_serve_and_doctor_need_nothing_else(installed: Installed, tmp_path: Path) -> None:
    with SlackStandIn(clock=SystemClock()) as slack:
        settings = _settings_of(slack, tmp_path)
        port = free_port()
        settings |= {
            "REKEY_LISTEN": f"127.0.0.1:{port}",
            "REKEY_PUBLIC_URL": f"http://127.0.0.1:{port}",
        }
        with installed.running("serve", settings=settings, until=SERVES):
            assert "<h1>Sign in</h1>" in _page(f"http://127.0.0.1:{port}{SIGN_IN}")
        checked = installed.run("doctor", settings=settings)
        assert "ok   database: migrated" in checked.stdout.splitlines()
        assert "ok   scopes: all that are needed" in checked.stdout.splitlines()
        assert checked.stderr == ""
