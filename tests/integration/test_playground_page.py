"""The playground's page: what its endpoints show and do, and whom they refuse."""

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from werkzeug.test import TestResponse

from bot.domain.set_up.first_codes import add_pending
from playground.clock import PlaygroundClock
from playground.office import AUDIT, HELP_DESK, Office
from playground.page import PageServer
from playground.page.catalogue import usages
from playground.page.screen import Screens
from playground.page.web import create_page
from playground.people import BY_HANDLE, PEOPLE
from playground.slack import BOT_USER_ID, Message
from tests.fakes.sqlite import lay_database

PATIENCE = timedelta(seconds=60)
"""Whether Slack is answered in time is tested elsewhere; here a slow machine is no fault."""
PORT = 3999
"""Where the page believes to be; nothing listens there."""
ORIGIN = f"http://127.0.0.1:{PORT}"
WITHIN = 20
ROOT = Path(__file__).parents[2]
STATIC = ROOT / "playground" / "page" / "static"
URL = re.compile(r"http://[\w.]+:\d+/")
Json = dict[str, Any]


class Page:
    """The page's endpoints as its own scripts use them."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.screens = Screens(office)
        self._client = create_page(office, self.screens, port=PORT).test_client()

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> TestResponse:
        return self._client.get(path, base_url=ORIGIN, headers=headers, buffered=True)

    def post(
        self, path: str, body: object, headers: Mapping[str, str] | None = None
    ) -> TestResponse:
        sent = {"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"} if headers is None else headers
        return self._client.post(path, base_url=ORIGIN, json=body, headers=sent)

    def screen(self, handle: str) -> Json:
        found: Json = self.get(f"/api/screen?as={handle}").get_json()
        return found

    def act(self, handle: str, name: str, **fields: Any) -> Json:
        answer = self.post(f"/api/acts/{name}", {"as": handle, **fields})
        assert answer.status_code == 200, answer.text
        outcome: Json = answer.get_json()
        return outcome

    def send(self, handle: str, text: str, mentions: tuple[str, ...] = ()) -> Json:
        return self.act(handle, "send", place=HELP_DESK, text=text, mentions=list(mentions))

    def refusal(self, handle: str, name: str, **fields: Any) -> tuple[int, str]:
        answer = self.post(f"/api/acts/{name}", {"as": handle, **fields})
        return answer.status_code, answer.get_json()["error"]

    def code(self, handle: str) -> str:
        return str(self.screen(handle)["phone"][0]["codes"][0]["code"])

    def open_modal(self) -> Json:
        (modal,) = self.send("alice", "/reset-2fa @bob lost phone")["screen"]["modals"]
        return dict(modal)

    def reset_bob(self) -> None:
        values = {
            "proof": "video",
            "reason": "lost phone",
            "ticket": None,
            "code": self.code("alice"),
        }
        self.act("alice", "submit", view=self.open_modal()["id"], values=values)
        self.office.rekey.sender.drain()
        asked = messages(self.screen("alice"), HELP_DESK)[-1]
        self.act("alice", "click", place=HELP_DESK, message=asked["id"], action_id="reset_yes")
        self.office.rekey.sender.drain()


def place(screen: Json, name: str) -> Json:
    """Return the place with that id, or the `dm`."""
    (found,) = [p for p in screen["places"] if name in (p["id"], p["kind"])]
    return dict(found)


def messages(screen: Json, name: str) -> list[Json]:
    return list(place(screen, name)["messages"])


def words(shown: object) -> str:
    return json.dumps(shown)


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    for wait in ("bot.server.program._SEND_TIMEOUT", "bot.server.program._LOOK_UP_TIMEOUT"):
        monkeypatch.setattr(wait, PATIENCE.total_seconds())
    lay_database(tmp_path)
    clock = PlaygroundClock(stands_still=True)
    with Office(tmp_path, clock=clock, ack_within=PATIENCE) as office:
        yield office
        assert office.slack.violations == []


@pytest.fixture
def page(office: Office) -> Page:
    return Page(office)


# -- what it shows


def test_the_page_needs_nothing_but_its_own_files(page: Page) -> None:
    index = page.get("/")
    assert (index.status_code, index.mimetype) == (200, "text/html")
    named = re.findall(r'(?:src|href)="(/[^"#]*)"', index.text)
    imported = [
        f"/static/{name}"
        for script in STATIC.glob("*.js")
        for name in re.findall(r'from "\./([\w.]+)"', script.read_text("utf-8"))
    ]
    kinds = {str(page.get(path).mimetype).rpartition("/")[2] for path in {*named, *imported}}
    assert kinds == {"css", "svg+xml", "javascript"}
    assert "http" not in re.sub(r"http-equiv", "", index.text)


def test_no_script_makes_elements_from_text() -> None:
    markup = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|\bstyle=")
    found = [
        file.name for file in STATIC.iterdir() if markup.search(file.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_the_catalogue_names_who_can_act_and_what_can_be_typed(page: Page) -> None:
    office = page.get("/api/office").get_json()
    handles = [person["handle"] for person in office["people"]]
    assert handles == [p.handle for p in PEOPLE if p.handle not in {"dora", "robo"}]
    assert office["portal"] == f"{page.office.url}/portal/sign-in"
    assert office["channels"][HELP_DESK] == "help-desk"
    (bob,) = [person for person in office["people"] if person["handle"] == "bob"]
    assert bob["password"] == BY_HANDLE["bob"].password
    assert office["commands"] == [{"name": "/reset-2fa", "usages": usages()}]
    starts = [usage["start"] for usage in usages()]
    assert starts[:2] == ["/reset-2fa @", "/reset-2fa"]
    assert "/reset-2fa help" in starts
    assert all(usage["what"] for usage in usages())


def test_a_screen_shows_only_what_that_person_sees_until_it_is_reloaded(page: Page) -> None:
    page.send("alice", "hello")
    names = [p["name"] for p in page.screen("alice")["places"]]
    assert names == ["help-desk", "general", ""]
    assert AUDIT in [p["id"] for p in page.screen("carol")["places"]]
    page.send("alice", "/reset-2fa help")
    assert "Rekey resets" in words(messages(page.screen("alice"), HELP_DESK))
    assert "Rekey resets" not in words(page.screen("bob"))
    page.act("alice", "reload")
    assert "Rekey resets" not in words(page.screen("alice"))  # nor to anybody any more


def test_the_phone_shows_the_code_of_now_and_of_the_next_steps(page: Page) -> None:
    (entry,) = page.screen("alice")["phone"]
    assert entry["state"] == "active"
    assert entry["codes"][0]["code"] == page.office.code_of(BY_HANDLE["alice"])
    now = page.screen("alice")["clock"]["now"]
    assert [now < code["until"] for code in entry["codes"]] == [True] * 4
    assert entry["codes"][0]["until"] - now <= 30_000
    assert page.screen("erin")["phone"] == []
    assert page.screen("xavier")["phone"] == []


def test_a_secret_that_the_set_up_page_shows_counts_as_scanned(page: Page) -> None:
    page.reset_bob()
    assert page.screen("bob")["phone"] == []
    browser, bob = page.office.browser(), BY_HANDLE["bob"]
    browser.open("/portal/sign-in")
    browser.submit({"username": bob.handle, "password": bob.password})
    page.office.rekey.sender.drain()
    waiting = messages(page.screen("bob"), "dm")[-1]
    shown = page.act(
        "bob",
        "click",
        place=place(page.screen("bob"), "dm")["id"],
        message=waiting["id"],
        action_id="show_set_up_code",
    )["screen"]["modals"]
    (set_up_code,) = re.findall(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b", words(shown))
    browser.submit({"set_up_code": set_up_code})
    (entry,) = page.screen("bob")["phone"]
    assert entry["state"] == "pending"
    browser.submit({"code": entry["codes"][0]["code"]})
    assert [entry["state"] for entry in page.screen("bob")["phone"]] == ["active"]


# -- what is done there


def test_errors_stand_under_their_fields_and_the_modal_stays(page: Page) -> None:
    modal = page.open_modal()
    empty = page.act("alice", "submit", view=modal["id"], values={"reason": "lost phone"})
    assert set(empty["errors"]) == {"proof", "code"}
    values = {"proof": "video", "reason": "lost phone", "code": "12"}
    (shown,) = page.act("alice", "submit", view=modal["id"], values=values)["screen"]["modals"]
    assert set(shown["errors"]) == {"code"}
    assert shown["values"]["reason"]["value"]["value"] == "lost phone"


@pytest.mark.parametrize("how", ["close", "close_all"])
def test_a_modal_is_closed(page: Page, how: str) -> None:
    assert page.act("alice", how, view=page.open_modal()["id"])["screen"]["modals"] == []


def test_a_picked_name_is_a_mention_and_all_else_is_escaped(page: Page) -> None:
    bob = BY_HANDLE["bob"].slack_user
    page.send("alice", "@bob <!here> & @bobby", mentions=(bob, "U0NOBODY"))
    (said,) = messages(page.screen("bob"), HELP_DESK)
    assert said["text"] == "<@U0BOB|bob> &lt;!here&gt; &amp; @bobby"
    assert said["author"] == BY_HANDLE["alice"].slack_user
    outcome = page.send("alice", "/reset-2fa @bob R&D phone", mentions=(bob,))
    (modal,) = outcome["screen"]["modals"]
    assert "Bob Brown" in words(modal["blocks"])
    assert modal["values"]["reason"]["value"]["value"] == "R&D phone"


def test_a_command_that_does_not_reach_the_bot_is_told(page: Page) -> None:
    assert page.send("alice", "/dance")["problem"].startswith("/dance is not a valid command.")
    assert messages(page.screen("alice"), HELP_DESK) == []
    assert page.act("alice", "open_home")["problem"] is None
    page.office.slack.deliver_to = "http://127.0.0.1:9/"
    assert page.send("alice", "/reset-2fa help")["problem"].startswith("Slack could not reach")


def test_a_reset_is_told_to_both_and_reminded_of_once_the_clock_was_moved(page: Page) -> None:
    page.reset_bob()
    before = page.screen("bob")
    assert "The 2FA of Bob Brown was reset." in words(messages(page.screen("alice"), HELP_DESK))
    assert "Your 2FA was reset" in words(messages(before, "dm"))
    after = page.act("bob", "advance", by="1d")["screen"]
    assert "Your 2FA is still to be set up" in words(messages(after, "dm"))
    assert after["clock"]["now"] - before["clock"]["now"] == 86_400_000
    assert after["clock"]["ahead"] == 86_400


def test_what_is_unread_is_counted_until_it_is_looked_at(page: Page) -> None:
    page.reset_bob()
    bob = page.screen("bob")
    assert (bob["people"]["bob"], place(bob, "dm")["unread"]) == (1, 1)
    assert page.screen("alice")["people"]["bob"] == 1
    read = page.act("bob", "read", place=place(bob, "dm")["id"])["screen"]
    assert (read["people"]["bob"], place(read, "dm")["unread"]) == (0, 0)
    page.send("bob", "thanks")
    assert place(page.screen("bob"), HELP_DESK)["unread"] == 0
    assert place(page.screen("alice"), HELP_DESK)["unread"] == 2


# -- what cannot be done


GONE = "That cannot be done: that window is no longer open"
ELSEWHERE = "That cannot be done: that channel is not on this person's screen"


@pytest.mark.parametrize(
    ("name", "fields", "status", "why"),
    [
        ("send", {"place": AUDIT, "text": "hi"}, 409, ELSEWHERE),
        ("send", {"place": "C0NOWHERE", "text": "hi"}, 409, ELSEWHERE),
        ("send", {"place": "dm", "text": "hi"}, 409, "That cannot be done: Rekey reads nothing"),
        ("click", {"view": "V1", "action_id": "x"}, 409, GONE),
        ("submit", {"view": "V1"}, 409, GONE),
        ("close", {"view": "V1"}, 409, GONE),
        ("close_all", {"view": "V1"}, 409, GONE),
        ("submit", {"view": "home"}, 409, "That cannot be done: "),
        ("close", {"view": "home"}, 409, "That cannot be done: "),
        ("close_all", {"view": "home"}, 409, "That cannot be done: "),
        ("click", {"place": HELP_DESK, "message": "1.0", "action_id": "x"}, 409,
         "That cannot be done: that message is no longer on the screen"),
        ("shortcut", {"callback_id": "dance"}, 409,
         "That cannot be done: the app has no shortcut dance"),
        ("send", {"place": HELP_DESK}, 400, "The request must have a text “text”."),
        ("send", {"place": HELP_DESK, "text": "  "}, 400, "Write something first."),
        ("send", {"place": HELP_DESK, "text": "x", "mentions": "bob"}, 400, "The request's “ment"),
        ("send", {"place": 3, "text": "x"}, 400, "The request must have a text “place”."),
        ("advance", {"by": "soon"}, 400, "Say by how much"),
        ("advance", {"by": "31d"}, 400, "Say by how much"),
    ],
)  # fmt: skip
def test_what_slack_does_not_offer_and_what_is_misshapen_changes_nothing(
    page: Page, name: str, fields: Json, status: int, why: str
) -> None:
    home = {"type": "home", "blocks": [{"type": "divider"}]}
    shown = page.office.slack.acts.views.publish("U0ALICE", home, None)
    before = page.screen("alice")
    assert before["home"]["id"] == shown.id
    ids = {"dm": place(before, "dm")["id"], "home": shown.id}
    given = {key: ids.get(value, value) for key, value in fields.items()}
    refused, told = page.refusal("alice", name, **given)
    assert refused == status
    assert told.startswith(why)
    assert page.screen("alice")["version"] == before["version"]


@pytest.mark.parametrize("value", [True, {"a": 1}, [1], 1.5])
def test_a_value_that_no_element_takes_is_refused(page: Page, value: object) -> None:
    view = page.open_modal()["id"]
    assert page.refusal("alice", "submit", view=view, values={"code": value})[0] == 400
    fields = {"view": view, "block_id": "code", "action_id": "value", "value": value}
    assert page.refusal("alice", "choose", **fields)[0] == 400


def test_another_person_s_messages_and_windows_are_out_of_reach(page: Page) -> None:
    modal = page.open_modal()
    page.send("alice", "/reset-2fa help")
    message = messages(page.screen("alice"), HELP_DESK)[-1]["id"]
    assert page.refusal("bob", "close", view=modal["id"])[0] == 409
    seen = {"place": HELP_DESK, "message": message, "action_id": "reset_yes"}
    assert page.refusal("bob", "click", **seen)[0] == 409


def test_unknown_people_acts_and_addresses_are_not_found(page: Page) -> None:
    assert page.get("/api/screen?as=mallory").status_code == 404
    assert page.post("/api/acts/dance", {"as": "alice"}).status_code == 404
    assert page.post("/api/acts/send", {"as": "mallory"}).status_code == 404
    answer = page.get("/api/nothing")
    assert (answer.status_code, list(answer.get_json())) == (404, ["error"])


def _menu(page: Page) -> str:
    """Open a modal with a menu of external data, and return its id."""
    field: Json = {
        "type": "input",
        "block_id": "who",
        "label": {"type": "plain_text", "text": "Who"},
        "element": {"type": "external_select", "action_id": "value", "min_query_length": 2},
    }
    title: Json = {"type": "plain_text", "text": "Pick"}
    spec = {"type": "modal", "title": title, "submit": title, "blocks": [field]}
    trigger = page.office.slack.workspace.issue_trigger("U0ALICE")
    return page.office.slack.acts.views.open(trigger, spec).id


def test_a_menu_offers_what_the_bot_finds(page: Page) -> None:
    bob = {"text": {"type": "plain_text", "text": "Bob Brown"}, "value": "c-bob"}
    asked = []

    def answer(body: bytes, _headers: dict[str, str]) -> tuple[int, dict[str, str], str]:
        asked.append(json.loads(parse_qs(body.decode())["payload"][0])["value"])
        return 200, {"content-type": "application/json"}, json.dumps({"options": [bob]})

    page.office.slack.deliver_to = answer
    view = _menu(page)
    typed = {"as": "alice", "view": view, "block_id": "who"}
    assert page.post("/api/suggestions", {**typed, "query": "b"}).get_json() == {"options": []}
    assert page.post("/api/suggestions", {**typed, "query": "bo"}).get_json() == {"options": [bob]}
    assert asked == ["bo"]
    taken = {"view": view, "block_id": "who", "action_id": "value", "value": "c-bob"}
    (modal,) = page.act("alice", "choose", **taken)["screen"]["modals"]
    assert modal["values"]["who"]["value"]["selected_option"] == bob


def test_a_menu_that_is_not_there_is_refused(page: Page) -> None:
    view = _menu(page)
    for where in (
        {"view": view, "block_id": "what"},
        {"view": "V1", "block_id": "who"},
        {"place": HELP_DESK, "message": "1.0", "block_id": "who"},
        {"as": "bob", "view": view},
    ):
        answer = page.post("/api/suggestions", {"as": "alice", "query": "bo", **where})
        assert answer.status_code == 409


# -- who is refused


@pytest.mark.parametrize("host", ["rekey.example", "127.0.0.1:1", f"127.0.0.1.example:{PORT}", ""])
@pytest.mark.parametrize("path", ["/", "/api/office", "/static/main.js"])
def test_a_foreign_host_is_refused(page: Page, host: str, path: str) -> None:
    assert page.get(path, headers={"Host": host}).status_code == 403
    assert page.get(path, headers={"Host": f"localhost:{PORT}"}).status_code == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_what_another_page_asks_is_refused(page: Page, site: str) -> None:
    headers = {"Sec-Fetch-Site": site}
    assert page.get("/api/screen?as=alice", headers=headers).status_code == 403
    assert page.get("/static/main.js", headers=headers).status_code == 403
    assert page.get("/", headers=headers).status_code == 200  # a link may lead here


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "same-site", "Origin": ORIGIN},
        {"Sec-Fetch-Site": "cross-site", "Origin": ORIGIN},
        {"Origin": "null"},
        {"Origin": "http://rekey.example"},
        {"Origin": "http://127.0.0.1:3000", "Sec-Fetch-Site": "same-origin"},
    ],
)
def test_a_post_must_say_that_it_comes_from_the_page(page: Page, headers: dict[str, str]) -> None:
    said = {"as": "alice", "place": HELP_DESK, "text": "hi"}
    assert page.post("/api/acts/send", said, headers).status_code == 403
    assert page.post("/", said, headers).status_code == 403
    assert messages(page.screen("alice"), HELP_DESK) == []


def test_a_form_s_post_is_not_taken(page: Page) -> None:
    client = create_page(page.office, page.screens, port=PORT).test_client()
    answer = client.post(
        "/api/acts/send",
        base_url=ORIGIN,
        headers={"Origin": ORIGIN},
        data=json.dumps({"as": "alice", "place": HELP_DESK, "text": "hi"}),
        content_type="text/plain",
    )
    assert answer.status_code == 415
    listed = page.post("/api/acts/send", ["as", "alice"])
    assert (listed.status_code, listed.get_json()["error"]) == (
        400,
        "The request must be a JSON object.",
    )


@pytest.mark.parametrize("path", ["/", "/api/office", "/static/page.css", "/nothing"])
def test_every_answer_forbids_what_the_page_does_not_need(page: Page, path: str) -> None:
    headers = page.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'self';")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == ("no-store" if path == "/api/office" else "no-cache")
    assert "Access-Control-Allow-Origin" not in headers


# -- following what changes


def test_a_version_stays_until_something_changes(page: Page) -> None:
    first = page.screen("alice")
    again = page.screen("alice")
    assert again["version"] == first["version"]
    assert again["serial"] > first["serial"]
    waited = page.screens.after(BY_HANDLE["alice"], first["version"], wait=0.05)
    assert waited["version"] == first["version"]
    page.send("bob", "hello")
    assert page.screen("alice")["version"] != first["version"]


def test_who_waits_is_answered_when_a_message_comes(page: Page) -> None:
    version = page.screen("alice")["version"]
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(page.screens.after, BY_HANDLE["alice"], version, wait=WITHIN)
        page.office.person("bob").say("hello", channel=HELP_DESK)
        assert messages(waiting.result(WITHIN), HELP_DESK)[0]["text"] == "hello"


def test_who_waits_is_answered_when_the_portal_makes_a_secret(page: Page) -> None:
    erin = BY_HANDLE["erin"]
    version = page.screen("erin")["version"]
    with page.office.rekey.database.unit_of_work() as uow:
        contact = uow.contacts.by_email(erin.email)
        assert contact is not None
        add_pending(uow, contact.id, now=page.office.clock.now())
        uow.commit()
    screen = page.screens.after(erin, version, wait=WITHIN)
    assert screen["version"] != version
    assert [entry["state"] for entry in screen["phone"]] == ["pending"]


def test_not_more_wait_than_leave_threads_for_the_acts(page: Page) -> None:
    version = page.screen("alice")["version"]
    with ThreadPoolExecutor(6) as pool:
        waiting = [
            pool.submit(page.screens.after, BY_HANDLE["alice"], version, wait=WITHIN)
            for _ in range(6)
        ]
        assert any_done(waiting)
        page.screens.close()
        assert {wait.result(WITHIN)["version"] for wait in waiting} == {version}


def any_done(waiting: list[Any]) -> bool:
    done = threading.Event()
    for wait in waiting:
        wait.add_done_callback(lambda _: done.set())
    return done.wait(WITHIN / 4)


def test_only_the_newest_messages_are_shown(page: Page) -> None:
    workspace = page.office.slack.workspace
    for number in range(201):
        workspace.add_message(
            Message(
                ts=workspace.new_ts(),
                channel=HELP_DESK,
                text=str(number),
                blocks=[],
                author=BOT_USER_ID,
            )
        )
    shown = [message["text"] for message in messages(page.screen("bob"), HELP_DESK)]
    assert shown == [str(number) for number in range(1, 201)]


# -- serving


def test_it_is_served_on_loopback_alone(office: Office) -> None:
    with PageServer(office) as server:
        assert server.url == f"http://127.0.0.1:{server.port}/"
        status, index = _get(server, "/")
        assert (status, "Rekey" in index) == (200, True)
        with socket.socket() as elsewhere:
            elsewhere.settimeout(1)
            assert elsewhere.connect_ex(("127.0.0.2", server.port)) != 0


def test_the_playground_tells_the_page_s_address_first_and_serves_it() -> None:
    with subprocess.Popen(  # our own program
        [sys.executable, "-m", "bot", "playground"],
        env={**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", "COLUMNS": "80"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            (url,) = next(found for line in process.stdout if (found := URL.findall(line)))
            host, _, port = url.removeprefix("http://").rstrip("/").partition(":")
            with closing(http.client.HTTPConnection(host, int(port), timeout=WITHIN)) as page:
                page.request("GET", "/")
                assert "Rekey" in page.getresponse().read().decode()
            process.terminate()
            assert process.wait(WITHIN) == 0
        finally:
            process.kill()


def test_who_waits_at_its_end_is_let_go(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    waits = threading.Event()
    after = Screens.after

    def noticed(*args: Any, **kwargs: Any) -> Json:
        waits.set()
        return after(*args, **kwargs)

    monkeypatch.setattr(Screens, "after", noticed)
    with ThreadPoolExecutor() as pool:
        with PageServer(office) as server:
            version = json.loads(_get(server, "/api/screen?as=alice")[1])["version"]
            waiting = pool.submit(_get, server, f"/api/screen?as=alice&seen={version}")
            assert waits.wait(WITHIN)
        status, screen = waiting.result(WITHIN)
    assert (status, json.loads(screen)["version"]) == (200, version)


def _get(server: PageServer, path: str) -> tuple[int, str]:
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=WITHIN)) as page:
        page.request("GET", path)
        answer = page.getresponse()
        return answer.status, answer.read().decode()
