"""A program that dies on cue and is started again, and the browsers that find it then."""

import re
import signal
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

from playground.slack import SlackStandIn
from tests.crash.guards import Guard
from tests.crash.launch import REACHED, At
from tests.crash.running import KILLED, Ended, Nursery, Running
from tests.office import Browser

STOPS_WITHIN = 15.0
"""Seconds from SIGTERM to the end (the contract); what is under way has ten of them."""
HOME = "203.0.113.9"
"""Where somebody sits at their own browser."""

_PORT = re.compile(r"serving on port (\d+)")


class Program:
    """One machine's `rekey serve`; it dies at each of `cues` in turn."""

    def __init__(
        self, folder: Path, *, slack: SlackStandIn, nursery: Nursery, settings: Mapping[str, str]
    ) -> None:
        self.folder = folder
        self.slack = slack
        self.settings = dict(settings)
        self.cues: list[At] = []
        self.without: Guard | None = None
        self.died: list[At] = []
        self.ended: list[Ended] = []
        self._nursery = nursery
        self._clock = timedelta(0)
        self._running: Running | None = None
        self._url = ""
        self._browsers: list[Browser] = []

    def start(self) -> None:
        """Serve; where the process dies before it listens, once more."""
        while True:
            self._running = self._spawn("serve", cues=True)
            url = self._url_of(self._running)
            if url is not None:
                self._listens_at(url)
                return
            self._note_end()

    def stop(self) -> None:
        """End the process by SIGTERM: it must end well, and in time."""
        assert self._running is not None
        self._running.signal(signal.SIGTERM)
        self._note_end(asked=True)

    def abandon(self) -> None:
        """Kill what still runs, after a test that failed."""
        if self._running is not None:
            self._running.kill()

    def rekey(self, *arguments: str, typed: str = "", cue: At | None = None) -> Ended:
        """Run another command of the program to its end, which may be the cue."""
        words = ["--at", str(cue)] if cue else []
        return self._spawn(*arguments, words=words, typed=typed).end()

    def change_settings(self, **settings: str) -> None:
        """Stop, and start again with other settings."""
        self.stop()
        self.settings |= settings
        self.start()

    def browser(self, *, address: str = HOME) -> Browser:
        """Return a new browser at that address; it finds the program wherever that listens."""
        self._browsers.append(Browser(self._url, headers={"X-Forwarded-For": address}))
        return self._browsers[-1]

    def _url_of(self, running: Running) -> str | None:
        """Return where the process listens, once it does; `None` where it ends first."""
        self._look(running, lambda log: _PORT.search(log) is not None)
        found = _PORT.search(running.log)
        return f"http://127.0.0.1:{found[1]}" if found else None

    def _listens_at(self, url: str) -> None:
        self._url = url
        self.slack.deliver_to = f"{url}/slack/events"
        for browser in self._browsers:
            browser.find(url)

    def _spawn(
        self, *arguments: str, words: list[str] | None = None, typed: str = "", cues: bool = False
    ) -> Running:
        told = ["--clock", str(int(self._clock.total_seconds())), *(words or [])]
        if cues and self.cues:
            told += ["--at", str(self.cues[0])]
        if self.without is not None:
            told += ["--without", self.without]
        return self._nursery.start(
            [*told, "--", *arguments],
            folder=self.folder,
            settings=self.settings,
            on_change=self.slack.workspace.changed,
            typed=typed,
        )

    def _note_end(self, *, asked: bool = False) -> None:
        """See how the process ended: on cue, by its signal, or, if `asked`, well."""
        assert self._running is not None
        ended = self._running.end()
        self.ended.append(ended)
        self._running = None
        code = 0
        if self.cues and self._was_on_cue(ended):
            self.died.append(self.cues.pop(0))
            code = KILLED if self.died[-1].by is signal.SIGKILL else 0
        else:
            assert asked, ended.log
        assert ended.code == code, ended.log
        assert code == KILLED or ended.took <= STOPS_WITHIN, ended.log

    def _was_on_cue(self, ended: Ended) -> bool:
        cue = self.cues[0]
        return ended.log.count(f"{REACHED}{cue.step} {cue.when}\n") >= cue.nth

    @property
    def _has_died(self) -> bool:
        return self._running is not None and self._running.has_ended

    def _look(self, running: Running, seen: Callable[[str], bool]) -> None:
        """Wait until that is seen in the log, or the process ends."""
        self.slack.wait_for(lambda: seen(running.log) or running.has_ended, timeout=60)
