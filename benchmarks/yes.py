"""`/reset-2fa` to its acknowledgement, and Yes to a durable commit, over the least it could cost.

The floor is a bare Bolt listener with one raw `sqlite3` transaction that writes as many rows, on
the same disk and with the same pragmas. Slack is not asked: what it takes is not ours.

    python -m benchmarks.yes
"""

import json
import secrets
import sqlite3
import statistics
import sys
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from time import perf_counter
from urllib.parse import urlencode

from slack_bolt import Ack, App, BoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient
from slack_sdk.signature import SignatureVerifier

from bot.clock import SystemClock
from bot.directories.embedded import EmbeddedDirectory
from bot.domain.alerts import Alerts
from bot.domain.asking import AskingService
from bot.domain.case import Case, CaseState
from bot.domain.deciding import DecidingService
from bot.domain.executing import Executor
from bot.domain.ids import CaseId
from bot.domain.ports import UnitOfWork
from bot.domain.replies import Replies
from bot.domain.reports import ReportService
from bot.domain.set_up import SetUpService
from bot.domain.standing import StandingService
from bot.handlers import Services, register_all
from storage.database import Database
from tests.fakes import FixedClock, World, a_case, bind, seed

ROUNDS = 200
BUDGET = 3.0
"""Times the floor; see the performance budgets in docs/explanation."""

SIGNING_SECRET = secrets.token_hex(16)
NOWHERE = "http://127.0.0.1:9/"  # nothing listens: no call leaves this machine
ROWS_OF_YES = 18
"""What one Yes writes: case, contact, authenticator, 6 records with details, head, 4 messages."""


def answer_nothing(*_: object, **__: object) -> None:
    """Stand in for Slack's answer, which nobody reads."""


def bolt() -> App:
    """Return an app that asks Slack for nothing."""

    def authorize(**_: object) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id="T01TEST", bot_token="xoxb-bench")  # noqa: S106  # nobody's

    return App(
        signing_secret=SIGNING_SECRET,
        authorize=authorize,
        client=WebClient(base_url=NOWHERE),
        process_before_response=True,
    )


def request(form: dict[str, str]) -> BoltRequest:
    """Return a signed request."""
    body = urlencode(form)
    timestamp = str(int(SystemClock().now().timestamp()))
    signature = SignatureVerifier(SIGNING_SECRET).generate_signature(timestamp=timestamp, body=body)
    return BoltRequest(
        body=body,
        headers={
            "content-type": "application/x-www-form-urlencoded",
            "x-slack-signature": signature or "",
            "x-slack-request-timestamp": timestamp,
        },
    )


def command() -> BoltRequest:
    """Return Alice's command about Bob."""
    return request(
        {
            "command": "/reset-2fa",
            "text": "<@U01BOB>",
            "team_id": "T01TEST",
            "user_id": "U01ALICE",
            "trigger_id": "1.2.3",
            "response_url": "https://hooks.example/1",
        }
    )


def click(case_id: str) -> BoltRequest:
    """Return Alice's Yes."""
    payload = {
        "type": "block_actions",
        "user": {"id": "U01ALICE", "team_id": "T01TEST"},
        "team": {"id": "T01TEST"},
        "response_url": "https://hooks.example/2",
        "actions": [
            {"type": "button", "action_id": "reset_yes", "block_id": "b", "value": case_id}
        ],
    }
    return request({"payload": json.dumps(payload)})


def rekey(folder: Path) -> tuple[App, Database, World]:
    """Return the program's own app, with its database and people."""
    clock = FixedClock()
    database = Database(f"sqlite:///{folder}/rekey.db", secret_keys=[secrets.token_bytes(32)])
    database.upgrade()
    world = seed(database.unit_of_work)
    workspace = world.workspace()

    def directory(uow: UnitOfWork) -> EmbeddedDirectory:
        return EmbeddedDirectory(uow, clock=clock)

    unit_of_work = database.unit_of_work
    standing = StandingService(unit_of_work=unit_of_work, workspace=workspace, directory=directory)
    alerts = Alerts(audit_channel="C1", alert_after=5)
    executor = Executor(
        directory=directory,
        remind_after=[timedelta(days=1)],
        alerts=alerts,
        audit_channel="C1",
    )
    services = Services(
        asking=AskingService(
            standing=standing,
            alerts=alerts,
            confirm_within=timedelta(days=1),
            unit_of_work=unit_of_work,
            clock=clock,
        ),
        deciding=DecidingService(
            standing=standing, executor=executor, unit_of_work=unit_of_work, clock=clock
        ),
        reports=ReportService(
            directory=directory, audit_channel=None, unit_of_work=unit_of_work, clock=clock
        ),
        set_up=SetUpService(
            directory=directory,
            workspace=workspace,
            pepper=b"",
            issuer="",
            unit_of_work=unit_of_work,
            clock=clock,
        ),
        replies=Replies(unit_of_work=unit_of_work, clock=clock),
        clock=clock,
        help_contact=None,
    )
    app = bolt()
    register_all(app, services)
    return app, database, world


def waiting_case(database: Database, world: World) -> Case:
    """Lay down what a Yes finds: an awaiting case, and an authenticator to invalidate."""
    case = a_case(
        case_id=CaseId(f"case_{secrets.token_hex(10)}"),
        subscriber_id=world.bob.id,
        admin_id=world.alice.id,
        state=CaseState.AWAITING_CONFIRMATION,
        confirm_by=FixedClock().now() + timedelta(days=1),
    )
    with database.unit_of_work() as uow:
        bind(uow, world.bob.id, "JBSWY3DPEHPK3PXP")
        uow.cases.add(case)
        uow.commit()
    return case


def floor(folder: Path, rows: int) -> tuple[App, sqlite3.Connection]:
    """Return an app that does the least for as many rows."""
    connection = sqlite3.connect(folder / "floor.db", isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("CREATE TABLE IF NOT EXISTS rows (id INTEGER PRIMARY KEY, text TEXT)")
    app = bolt()

    def listener(ack: Ack) -> None:
        connection.execute("BEGIN IMMEDIATE")
        for _ in range(rows):
            connection.execute("INSERT INTO rows (text) VALUES (?)", ("x" * 200,))
        connection.execute("SELECT * FROM rows ORDER BY id DESC LIMIT 20").fetchall()
        connection.execute("COMMIT")
        ack()

    app.command("/reset-2fa")(listener)
    app.action("reset_yes")(listener)
    return app, connection


def median(prepare: Callable[[], BoltRequest], app: App) -> float:
    """Return the median of the seconds that a request takes, the preparation left out."""
    times = []
    for _ in range(ROUNDS):
        asked = prepare()
        began = perf_counter()
        answer = app.dispatch(asked)
        times.append(perf_counter() - began)
        assert answer.status == 200
    return statistics.median(times)


def main() -> int:
    """Print both ratios; return 1 where one is over its budget."""
    WebClient.views_open = answer_nothing  # type: ignore[assignment]  # what Slack takes is not ours
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        app, database, world = rekey(folder)
        bare, connection = floor(folder, 1)
        asked = median(command, app) / median(command, bare)
        bare.dispatch(command())
        connection.close()
        bare, connection = floor(folder, ROWS_OF_YES)
        confirmed = median(lambda: click(waiting_case(database, world).id), app)
        confirmed /= median(lambda: click("case"), bare)
        connection.close()
        database.close()
    print(f"/reset-2fa to ack, over the floor   {asked:5.2f}   budget {BUDGET}")
    print(f"Yes to durable commit, over the floor {confirmed:5.2f}   budget {BUDGET}")
    return int(asked > BUDGET or confirmed > BUDGET)


if __name__ == "__main__":
    sys.exit(main())
