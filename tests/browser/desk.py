"""What a person does at the playground's page, by clicks and keys, in the words of the page."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.secrecy import CODE, SECRETS

_CODE = re.compile(r"^\d{6}$")
_SET_UP_CODE = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b")


class Desk:
    """The page: Slack as the person who acts, their phone, the clock, the way to the Portal."""

    def __init__(self, page: Page) -> None:
        self.page = page

    # -- what is there

    @property
    def panel(self) -> Locator:
        """What the chosen tab shows."""
        return self.page.get_by_role("tabpanel")

    @property
    def modal(self) -> Locator:
        return self.page.get_by_role("dialog")

    @property
    def composer(self) -> Locator:
        return self.page.get_by_role("combobox", name="Message #help-desk")

    @property
    def messages(self) -> Locator:
        """The messages of the place, oldest first."""
        return self.panel.get_by_role("article")

    def message(self, words: str | re.Pattern[str]) -> Locator:
        """Return the newest message that says this."""
        return self.messages.filter(has_text=words).last

    @property
    def yes(self) -> Locator:
        """The button of the question that waits, which comes after the modal has closed."""
        return self.messages.get_by_role("button", name="Yes", exact=True)

    @property
    def waiting_sign_in(self) -> Locator:
        """The button of the newest message about a sign-in that waits."""
        waits = self.message("A sign-in waits")
        return waits.get_by_role("button", name="Show the set-up code")

    # -- what is done

    def act_as(self, name: str, place: str = "#help-desk") -> None:
        people = self.page.get_by_role("navigation", name="Act as")
        folded = self.page.get_by_role("button", name=re.compile("^Act as: "))
        if folded.is_visible() and folded.get_attribute("aria-expanded") == "false":
            folded.click()
        people.get_by_role("button", name=re.compile(f"^{name}")).click()
        expect(self.page.get_by_role("main", name=f"Slack, as {name}")).to_be_visible()
        self.look_at(place)

    def look_at(self, place: str) -> None:
        tab = self.page.get_by_role("tab", name=re.compile(f"^{re.escape(place)}"))
        tab.click()
        expect(tab).to_have_attribute("aria-selected", "true")

    def say(self, line: str) -> None:
        """Type into the composer and send it, suggestions or not.

        One line at a time: while one is under way the page sends no other, and empties the field
        once it has left.
        """
        send = self.page.get_by_role("button", name="Send")
        expect(send).not_to_have_attribute("aria-busy", "true")
        self.composer.fill(line)
        send.click()

    def ask(self, who: str = "bob", why: str = "lost phone") -> None:
        """Ask for a reset by the command, and wait for the modal."""
        self.say(f"/reset-2fa @{who} {why}")
        expect(self.modal).to_be_visible()

    def fill_in(self, code: str | None = None) -> None:
        """Fill the code modal in, with the phone's code unless another is given, and send it."""
        self.modal.get_by_label(re.compile("^On a video call")).check()
        self.modal.get_by_label("Your own code").fill(code or self.code())
        self.send_modal()

    def send_modal(self, button: str = "Continue") -> None:
        """Press the button, and wait until the bot has answered.

        What came of it may be seen before; but a second press would not count until then.
        """
        self.modal.get_by_role("button", name=button, exact=True).click()
        expect(self.modal.locator("[aria-busy=true]")).to_have_count(0)

    def code(self) -> str:
        """Read the newest entry's code off the phone."""
        shown = self.page.get_by_role("region", name="Authenticator").locator("output").last
        expect(shown).to_have_attribute("data-code", _CODE)
        code = shown.get_attribute("data-code")
        assert code is not None
        SECRETS.add(CODE, code)
        return code

    def new_code(self) -> str:
        """Read the code of the entry that was just scanned, once it is there."""
        phone = self.page.get_by_role("region", name="Authenticator")
        expect(phone.get_by_text("New", exact=True)).to_be_visible()
        return self.code()

    def set_up_code(self) -> str:
        """Let the newest message show the set-up code of the sign-in that waits."""
        self.waiting_sign_in.click()
        code = self.shown_set_up_code()
        self.modal.get_by_role("button", name="Close all").click()
        expect(self.modal).to_be_hidden()
        return code

    def shown_set_up_code(self) -> str:
        """Read the set-up code off the modal."""
        expect(self.modal).to_contain_text(_SET_UP_CODE, use_inner_text=True)
        (code,) = SECRETS.add_set_up_codes(self.modal.inner_text())
        return code

    def reset_bob(self) -> None:
        """Reset Bob's 2FA as Alice, whom the page begins with, up to the outcome."""
        self.ask()
        self.fill_in()
        expect(self.modal).to_be_hidden()
        self.yes.click()
        expect(self.messages.last).to_contain_text("was reset")

    def suspend_bob(self) -> None:
        """Have Bob say that a reset was not his."""
        self.reset_bob()
        self.act_as("Bob Brown", "DM with Rekey")
        self.messages.last.get_by_role("button", name="This wasn't me").click()
        self.modal.get_by_role("button", name="Report it").click()
        expect(self.modal.get_by_role("button", name="Report it")).to_have_count(0)
        self.modal.get_by_role("button", name="Close all").click()
        expect(self.modal).to_be_hidden()

    def portal(self) -> Page:
        """Follow the link to the Portal, into a tab of its own."""
        with self.page.context.expect_page() as opened:
            self.page.get_by_role("link", name="Open the Portal's sign-in page").click()
        return opened.value
