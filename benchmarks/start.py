"""How long `rekey serve` takes from its first import until it is ready, and what it then holds.

The least that counts, of several starts, on a database that is migrated already.

    python -m benchmarks.start
"""

import base64
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path

STARTS = 7
READY_BUDGET = 0.600
"""Seconds from the first import to a built program."""
MEMORY_BUDGET = 75.0
"""MiB that are resident once it is built and idle."""

_BEGIN = """
from time import perf_counter
began = perf_counter()
import os
from bot.server.loading import loading
with loading():
    from bot.server.program import build
    from bot.server.serving import Server
    from bot.settings.settings import settings_of
server = Server(build(settings_of(dict(os.environ))))
took = perf_counter() - began
with open("/proc/self/status") as status:
    resident = next(line.split()[1] for line in status if line.startswith("VmRSS"))
print(took, int(resident) / 1024)
"""

_LIBRARIES = """
from time import perf_counter
began = perf_counter()
from bot.server.loading import loading
with loading():
    import apscheduler.schedulers.background, flask, prometheus_client, pydantic
    import slack_bolt, sqlalchemy, structlog, waitress.server
took = perf_counter() - began
with open("/proc/self/status") as status:
    resident = next(line.split()[1] for line in status if line.startswith("VmRSS"))
print(took, int(resident) / 1024)
"""
"""What no start can do without."""


def start(folder: Path, code: str = _BEGIN) -> tuple[float, float]:
    """Run it in a process of its own; return the seconds it took and the MiB it has."""
    environment = {
        "SLACK_BOT_TOKEN": "xoxb-benchmark",
        "SLACK_SIGNING_SECRET": secrets.token_hex(16),
        "SLACK_API_URL": "http://127.0.0.1:9/api/",
        "REKEY_SECRET_KEYS": base64.b64encode(secrets.token_bytes(32)).decode(),
        "REKEY_DATABASE_URL": f"sqlite:///{folder}/rekey.db",
        "REKEY_LISTEN": "127.0.0.1:0",
    }
    ended = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    took, resident = ended.stdout.split()
    return float(took), float(resident)


def main() -> int:
    """Print both figures; return 1 where one is over its budget."""
    with tempfile.TemporaryDirectory() as name:
        start(Path(name))  # migrates
        pairs = [(start(Path(name)), start(Path(name), _LIBRARIES)) for _ in range(STARTS)]
    took, resident = (min(figures) for figures in zip(*(whole for whole, _ in pairs), strict=True))
    bare, held = (min(figures) for figures in zip(*(least for _, least in pairs), strict=True))
    print(f"import to ready  {took * 1000:5.0f} ms, budget {READY_BUDGET * 1000:.0f} ms")
    print(f"resident, idle   {resident:5.0f} MiB, budget {MEMORY_BUDGET:.0f} MiB")
    print(f"the libraries alone  {bare * 1000:.0f} ms, {held:.0f} MiB")
    return int(took > READY_BUDGET or resident > MEMORY_BUDGET)


if __name__ == "__main__":
    sys.exit(main())
