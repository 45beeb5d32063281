"""What one `rekey serve` takes: `python -m benchmarks.sizing`, on PostgreSQL if one is named.

Plays resets through the whole program, against the stand-in for Slack: command, code, Yes, all
messages sent, password, set-up code, first code.
"""

import os
import sys
import tempfile
from pathlib import Path
from time import process_time

from sqlalchemy import create_engine, func, select, text

from bot.clock import SystemClock
from bot.domain.model.people import Role
from playground.slack import SlackStandIn
from storage.passwords import ArgonPasswords
from storage.tables import metadata
from tests.fakes.postgresql import laid_database
from tests.faults.site import COMPLETED, MANIFEST, Site, cpu_seconds, until
from tests.postgresql import VARIABLE
from tests.process import Served

RESETS = 20


def resident(served: Served) -> float:
    """Return the MiB of memory that the process holds."""
    status = Path(f"/proc/{served.pid}/status").read_text("ascii")
    (line,) = [line for line in status.splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1]) / 1024


def rows(site: Site) -> dict[str, int]:
    """Return how many rows each table holds."""
    counted = {
        table.name: site.execute(select(func.count()).select_from(table))[0][0]
        for table in metadata.sorted_tables
    }
    return {name: int(number) for name, number in counted.items()}


def size(site: Site) -> int:
    """Return the bytes that the database takes."""
    engine = create_engine(site.url)
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            pages = connection.execute(text("PRAGMA page_count")).scalar_one()
            return int(pages) * int(connection.execute(text("PRAGMA page_size")).scalar_one())
        query = text("SELECT pg_database_size(current_database())")
        return int(connection.execute(query).scalar_one())


def measure(site: Site) -> list[str]:
    """Play the resets; return a line for each thing that was measured."""
    pairs = [(f"admin{n}", f"member{n}") for n in range(RESETS)]
    with site.served() as served:
        site.reset("admin0", "member0")
        site.wait_until_told("member0", COMPLETED)
        site.set_up(served, "member0")
        until(lambda: site.pending() == 0)
        idle, before = resident(served), (cpu_seconds(served), rows(site), size(site))
        for admin, member in pairs[1:]:
            site.reset(admin, member)
            site.wait_until_told(member, COMPLETED)
            site.set_up(served, member)
        until(lambda: site.pending() == 0)
        after = cpu_seconds(served), rows(site), size(site)
        busy = resident(served)
    times = RESETS - 1
    hashing = process_time()
    ArgonPasswords().hash("a password of some length")
    hashing = process_time() - hashing
    grown = {name: (after[1][name] - number) / times for name, number in before[1].items()}
    told = ", ".join(f"{name} {number:.1f}" for name, number in grown.items() if number)
    return [
        f"memory, after the first reset: {idle:.0f} MiB; after {RESETS}: {busy:.0f} MiB",
        f"processor, each reset and set-up: {(after[0] - before[0]) / times * 1000:.0f} ms",
        f"processor, each password, which the above leaves out: {hashing * 1000:.0f} ms",
        f"rows, each: {sum(grown.values()):.0f} ({told})",
        f"bytes, each: {(after[2] - before[2]) / times / 1024:.1f} KiB",
    ]


def main() -> None:
    """Measure, and print what was measured."""
    roles = {f"admin{n}": Role.ADMINISTRATOR for n in range(RESETS)} | {
        f"member{n}": Role.MEMBER for n in range(RESETS)
    }
    roles["carol"] = Role.OWNER
    with (
        tempfile.TemporaryDirectory() as folder,
        SlackStandIn(clock=SystemClock(), manifest=MANIFEST) as slack,
    ):
        server = os.environ.get(VARIABLE)
        if server is None:
            lines = measure(Site(Path(folder), slack, staff=roles))
        else:
            with laid_database(server) as url:
                lines = measure(Site(Path(folder), slack, url=url, staff=roles))
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
