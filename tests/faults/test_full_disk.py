"""A disk that is full: said, nothing half-done, and it goes on once there is room again."""

import resource

from tests.faults.site import COMPLETED, Site, ready_page, until
from tests.office import Browser
from tests.process import Served

SENTENCE = "Nothing was changed. Try again in a minute."


def fill_disk(site: Site, served: Served) -> None:
    """Let the process write no file beyond where the database's log ends by now."""
    log = site.machine.database.with_name(f"{site.machine.database.name}-wal")
    _, hard = resource.prlimit(served.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(served.pid, resource.RLIMIT_FSIZE, (log.stat().st_size, hard))


def make_room(served: Served) -> None:
    _, hard = resource.prlimit(served.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(served.pid, resource.RLIMIT_FSIZE, (hard, hard))


def test_it_is_said_and_all_goes_on_without_a_restart(site: Site) -> None:
    site.machine.settings["REKEY_SWEEP_EVERY"] = "PT1H"
    with site.served() as served:
        waiting = site.request("alice", "bob")
        assert site.type("alan", "beth").ok
        until(lambda: site.pending() == 0)
        records = site.records()
        fill_disk(site, served)

        alice = site.slack_of("alice")
        before = len(alice.ephemerals)
        clicked = site.yes("alice", waiting)
        submitted = site.submit_code("alan")
        assert [clicked.status, submitted.status] == [200, 200]
        assert SENTENCE in submitted.errors["code"]
        assert SENTENCE in alice.ephemerals[before].text
        until(lambda: ready_page(served) == (503, "The database cannot be used."))
        assert Browser(served.url).open("/healthz").status == 200
        assert site.records() == records
        assert [site.state("bob"), site.state("beth")] == ["awaiting_confirmation", None]

        make_room(served)
        until(lambda: ready_page(served) == (200, "ready"))
        assert site.yes("alice", waiting).ok
        assert site.submit_code("alan").ok
        assert site.yes("alan", site.question("alan")).ok
        for name in ("bob", "beth"):
            site.wait_until_told(name, COMPLETED)
        until(lambda: site.pending() == 0)
    site.machine.done("audit", "verify")
