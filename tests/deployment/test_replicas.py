"""Several replicas on one PostgreSQL: any of them serves any step, and keys rotate beneath them."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from playground.slack.courier import SOCKET_MODE
from tests.faults.site import COMPLETED, WAIT, Site, until
from tests.process import Served, new_key


class Replicas:
    """Two of them; each is ended and started again by itself."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._running = [ExitStack(), ExitStack()]
        self.served: list[Served] = []

    def start(self) -> None:
        for stack in self._running:
            self.served.append(stack.enter_context(self._site.served()))

    def restart_each(self, keys: Sequence[str]) -> Iterator[None]:
        """Restart one after the other with these keys, yielding after each."""
        self._site.machine.settings["REKEY_SECRET_KEYS"] = ",".join(keys)
        for number, stack in enumerate(self._running):
            stack.close()
            self.served[number] = stack.enter_context(self._site.served())
            yield

    def stop(self) -> None:
        for stack in self._running:
            stack.close()


@contextmanager
def two_replicas(site: Site) -> Iterator[Replicas]:
    replicas = Replicas(site)
    try:
        replicas.start()
        yield replicas
    finally:
        replicas.stop()


def reset_by_both(site: Site, replicas: Replicas, admin: str, subscriber: str) -> None:
    """Have one replica take the command and Yes, the other the code."""
    first, second = replicas.served
    site.deliver_to(first)
    assert site.type(admin, subscriber).ok
    site.deliver_to(second)
    before = {m.ts for m in site.slack_of(admin).ephemerals}
    delivery = site.submit_code(admin)
    assert delivery.ok, delivery.errors
    site.deliver_to(first)
    assert site.yes(admin, site.question(admin, but=before)).ok
    site.wait_until_told(subscriber, COMPLETED)


def test_keys_rotate_while_people_go_on(postgresql_site: Site) -> None:
    site, new = postgresql_site, new_key()
    old = site.machine.settings["REKEY_SECRET_KEYS"]
    turns = iter(
        [
            ("alice", "bob"),
            ("alan", "beth"),
            ("carol", "bill"),
            ("alice", "bree"),
            ("alan", "bart"),
            ("carol", "bob"),
        ]
    )
    with two_replicas(site) as replicas:
        for keys in ([old, new], [new, old]):
            for _ in replicas.restart_each(keys):
                reset_by_both(site, replicas, *next(turns))
        told = site.machine.done("keys", "rotate")
        assert "encrypted anew" in told
        for _ in replicas.restart_each([new]):
            reset_by_both(site, replicas, *next(turns))
        until(lambda: site.pending() == 0)
    site.machine.done("audit", "verify")
    assert "ok   keys: they decrypt what is stored" in site.machine.rekey("doctor").stdout


def test_in_socket_mode_the_one_that_is_left_takes_over(postgresql_site: Site) -> None:
    site, slack = postgresql_site, postgresql_site.slack
    site.machine.settings["SLACK_APP_TOKEN"] = slack.app_token
    with site.served() as first:
        slack.wait_for(lambda: slack.connections == 1, timeout=WAIT)
        with site.served():
            slack.wait_for(lambda: slack.connections == 2, timeout=WAIT)
            slack.deliver_to = SOCKET_MODE
            blocks = [("alice", site.request("alice", "bob"))]
            blocks.append(("alan", site.request("alan", "beth")))
            first.terminate()
            assert first.wait(WAIT) == 0
            slack.wait_for(lambda: slack.connections == 1, timeout=WAIT)
            for admin, block in blocks:
                assert site.yes(admin, block).ok
            for name in ("bob", "beth"):
                site.wait_until_told(name, COMPLETED)
            until(lambda: site.pending() == 0)
    assert [len(site.told(name, COMPLETED)) for name in ("bob", "beth")] == [1, 1]
