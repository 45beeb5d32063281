"""The whole of Rekey but Slack and the pages, over any store, and what its people know."""

from collections import defaultdict
from collections.abc import Callable, Collection
from copy import copy
from dataclasses import replace
from datetime import timedelta
from typing import Any, Self

from bot.directories.embedded import EmbeddedDirectory
from bot.domain.model.cases import Case
from bot.domain.model.errors import DirectoryUnavailableError
from bot.domain.model.ids import AccountId, AuthenticatorId, CaseId, ContactId
from bot.domain.model.people import (
    Authenticator,
    Contact,
    Operator,
    Role,
    SlackIdentity,
    SuspensionCause,
)
from bot.domain.model.roster import ChangeKind, RosterChange
from bot.domain.ports.directory import Directory
from bot.domain.ports.unit_of_work import UnitOfWork, UnitOfWorkFactory
from bot.domain.proving import totp
from tests.fakes import FixedClock, Person, seed
from tests.fakes.world import bind
from tests.machine.looks import Looks, Tables
from tests.machine.oracle import OWNER, Evidence
from tests.machine.troubles import Troubles
from tests.office.services import AllServices, default_terms, ports_over

AUDIT_CHANNEL = "C01AUDIT"
OPERATOR = Operator(user="root", host="server")


class Firm:
    """Every service, and the people as the tests know them: roles, and what Slack says."""

    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory,
        *,
        snapshot: UnitOfWorkFactory,
        tables: Tables | None = None,
        close: Callable[[], None] = lambda: None,
        cut: Callable[[], None] | None = None,
    ) -> None:
        """`cut` drops every connection to the store, where it has any."""
        self.store, self._close = unit_of_work, close
        self.snapshot = Looks(snapshot, tables=tables)
        self.unit_of_work = self._no_troubles().around(unit_of_work)
        self.clock = FixedClock()
        self.world = seed(unit_of_work)
        self.workspace = self.world.workspace()
        self.troubles = Troubles(cut=cut, on_end=self.snapshot.forget)
        self.workspace.on_ask = self.troubles.ask_slack
        self.directory_up = True
        self.flags: dict[str, set[str]] = defaultdict(set)
        self.roles: dict[ContactId, dict[AccountId, int]] = {
            person.id: self._roles_of(person.id) for person in self.world.people
        }
        self.start()

    def another(self) -> Self:
        """Return another process over the same store, which no trouble befalls."""
        other = copy(self)
        other.troubles = self._no_troubles()
        other.start()
        return other

    def close(self) -> None:
        self.snapshot.close()
        self._close()

    def _no_troubles(self) -> Troubles:
        return Troubles(on_end=self.snapshot.forget)

    def start(self) -> None:
        """Build every service, as a process does that knows nothing of those before it."""
        ports = ports_over(
            self.troubles.around(self.store),
            clock=self.clock,
            workspace=self.workspace,
            directory=self.directory,
        )
        self.services = AllServices(ports, default_terms(audit_channel=AUDIT_CHANNEL))

    def directory(self, uow: UnitOfWork) -> Directory:
        if not self.directory_up:
            raise DirectoryUnavailableError
        return self.troubles.befall(EmbeddedDirectory(uow, clock=self.clock))

    # -- people

    def person(self, name: str) -> Person:
        person: Person = getattr(self.world, name)
        return person

    def name_of(self, contact_id: ContactId | None) -> str | None:
        found = (person.username for person in self.world.people if person.id == contact_id)
        return next(found, None)

    def slack(self, name: str) -> SlackIdentity:
        return self.person(name).slack

    def contact(self, name: str) -> Contact:
        with self.snapshot() as uow:
            contact = uow.contacts.get(self.person(name).id)
        assert contact is not None
        return contact

    def over(self, subscriber: ContactId, role: int) -> set[ContactId | None]:
        """Everybody with that role or more in an account of the subscriber's."""
        accounts = self.roles[subscriber]
        return {
            contact
            for contact, roles in self.roles.items()
            if any(roles.get(account, -1) >= role for account in accounts)
        }

    def give_role(self, name: str, role: int) -> None:
        with self.unit_of_work() as uow:
            row = uow.roster.read().contacts[self.person(name).email]
            account = self.world.acme.id
            roles = {**row.roles, account: tuple(Role)[role]}
            change = RosterChange(
                kind=ChangeKind.CONTACT_CHANGED, contact=replace(row, roles=roles)
            )
            list(uow.roster.apply([change], now=self.clock.now()))
            uow.commit()
        self.roles[self.person(name).id][account] = role

    def leave(self, name: str, account_id: AccountId) -> None:
        """Take somebody's role in an account away."""
        with self.unit_of_work() as uow:
            row = uow.roster.read().contacts[self.person(name).email]
            roles = {account: role for account, role in row.roles.items() if account != account_id}
            change = RosterChange(
                kind=ChangeKind.CONTACT_CHANGED, contact=replace(row, roles=roles)
            )
            list(uow.roster.apply([change], now=self.clock.now()))
            uow.commit()

    def enrol(self, name: str) -> None:
        """Bind an authenticator, as if it had been done long ago."""
        with self.unit_of_work() as uow:
            bind(uow, self.person(name).id, totp.new_shared_secret())
            uow.commit()

    def code(self, name: str) -> str | None:
        """Return what the person's app shows now."""
        secret = next(iter(self.secrets(name).values()), None)
        return totp.code_at(secret, totp.step_at(self.clock.now())) if secret else None

    def flip(self, name: str, flag: str) -> None:
        self.flags[name] ^= {flag}
        user = self.slack(name).user
        member = self.workspace.members[user]
        says: Any = {flag: flag in self.flags[name]}
        self.workspace.members[user] = replace(member, **says)

    def _roles_of(self, contact_id: ContactId) -> dict[AccountId, int]:
        with self.unit_of_work() as uow:
            contact = uow.contacts.get(contact_id)
        assert contact is not None
        return {m.account.id: tuple(Role).index(m.role) for m in contact.memberships}

    # -- what is stored

    def authenticators(self, name: str) -> tuple[Authenticator, ...]:
        with self.snapshot() as uow:
            return uow.authenticators.active_of(self.person(name).id)

    def secrets(self, name: str) -> dict[AuthenticatorId, str]:
        """What the person's app holds."""
        with self.snapshot() as uow:
            active = uow.authenticators.active_of(self.person(name).id)
            return {each.id: uow.authenticators.shared_secret(each.id) for each in active}

    def known_secrets(self) -> set[str]:
        return {person.secret for person in self.world.people if person.secret}

    def case(self, case_id: CaseId) -> Case:
        with self.snapshot() as uow:
            case = uow.cases.get(case_id)
        assert case is not None
        return case

    def is_last_owner(self, name: str) -> bool:
        """Whether some account has no other owner who could act."""
        own = self.roles[self.person(name).id]
        return any(
            held == OWNER
            and not any(
                roles.get(account) == OWNER and not self.contact(other.username).suspended
                for other in self.world.people
                if other.username != name
                for roles in [self.roles[other.id]]
            )
            for account, held in own.items()
        )

    def cases(self) -> list[Case]:
        """Every case, by the order of opening for each person."""
        with self.snapshot() as uow:
            return [
                case for person in self.world.people for case in reversed(uow.cases.of(person.id))
            ]

    def reported_lately(self, name: str, evidence: Evidence) -> Collection[ContactId]:
        """Who had a hand in any case that the person reported within thirty days."""
        with self.snapshot() as uow:
            suspensions = uow.suspensions.of(self.person(name).id)
        since = self.clock.now() - timedelta(days=30)
        reported = [
            each.case_id
            for each in suspensions
            if each.cause is SuspensionCause.VETOED and each.case_id and each.suspended_at > since
        ]
        return {
            hand
            for case_id in reported
            for hand in (*evidence.handed_over[case_id], self.case(case_id).admin_id)
            if hand
        }

    def parties_of_veto(self, name: str, evidence: Evidence) -> Collection[ContactId]:
        """Who had a hand in the reported case that suspends the person, or in one of late."""
        with self.snapshot() as uow:
            suspension = uow.suspensions.current(self.person(name).id)
        if suspension is None or suspension.cause is not SuspensionCause.VETOED:
            return ()
        assert suspension.case_id is not None
        admin = self.case(suspension.case_id).admin_id
        hands = {*evidence.handed_over[suspension.case_id], *([admin] if admin else [])}
        return hands | {*self.reported_lately(name, evidence)}
