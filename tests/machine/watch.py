"""What must hold between any two acts: looked at from outside, in what is stored."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from bot.domain.model.audit import AuditRecord, verify_chain
from bot.domain.model.cases import OPEN_STATES, Case, CaseKind, CaseState
from bot.domain.model.ids import CaseId, ContactId, MessageId
from bot.domain.model.notices import Message, NoticeKind
from tests.machine.firm import AUDIT_CHANNEL, Firm
from tests.machine.oracle import ADMINISTRATOR, OWNER, Evidence, path_faults

_ENTERED = re.compile(rf"\w+:case:({'|'.join(CaseState)})")
_FAR = timedelta(days=10_000)
_TELLS_OF = {
    NoticeKind.SUBSCRIBER_RESET: "completed",
    NoticeKind.OWNER_RESET: "completed",
    NoticeKind.VETO_TAKEN: "vetoed",
    NoticeKind.VETO_REPORTED: "vetoed",
}
"""What the receiver of such a message has to believe of the case."""


class Watch:
    """Looks at everything stored after each act, and says which rule it breaks."""

    def __init__(self, firm: Firm, evidence: Evidence) -> None:
        self._firm = firm
        self._evidence = evidence
        self._looked_at = 0
        self._words: set[str] = set()
        self._left: dict[MessageId, Message] = {}
        self._known: list[AuditRecord] = []
        self._paths: dict[CaseId, list[str]] = defaultdict(list)

    def faults(self) -> Iterator[str]:
        """Yield each rule that what is stored now breaks."""
        new = self.records(after=self._looked_at)
        if not new:
            return
        self._looked_at = new[-1].number
        self._words.update(_words(record.details or {} for record in new))
        cases = {case.id: case for case in self._firm.cases()}
        entered = [
            (cases[CaseId(record.case)], found[1])
            for record in new
            if record.case in cases and (found := _ENTERED.fullmatch(record.tag))
        ]
        for case, state in entered:
            self._paths[case.id].append(state)
        yield from self._life(cases.values())
        if entered:
            messages = self._messages()
            self._words.update(_words(message.notice.facts for message in messages))
            for case, state in entered:
                yield from self._untold(case, state, messages)
        if self._words & (self._evidence.secrets | self._firm.known_secrets()):
            yield "rule 11: a secret stands in a record or a message"

    def news_faults(self) -> Iterator[str]:
        """Rule 8: nobody is told of what did not happen, nor twice of what did."""
        told: Counter[tuple[str, str | None, str | None]] = Counter()
        for message in self._messages():
            notice = message.notice
            state = _TELLS_OF.get(notice.kind)
            if state is None or notice.case_id is None:
                continue
            told[notice.kind, notice.case_id, notice.contact_id or notice.slack_address] += 1
            if state not in self._paths[notice.case_id]:
                yield f"rule 8: somebody is told ({notice.kind}) of a case that never {state}"
        for (kind, _, whom), times in told.items():
            if times > 1:
                yield f"rule 8: {whom} is told {times} times ({kind}) of one case"

    def picture(self) -> object:
        """Return all that an act may change, to be compared."""
        with self._firm.snapshot() as uow:
            people = [person.id for person in self._firm.world.people]
            now = self._firm.clock.now()
            return (
                uow.audit.head(),
                [uow.contacts.get(each) for each in people],
                [uow.authenticators.active_of(each) for each in people],
                [uow.sessions.open_count(each, now=now) for each in people],
                [uow.cases.of(each) for each in people],
                {message.id for message in uow.outbox.due(now + _FAR, limit=100_000)},
            )

    def bound(self, name: str) -> object:
        """Return what a reset takes from that person."""
        with self._firm.snapshot() as uow:
            contact = uow.contacts.get(self._firm.person(name).id)
            assert contact is not None
            active = uow.authenticators.active_of(contact.id)
            return contact.set_up_required, [each.id for each in active]

    def chain_fault(self) -> str | None:
        """Read the whole chain anew, and return what is wrong with it."""
        with self._firm.snapshot() as uow:
            return verify_chain(uow.audit.records()).fault

    def records(self, *, after: int = 0) -> list[AuditRecord]:
        """Return the records behind that number; none is read twice."""
        if not self._known or self._known[-1].number < self.number_of_records():
            self._known += self._new_records()
        return [record for record in self._known if record.number > after]

    def _new_records(self) -> list[AuditRecord]:
        last, head = self._known[-1] if self._known else None, self.number_of_records()
        number = last.number if last else 0
        with self._firm.snapshot() as uow:
            since = last.at if last else None
            new = [r for r in uow.audit.records(since=since) if r.number > number]
            if number + len(new) < head:  # who stalled records late what it began before others
                new = [r for r in uow.audit.records() if r.number > number]
        return new

    def number_of_records(self) -> int:
        with self._firm.snapshot() as uow:
            return uow.audit.head()[1]

    def suspensions(self, name: str) -> set[str]:
        """Return the causes for which the person is suspended now."""
        with self._firm.snapshot() as uow:
            of = uow.suspensions.of(self._firm.person(name).id)
        return {suspension.cause for suspension in of if suspension.lifted_at is None}

    def reported_after(self, name: str, then: datetime) -> bool:
        """Whether the person is suspended by a report that they made later than `then`."""
        with self._firm.snapshot() as uow:
            of = uow.suspensions.of(self._firm.person(name).id)
        return any(
            each.cause == "vetoed" and each.lifted_at is None and each.suspended_at > then
            for each in of
        )

    def told_of_hand_over(self, case: Case) -> bool:
        told = {m.notice.contact_id for m in self._messages() if _is_hand_over(m, case)}
        owners = self._firm.over(case.subscriber_id, OWNER) - {case.subscriber_id}
        return owners <= told | self._evidence.handed_over[case.id]

    def anybody_suspended(self) -> bool:
        return any(
            self._firm.contact(person.username).suspended for person in self._firm.world.people
        )

    def open_sessions(self, name: str) -> int:
        with self._firm.snapshot() as uow:
            return uow.sessions.open_count(self._firm.person(name).id, now=self._firm.clock.now())

    def remember(self) -> None:
        """Keep in mind what waits to leave, since it is not to be seen once it has left."""
        self._left = {message.id: message for message in self._messages()}

    def _messages(self) -> Collection[Message]:
        with self._firm.snapshot() as uow:
            waiting = uow.outbox.due(self._firm.clock.now() + _FAR, limit=100_000)
        return (self._left | {message.id: message for message in waiting}).values()

    def _life(self, cases: Iterable[Case]) -> Iterator[str]:
        """Rule 4, and one record for every state: what was recorded is what is stored."""
        open_ones: dict[ContactId, int] = defaultdict(int)
        for case in cases:
            path = self._paths[case.id]
            yield from path_faults(case.kind, path)
            if path[-1:] != [case.state]:
                yield f"rule 12: a case is {case.state}, and the log says {path}"
            open_ones[case.subscriber_id] += case.state in OPEN_STATES
        if any(count > 1 for count in open_ones.values()):
            yield "rule 4: somebody has two open cases"

    def _untold(self, case: Case, state: str, messages: Iterable[Message]) -> Iterator[str]:
        """Rules 8 and 10: who had to be told that a case entered that state, and was not."""
        told = {
            (m.notice.kind, m.notice.contact_id or m.notice.slack_address)
            for m in messages
            if m.notice.case_id == case.id
        }
        for kind, whom in self._to_tell(case, state):
            if whom is not None and (kind, whom) not in told:
                yield f"rule 8: {whom} was not told ({kind}) that a case became {state}"

    def _to_tell(self, case: Case, state: str) -> Iterator[tuple[NoticeKind, str | None]]:
        subscriber, admin = case.subscriber_id, case.admin_id
        if state == "completed" and case.kind is CaseKind.RESET:
            yield NoticeKind.SUBSCRIBER_RESET, subscriber
            yield NoticeKind.OUTCOME, admin
            yield NoticeKind.OWNER_RESET, AUDIT_CHANNEL
            for owner in self._firm.over(subscriber, OWNER) - {admin, subscriber}:
                yield NoticeKind.OWNER_RESET, owner
        elif state == "re_enrolled":
            yield NoticeKind.SUBSCRIBER_ENROLLED, subscriber
            yield NoticeKind.ADMIN_ENROLLED, case.taken_over_by or admin
        elif state == "vetoed":
            yield NoticeKind.VETO_TAKEN, subscriber
            yield NoticeKind.VETO_REPORTED, AUDIT_CHANNEL
            for person in (self._firm.over(subscriber, ADMINISTRATOR) | {admin}) - {subscriber}:
                yield NoticeKind.VETO_REPORTED, person
        elif state in {"declined", "expired", "cancelled", "failed"}:
            yield NoticeKind.OUTCOME, admin


def _words(said: Iterable[Mapping[str, str]]) -> Iterator[str]:
    for facts in said:
        if facts:
            yield from re.findall(r"[\w-]+", json.dumps(dict(facts)))


def _is_hand_over(message: Message, case: Case) -> bool:
    return message.notice.kind is NoticeKind.HANDED_OVER and message.notice.case_id == case.id
