"""What people do at the Portal, by its services."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from bot.directories.embedded import EmbeddedDirectory
from bot.domain.model.cases import Case, CaseState
from bot.domain.model.errors import SessionGone
from bot.domain.model.people import AuthenticatorState, SessionStage
from bot.domain.ports.unit_of_work import UnitOfWork, UnitOfWorkFactory
from bot.domain.proving import totp
from bot.domain.resets.effects import reset_authenticators
from bot.domain.set_up.sessions import SignedSession
from tests.fakes import FakeDatabase, Person, a_case
from tests.office.desk import Company

BROWSER = "Firefox on Linux"
ADDRESS = "192.0.2.7"
PEPPER = b"pepper of the tests, 32 bytes ok"
FIRST_REMINDER = timedelta(days=1)
ISSUER = "Rekey Portal"


class House(Company):
    """A company whose people sign in."""

    def begin(self, person: Person, *, password: str | None = None) -> SignedSession:
        typed = person.password if password is None else password
        return self.sign_in.begin(person.username, typed, browser=BROWSER, address=ADDRESS)

    def signed_in(self, person: Person) -> SignedSession:
        begun = self.begin(person)
        return self.sign_in.verify_code(begun.token, person.code(self.clock))

    def reset(self, person: Person) -> Case:
        """Reset that person's 2FA as Alice's confirmed case would."""
        with self.unit_of_work() as uow:
            directory = EmbeddedDirectory(uow, clock=self.clock)
            reset_authenticators(directory, person.id, lambda _what, _details: None)
            case = a_case(
                subscriber_id=person.id,
                account_id=self.world.acme.id,
                admin_id=self.world.alice.id,
                state=CaseState.COMPLETED,
                opened_at=self.clock.now(),
                completed_at=self.clock.now(),
            )
            assert uow.cases.add(case)
            uow.commit()
        return case

    def waiting(self, person: Person) -> SignedSession:
        waiting = self.begin(person)
        assert waiting.session.stage is SessionStage.AWAITING_SET_UP_CODE
        return waiting

    def setting_up(self, person: Person) -> SignedSession:
        waiting = self.waiting(person)
        shown = self.set_up.show_code(person.slack, waiting.session.id)
        return self.set_up.accept_code(waiting.token, shown.code)

    def first_code(self, signed: SignedSession, *, steps: int = 0) -> str:
        """Return what an app that has scanned the session's QR code shows."""
        secret = "".join(self.set_up.form(signed.token).key_groups)
        return totp.code_at(secret, totp.step_at(self.clock.now()) + steps)

    def bound(self, person: Person) -> SignedSession:
        setting_up = self.setting_up(person)
        return self.set_up.bind(setting_up.token, self.first_code(setting_up))

    def states(self, person: Person) -> set[AuthenticatorState]:
        with self.unit_of_work() as uow:
            found = (
                uow.authenticators.active_of(person.id),
                uow.authenticators.pending_of(person.id),
            )
        return {each.state for group in found for each in group}


class Rivals:
    """A factory of units of work before one of which a rival acts: a race, forced.

    `before(n, rival)` lets `rival` act just before the n-th unit that is asked for from then on.
    """

    def __init__(self, unit_of_work: UnitOfWorkFactory) -> None:
        self._unit_of_work = unit_of_work
        self._left = 0
        self._rival: Callable[[], object] | None = None

    def before(self, number: int, rival: Callable[[], object]) -> None:
        self._left, self._rival = number, rival

    def __call__(self) -> UnitOfWork:
        self._left -= 1
        if self._left == 0 and self._rival is not None:
            rival, self._rival = self._rival, None
            rival()
        return self._unit_of_work()


class Portal(House):
    """A house over a store of its own, in which a rival may come between."""

    def __init__(self, **terms: Any) -> None:
        self.database = FakeDatabase()
        self.rivals = Rivals(self.database.unit_of_work)
        super().__init__(self.database.unit_of_work, services_use=self.rivals, **terms)
        self.alice, self.alan, self.bob = self.world.alice, self.world.alan, self.world.bob

    def is_honoured(self, signed: SignedSession) -> bool:
        try:
            self.sign_in.session_of(signed.token)
        except SessionGone:
            return False
        return True
