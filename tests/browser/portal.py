"""What a person does at the Portal's pages."""

import re

from playwright.sync_api import Page, expect

from playground.office import SIGN_IN, Office
from playground.people import BY_HANDLE
from tests.secrecy import PASSWORD as SECRET_PASSWORD
from tests.secrecy import SECRETS

PROVE = "Prove that it is you"
CONFIGURE = "Configure your two-factor authentication"
HOME = "You are signed in"
PASSWORD = "Change your password"


class Portal:
    """One tab with the Portal in it."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def open(self, office: Office, path: str = SIGN_IN) -> None:
        self.page.goto(f"{office.url}{path}")

    def change_password(self, current: str, new: str, again: str) -> None:
        """Fill in the form that changes it, and send it."""
        SECRETS.add(SECRET_PASSWORD, current, new, again)
        self.page.get_by_label("Current password").fill(current)
        self.page.get_by_label("New password", exact=True).fill(new)
        self.give("New password, again", again, "Change password")

    def sees(self, heading: str) -> None:
        """Wait for the page with that heading."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)

    def sign_in(self, handle: str, *, password: str | None = None) -> None:
        """Give the user name and the password."""
        given = BY_HANDLE[handle].password if password is None else password
        SECRETS.add(SECRET_PASSWORD, given)
        self.page.get_by_label("User name").fill(handle)
        self.give("Password", given, "Sign in")

    def give(self, field: str, text: str, button: str) -> None:
        """Fill one field in, press the button, and wait for the page that answers."""
        self.page.get_by_label(field, exact=True).fill(text)
        with self.page.expect_navigation():  # a page that is refused again looks like the last
            self.page.get_by_role("button", name=button, exact=True).click()

    def refuses(self, field: str, words: str) -> None:
        """See that the field is marked, and described by these words."""
        wrong = self.page.get_by_label(field, exact=True)
        expect(wrong).to_have_attribute("aria-invalid", "true")
        expect(wrong).to_have_accessible_description(_containing(words))
        expect(self.page.get_by_role("alert")).to_contain_text(words)
        expect(wrong).to_be_focused()


def _containing(words: str) -> re.Pattern[str]:
    return re.compile(re.escape(words))
