"""What the page does when answers come late, or in another order than they were asked for."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, Route, expect

from tests.browser.desk import Desk

Release = Callable[[], None]


def hold(page: Page, address: str | re.Pattern[str], *, answered: bool = False) -> Release:
    """Hold the next request to that address, or its answer; return what lets it go."""
    held: list[Callable[[], None]] = []

    def keep(route: Route) -> None:
        if answered:
            answer = route.fetch()
            held.append(lambda: route.fulfill(response=answer))
        else:
            held.append(route.continue_)

    def release() -> None:
        (let_go,) = held
        let_go()

    page.route(address, keep, times=1)
    return release


def test_what_was_sent_leaves_its_own_field_alone(desk: Desk) -> None:
    send = desk.page.get_by_role("button", name="Send")
    release = hold(desk.page, "**/api/acts/send")
    desk.say("hello")
    expect(send).to_have_attribute("aria-busy", "true")
    desk.act_as("Bob Brown")
    desk.composer.fill("hello")
    release()
    expect(desk.message("hello")).to_be_visible()
    expect(send).not_to_have_attribute("aria-busy", "true")
    expect(desk.composer).to_have_value("hello")
    desk.act_as("Alice Archer")
    expect(desk.composer).to_have_value("")


def test_home_is_asked_for_though_that_of_somebody_else_is_on_its_way(desk: Desk) -> None:
    release = hold(desk.page, "**/api/acts/open_home")
    desk.look_at("Home")
    desk.act_as("Alan Ames", "Home")
    expect(desk.panel.get_by_role("button", name="Ask for a reset")).to_be_visible()
    release()


def test_of_two_people_chosen_the_last_one_acts(desk: Desk) -> None:
    people = desk.page.get_by_role("navigation", name="Act as")
    release = hold(desk.page, re.compile(r"/api/screen\?as=bob$"))
    people.get_by_role("button", name="Bob Brown").click()
    people.get_by_role("button", name="Carol Cole").click()
    carol = desk.page.get_by_role("main", name="Slack, as Carol")
    expect(carol).to_be_visible()
    with desk.page.expect_response(re.compile(r"\?as=bob$")) as late:
        release()
    late.value.finished()
    desk.page.evaluate("fetch('/api/office').then((answer) => answer.json())")
    expect(carol).to_be_visible()


def test_what_is_looked_at_counts_as_read_though_another_was_reading(desk: Desk) -> None:
    desk.reset_bob()
    people = desk.page.get_by_role("navigation", name="Act as")
    bob, alice = (people.get_by_role("button", name=name) for name in ("Bob", "Alice"))
    expect(bob).to_contain_text("1 unread")
    expect(alice).to_contain_text("1 unread")
    release = hold(desk.page, "**/api/acts/read", answered=True)
    desk.act_as("Bob Brown", "DM with Rekey")
    desk.act_as("Alice Archer", "DM with Rekey")
    expect(bob).not_to_contain_text("unread")
    expect(alice).to_contain_text("1 unread")
    _hear_no_more(desk.page)  # the next screen would put it right by itself
    release()
    expect(alice).not_to_contain_text("unread")


def _hear_no_more(page: Page) -> None:
    """Have the page ask for changes anew, and never answer it."""
    page.route(re.compile("[?&]seen="), lambda _: None)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
