"""What people and the operator do to one person at once, on either database."""

from collections.abc import Callable

from bot.domain.model.cases import Case, CaseState, Proof
from bot.domain.model.ids import AuthenticatorId, new_id
from bot.domain.model.people import Operator, Role, SessionStage, SuspensionCause
from bot.domain.model.reset_form import FilledForm, Named
from bot.domain.model.roster import ChangeKind, RosterChange, RosterContact
from bot.domain.operator.import_plan import FileContact, RosterFile
from bot.domain.proving import totp
from bot.domain.set_up.sessions import hash_token
from storage.database import Database
from storage.engine import make_engine
from tests.fakes import (
    NOON,
    FakeWorkspace,
    FixedClock,
    Person,
    World,
    a_case,
    a_member,
    a_session,
    a_suspension,
    an_authenticator,
    seed,
)
from tests.fakes.locks import WatchedLock
from tests.fakes.postgresql import wait_until_somebody_waits
from tests.integration.storage.at_once import WAIT, Acting, Paused
from tests.office.services import services_over

TOKEN = "the-token-of-bobs-browser"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
CODE = totp.code_at(SECRET, totp.step_at(NOON))
NEW_PASSWORD = "what the operator chose then"
OPERATOR = Operator(user="root", host="desk")


class Desk:
    """What the operator, and those who act at the same time, do on one database."""

    def __init__(self, database: Database, url: str) -> None:
        self.database = database
        self.world: World = seed(database.unit_of_work)
        self.clock = FixedClock(NOON)
        self.services = services_over(
            database.unit_of_work, clock=self.clock, workspace=self.world.workspace()
        )
        self._url, self._queue = url, WatchedLock()
        if self._is_sqlite:
            database._writers = self._queue  # noqa: SLF001  # where the second of two waits

    def at_once(
        self,
        one: Callable[[], object],
        other: Callable[[], object],
        *,
        paused_at: str,
        nth: int = 1,
    ) -> tuple[BaseException | None, BaseException | None]:
        """Let the other come while the one has begun; return what either raised."""
        first, second = Acting(one), Acting(other)
        paused = Paused(self.database, paused_at, nth=nth)
        first.start()
        paused.wait()
        second.start()
        try:
            self._wait_until_the_other_waits()
        finally:
            paused.go_on()
            first.join(WAIT)
            second.join(WAIT)
        return first.raised, second.raised

    @property
    def _is_sqlite(self) -> bool:
        return self._url.startswith("sqlite")

    def _wait_until_the_other_waits(self) -> None:
        if self._is_sqlite:
            assert self._queue.has_queued.acquire(timeout=WAIT)
            return
        engine = make_engine(self._url)
        wait_until_somebody_waits(engine)
        engine.dispose()

    def have_bob_set_up(self, *, console: bool = False) -> AuthenticatorId:
        """Have Bob, whom Alice reset, set 2FA up at the Portal, or the operator for him."""
        bob = self.world.bob
        pending = an_authenticator(
            bob.id, authenticator_id=AuthenticatorId(new_id("enrol" if console else "auth"))
        )
        session = a_session(bob.id, stage=SessionStage.SETTING_UP)
        with self.database.unit_of_work() as uow:
            alice = self.world.alice.id
            uow.cases.add(a_case(subscriber_id=bob.id, admin_id=alice, state=CaseState.COMPLETED))
            uow.authenticators.invalidate_all(bob.id, now=NOON)
            uow.contacts.set_set_up_required(bob.id, required=True)
            uow.authenticators.add(pending, shared_secret=SECRET)
            uow.sessions.add(session, token_hash=hash_token(TOKEN))
            uow.sessions.set_authenticator(session.id, pending.id)
            uow.commit()
        return pending.id

    def suspend_bob(self, cause: SuspensionCause) -> None:
        with self.database.unit_of_work() as uow:
            case = a_case(subscriber_id=self.world.bob.id, state=CaseState(cause.value))
            uow.cases.add(case)
            uow.suspensions.add(a_suspension(self.world.bob.id, cause=cause, case_id=case.id))
            uow.commit()

    def have_bob_leave(self) -> None:
        with self.database.unit_of_work() as uow:
            left = uow.roster.read().contacts[self.world.bob.email]
            change = RosterChange(kind=ChangeKind.CONTACT_REMOVED, contact=left)
            assert list(uow.roster.apply([change], now=NOON)) == [1]
            uow.commit()

    def bind(self) -> None:
        self.services.set_up.bind(TOKEN, CODE)

    def sign_in(self, person: Person, *, address: str) -> None:
        begin = self.services.sign_in.begin
        begin(person.username, person.password, browser="Firefox", address=address)

    def begin(self) -> None:
        self.services.operators.begin_enrolment(self.world.bob.email, operator=OPERATOR)

    def confirm(self) -> None:
        self.services.operators.confirm_enrolment(self.world.bob.email, CODE, operator=OPERATOR)

    def set_password(self) -> None:
        email = self.world.bob.email
        self.services.operators.set_password(
            email, NEW_PASSWORD, must_change=False, operator=OPERATOR
        )

    def reset(self) -> None:
        self.services.operator_resets.reset(
            self.world.bob.email, reason="lost", force=True, operator=OPERATOR
        )

    def report(self) -> None:
        with self.database.snapshot() as uow:
            newest = uow.cases.of(self.world.bob.id)[0]
        self.services.reports.report(self.world.bob.slack, newest.id)

    def have_alices_yes(self) -> Case:
        """Have Alice say Yes to a reset of Bob's, which is still to be carried out."""
        case = a_case(
            subscriber_id=self.world.bob.id,
            admin_id=self.world.alice.id,
            state=CaseState.EXECUTING,
            decided_at=NOON,
        )
        with self.database.unit_of_work() as uow:
            assert uow.cases.add(case)
            uow.commit()
        return case

    def sweep(self) -> None:
        """Carry out what is still to be."""
        self.services.pick_ups.carry_out_due()

    def replace(self) -> None:
        """Bind Bob to another member of Slack."""
        other = "U01ROBERT"
        workspace = FakeWorkspace([a_member(other)])
        services = services_over(self.database.unit_of_work, clock=self.clock, workspace=workspace)
        services.identities.replace(self.world.bob.email, other, operator=OPERATOR)

    def ask(self, admin: Person, *, about: Person | None = None) -> None:
        """Ask for a reset, Bob's unless told otherwise, as that admin."""
        request = FilledForm(
            subscriber=Named(slack_user=(about or self.world.bob).slack.user),
            account_id=self.world.acme.id,
            proof=Proof.VIDEO,
            reason="Lost the phone",
            ticket=None,
            code=admin.code(self.clock),
        )
        self.services.asking.request(admin.slack, request, response_url=None)

    def suspend(self) -> None:
        self.services.suspensions.suspend(self.world.bob.email, reason="called", operator=OPERATOR)

    def reinstate(self) -> None:
        self.services.suspensions.reinstate(
            self.world.bob.email, reason="called", operator=OPERATOR
        )

    def forget(self) -> None:
        self.services.forgetting.forget(self.world.bob.email, operator=OPERATOR)

    def import_bob(self) -> None:
        """Import a file that names Bob alone, as a member of Acme."""
        contact = RosterContact(
            id=None,
            email=self.world.bob.email,
            username="bob",
            name="Bob Brown",
            phone=None,
            manager=None,
            slack=None,
            roles={self.world.acme.id: Role.MEMBER},
        )
        named = FileContact(line=1, contact=contact, role_lines={self.world.acme.id: 1})
        file = RosterFile(contacts=(named,))
        run = self.services.imports.run
        run(lambda: file, prune=False, operator=OPERATOR, origin={"file": "people.yaml"})

    def active(self) -> list[AuthenticatorId]:
        with self.database.snapshot() as uow:
            return [each.id for each in uow.authenticators.active_of(self.world.bob.id)]

    def states(self) -> list[CaseState]:
        with self.database.snapshot() as uow:
            return [case.state for case in uow.cases.of(self.world.bob.id)]

    def holding(self) -> list[SuspensionCause]:
        with self.database.snapshot() as uow:
            found = uow.suspensions.of(self.world.bob.id)
        return [each.cause for each in found if each.lifted_at is None]
