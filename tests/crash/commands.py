"""The operator's commands that the program is killed in, and what each leaves once it is done."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass

from bot.clock import SystemClock
from bot.domain.model.roster import ChangeKind, RosterChange
from bot.domain.proving import totp
from tests.crash.acts import reset, sign_in_to_set_up
from tests.crash.stage import Stage
from tests.process import App
from tests.secrecy import KEY, SECRETS, SHARED_SECRET

ALICE, BOB, DANA = (f"{name}@acme.example" for name in ("alice", "bob", "dana"))
REASON = ("--reason", "Asked for by telephone")
ROSTER = """\
accounts:
  - {id: initech, name: Initech, two_factor: required}
contacts:
  - email: erin@initech.example
    username: erin
    name: Erin Early
    roles: {initech: owner}
"""

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command: `ready` sees to what it needs, and returns what is typed.

    Done, it leaves a tag in the audit log that ends in `tag`, and somebody in Slack is told `told`.
    """

    name: str
    ready: Callable[[Stage], Words]
    tag: str
    told: str = "The operator"
    typed: str = ""

    def __str__(self) -> str:
        return self.name


def _import(stage: Stage) -> Words:
    (stage.folder / "roster.yaml").write_text(ROSTER)
    return ("people", "import", "roster.yaml")


def _bind(stage: Stage) -> Words:
    _done(stage, *_import(stage))
    stage.slack.add_person("U01ERIN", name="Erin Early", email="erin@initech.example")
    return ("people", "bind", "--yes")


def _replace(stage: Stage) -> Words:
    stage.slack.add_person("U02ALICE", name="Alice Archer-Ames", email=ALICE)
    return ("people", "bind", "--replace", ALICE, "--to", "U02ALICE", "--yes")


def _confirm(stage: Stage) -> Words:
    secret = json.loads(_done(stage, "enrol", DANA, "--json"))["secret"]
    SECRETS.add(SHARED_SECRET, secret)
    app = App(secret, last_step=totp.step_at(SystemClock().now()))  # a code that lives longest
    return ("enrol", DANA, "--confirm", app.code())


def _reinstate(stage: Stage) -> Words:
    _done(stage, "people", "suspend", BOB, *REASON)
    return ("people", "reinstate", BOB, *REASON)


def _forget(stage: Stage) -> Words:
    with stage.writing() as uow:
        leaver = uow.roster.read().contacts[BOB]
        change = RosterChange(kind=ChangeKind.CONTACT_REMOVED, contact=leaver)
        assert list(uow.roster.apply([change], now=SystemClock().now())) == [1]
        uow.commit()
    return ("people", "forget", BOB, "--yes")


def _set_up_code(stage: Stage) -> Words:
    stage.start()
    reset(stage, stage.world.alice)
    sign_in_to_set_up(stage)
    stage.settle()
    stage.stop()
    return ("set-up-code", BOB, *REASON)


def _rotate(stage: Stage) -> Words:
    new = base64.b64encode(b"n" * 32).decode()
    SECRETS.add(KEY, new)
    stage.settings["REKEY_SECRET_KEYS"] = f"{new},{stage.settings['REKEY_SECRET_KEYS']}"
    return ("keys", "rotate")


def _done(stage: Stage, *words: str) -> str:
    ended = stage.rekey(*words)
    assert ended.code == 0, ended.log
    return ended.out


IMPORT = Command(name="import", ready=_import, tag="operator:directory:imported")
BIND = Command(name="bind", ready=_bind, tag="operator:identity:bound", told="Slack account")
REPLACE = Command(
    name="replace", ready=_replace, tag="operator:identity:replaced", told="Slack account"
)
SET_PASSWORD = Command(
    name="set-password",
    ready=lambda _: ("people", "set-password", BOB, "--stdin", "--keep"),
    tag="operator:password:set",
    typed="another five words than before\n",
)
SUSPEND = Command(
    name="suspend",
    ready=lambda _: ("people", "suspend", BOB, *REASON),
    tag="operator:suspension:added",
)
REINSTATE = Command(
    name="reinstate", ready=_reinstate, tag="operator:suspension:lifted", told="Bob Brown"
)
FORGET = Command(name="forget", ready=_forget, tag="operator:contact:forgotten")
ENROL = Command(
    name="enrol",
    ready=lambda _: ("enrol", DANA, "--json"),
    tag="operator:enrolment:begun",
    told="",
)
CONFIRM = Command(
    name="enrol --confirm",
    ready=_confirm,
    tag="operator:authenticator:bound",
    told="An authenticator was added",
)
RESET = Command(
    name="reset",
    ready=lambda _: ("reset", BOB, *REASON, "--yes", "--force"),
    tag=":case:completed",
    told="Your 2FA was reset by the operator",
)
SET_UP_CODE = Command(
    name="set-up-code", ready=_set_up_code, tag="operator:set_up_code:handed_over"
)
ROTATE = Command(name="keys rotate", ready=_rotate, tag="operator:keys:rotated")
