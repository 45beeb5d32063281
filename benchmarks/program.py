"""The whole program on a database of its own, and what Slack would send it and answer."""

import base64
import json
import secrets
from pathlib import Path
from urllib.parse import urlencode

from slack_bolt import App, BoltRequest
from slack_sdk import WebClient
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web import SlackResponse

from bot.clock import SystemClock
from bot.domain.model.cases import Case
from bot.domain.model.ids import CaseId, ContactId, new_id
from bot.domain.model.people import Role
from bot.domain.model.roster import ChangeKind, RosterChange, RosterContact
from bot.domain.ports.unit_of_work import UnitOfWork
from bot.server.program import Rekey, build
from bot.settings.settings import settings_of
from tests.fakes import ACME, NOON, TEAM, FixedClock, World, a_case, a_slack_identity, bind, seed

SIGNING_SECRET = secrets.token_hex(16)
TOKEN = "xoxb-benchmark"  # noqa: S105  # nobody's


def keep_slack_out() -> None:
    """From now on every call of Slack's Web API is answered at once, from here.

    What Slack takes is not ours.
    """
    WebClient.api_call = _answer  # type: ignore[assignment,method-assign]  # takes less than all


def _answer(client: WebClient, api_method: str, **sent: object) -> SlackResponse:
    asked = sent.get("params")
    user = str(asked.get("user")) if isinstance(asked, dict) else ""
    data = {
        "ok": True,
        "team_id": TEAM,
        "user_id": "U01REKEY",
        "bot_id": "B01REKEY",
        "user": {"id": user, "team_id": TEAM} if api_method == "users.info" else "rekey",
    }
    return SlackResponse(
        client=client,
        http_verb="POST",
        api_url=api_method,
        req_args={},
        data=data,
        headers={},
        status_code=200,
    )


def program(folder: Path) -> tuple[Rekey, World]:
    """Return the program as it would be served, with its sample people."""
    settings = {
        "SLACK_BOT_TOKEN": TOKEN,
        "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        "REKEY_SECRET_KEYS": base64.b64encode(secrets.token_bytes(32)).decode(),
        "REKEY_DATABASE_URL": f"sqlite:///{folder}/rekey.db",
        "REKEY_AUDIT_CHANNEL": "C01AUDIT",
        "REKEY_ALERT_AFTER": "999",  # Alice resets more people here than anybody should
    }
    rekey = build(settings_of(settings), clock=FixedClock())
    return rekey, seed(rekey.database.unit_of_work)


def bare_bolt() -> App:
    """Return Bolt as the program sets it up, with nothing attached."""
    return App(
        name="floor",
        client=WebClient(token=TOKEN),
        signing_secret=SIGNING_SECRET,
        process_before_response=True,
        token_verification_enabled=False,
    )


def hire(uow: UnitOfWork, name: str) -> ContactId:
    """Add a member of Acme who has an authenticator, and whom nobody has reset before."""
    contact = RosterContact(
        id=None,
        email=f"{name}@acme.example",
        username=name,
        name=name.title(),
        phone=None,
        manager=None,
        slack=a_slack_identity(f"U01{name.upper()}"),
        roles={ACME.id: Role.MEMBER},
    )
    change = RosterChange(kind=ChangeKind.CONTACT_ADDED, contact=contact)
    for _ in uow.roster.apply([change], now=NOON):
        pass
    hired = uow.contacts.by_username(name)
    if hired is None:
        raise LookupError(name)
    bind(uow, hired.id, "JBSWY3DPEHPK3PXP")
    return hired.id


def waiting_case(uow: UnitOfWork, world: World, subscriber_id: ContactId) -> Case:
    """Lay down what a Yes of Alice finds."""
    case = a_case(
        case_id=CaseId(new_id("case")), subscriber_id=subscriber_id, admin_id=world.alice.id
    )
    if not uow.cases.add(case):
        raise LookupError(subscriber_id)
    return case


def command(name: str) -> BoltRequest:
    """Return Alice's command about that person."""
    return signed(
        {
            "command": "/reset-2fa",
            "text": f"<@U01{name.upper()}>",
            "team_id": TEAM,
            "user_id": "U01ALICE",
            "trigger_id": "1.2.3",
            "response_url": "https://hooks.example/1",
        }
    )


def yes(case_id: str) -> BoltRequest:
    """Return Alice's Yes."""
    payload = {
        "type": "block_actions",
        "user": {"id": "U01ALICE", "team_id": TEAM},
        "team": {"id": TEAM},
        "response_url": "https://hooks.example/2",
        "actions": [
            {"type": "button", "action_id": "reset_yes", "block_id": "b", "value": case_id}
        ],
    }
    return signed({"payload": json.dumps(payload)})


def signed(form: dict[str, str] | str) -> BoltRequest:
    """Return a request with Slack's signature: a form, or JSON as it stands."""
    body = form if isinstance(form, str) else urlencode(form)
    kind = "json" if isinstance(form, str) else "x-www-form-urlencoded"
    timestamp = str(int(SystemClock().now().timestamp()))
    signature = SignatureVerifier(SIGNING_SECRET).generate_signature(timestamp=timestamp, body=body)
    return BoltRequest(
        body=body,
        headers={
            "content-type": f"application/{kind}",
            "x-slack-signature": signature or "",
            "x-slack-request-timestamp": timestamp,
        },
    )
