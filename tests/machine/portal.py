"""What people do at the Portal, and with the set-up codes that they are shown in Slack."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from bot.domain.model.errors import SessionGone, SetUpCodeWrong
from bot.domain.model.people import SessionStage
from bot.domain.proving import totp
from tests.machine.draws import anybody, kinds_of_code, places, subscribers
from tests.machine.held import HeldMachine, other_than
from tests.machine.oracle import Browser, throttled

_WAITING = SessionStage.AWAITING_SET_UP_CODE
_NOBODYS = "ZZZZ-ZZZ0"


class PortalMachine(HeldMachine):
    @rule(name=subscribers)
    def sign_in(self, name: str) -> None:
        """Type user name and password."""
        self._sign_in(name)

    def _sign_in(self, name: str) -> Browser | None:
        person, contact = self.firm.person(name), self.firm.contact(name)
        signed = self._attempt(
            "password",
            lambda: self.firm.services.sign_in.begin(
                person.username, person.password, browser="Firefox", address="192.0.2.7"
            ),
            ["rule 10: the sign-in is suspended"] if contact.suspended else [],
        )
        if signed is None:
            return None
        browser = Browser.of(name, signed)
        self.browsers.append(browser)
        self._expect_way_in(browser)
        return browser

    def _expect_way_in(self, browser: Browser) -> None:
        """Rules 7 and 9: what the password alone may lead to."""
        contact, stage = self.firm.contact(browser.person), browser.stage
        has_one = bool(self.firm.authenticators(browser.person))
        if contact.set_up_required or (contact.two_factor_required and not has_one):
            gated = stage is _WAITING
            self._hold(gated, f"rule 9: the password alone led to {stage}")
        elif has_one:
            asked = stage is SessionStage.AWAITING_CODE
            self._hold(asked, f"rule 1: the password alone led to {stage}")

    @rule(place=places, kind=kinds_of_code)
    @precondition(lambda self: self.browsers)
    def type_code(self, place: int, kind: str) -> None:
        """Type the code that the sign-in asks for."""
        browser = self._browser(place, SessionStage.AWAITING_CODE)
        if browser is None:
            return
        typed, why_not = self._code(browser.person, kind)
        signed = self._attempt(
            "code",
            lambda: self.firm.services.sign_in.verify_code(browser.token, typed),
            [*why_not, *self._void(browser, SessionStage.AWAITING_CODE)],
            code=(browser.person, typed),
        )
        browser.follow(signed)

    @rule(place=places, who=anybody)
    @precondition(lambda self: self.browsers)
    def show_set_up_code(self, place: int, who: str) -> None:
        """Press the button of the message that a sign-in waits."""
        browser = self._browser(place, _WAITING)
        if browser is not None:
            self._show(browser, who if place % 4 == 0 else browser.person)

    def _show(self, browser: Browser, who: str) -> None:
        shown = self._attempt(
            "show",
            lambda: self.firm.services.set_up.show_code(self.firm.slack(who), browser.session_id),
            [
                *([] if who == browser.person else ["rule 9: somebody else's sign-in"]),
                *self._seen_by_slack(who),
                *self._void(browser, _WAITING),
            ],
        )
        if shown is not None:
            self.evidence.show(browser.session_id, shown.code, now=self.now)

    @rule(place=places, other=places)
    @precondition(lambda self: self.browsers)
    def type_set_up_code(self, place: int, other: int) -> None:
        """Type a set-up code that somebody was shown, for this sign-in or for another."""
        browser = self._browser(place, _WAITING)
        source = browser if other % 2 else self._browser(other, None)
        if browser is None or source is None:
            return
        code = self.evidence.code_of(source.session_id) or _NOBODYS
        self._accept(browser, code)

    def _accept(self, browser: Browser, code: str) -> None:
        key = f"set-up code:{browser.person}"
        reasons = self._void(browser, _WAITING)
        if not self.evidence.fits(browser.session_id, code, now=self.now):
            reasons.append("rule 9: no code that was shown for this sign-in, or too old, or used")
        if throttled(self.evidence.wrong[key], now=self.now):
            reasons.append("rule 9: too many wrong set-up codes")
        signed = self._attempt(
            "set-up code",
            lambda: self.firm.services.set_up.accept_code(browser.token, code),
            reasons,
            counts=(SetUpCodeWrong, key),
        )
        if signed is not None:
            self.evidence.use(browser.session_id)
            browser.follow(signed)

    @rule(name=subscribers, other=subscribers)
    def mix_up(self, name: str, other: str) -> None:
        """Be shown the code of one sign-in, and type it in the next one."""
        source, browser = self._sign_in(other), self._sign_in(name)
        if source is None or browser is None or browser.stage is not _WAITING:
            return
        if source.stage is _WAITING:
            self._show(source, other)
        self._accept(browser, self.evidence.code_of(source.session_id) or _NOBODYS)

    @rule(place=places, right=st.booleans())
    @precondition(lambda self: self.browsers)
    def type_first_code(self, place: int, *, right: bool) -> None:
        """Scan the QR code, and type what the app shows."""
        browser = self._browser(place, SessionStage.SETTING_UP)
        if browser is not None:
            self._bind(browser, right=right)

    def _bind(self, browser: Browser, *, right: bool) -> None:
        reasons = self._void(browser, SessionStage.SETTING_UP)
        try:
            secret = "".join(self.firm.services.set_up.form(browser.token).key_groups)
        except SessionGone:
            return
        self.evidence.secrets.add(secret)
        step = totp.step_at(self.now)
        near = {totp.code_at(secret, step + skew) for skew in (-1, 0, 1)}
        typed = totp.code_at(secret, step) if right else other_than(near)
        signed = self._attempt(
            "first code",
            lambda: self.firm.services.set_up.bind(browser.token, typed),
            reasons if right else [*reasons, "rule 2: a wrong code"],
        )
        if signed is None:
            return
        (authenticator,) = self.firm.authenticators(browser.person)
        self.evidence.spent[authenticator.id].add(step)
        for other in self.browsers:
            if other.person == browser.person and other is not browser:
                other.void = True
        browser.follow(signed)

    @rule(name=subscribers)
    def enrol(self, name: str) -> None:
        """Go the whole way, from the password to a bound authenticator."""
        browser = self._sign_in(name)
        if browser is not None and browser.stage is _WAITING:
            self._show(browser, name)
            self._accept(browser, self.evidence.code_of(browser.session_id) or "")
            self._bind(browser, right=True)
