"""Who may do what about a case, found out by having everybody try it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from bot.domain.model.cases import CaseState, Proof
from bot.domain.model.errors import Refusal
from bot.domain.model.ids import CaseId
from bot.domain.model.pressed import Pressed
from bot.domain.model.reset_form import FilledForm, Named
from bot.domain.set_up.handing_over import FilledHandOver
from tests.fakes import FakeDatabase
from tests.machine.firm import Firm

PEOPLE: Mapping[str, str] = {
    "alice": "the case's admin",
    "alan": "another administrator",
    "carol": "an owner",
    "bob": "the subscriber",
    "mike": "another member",
    "dana": "an administrator of another account only",
}
"""The columns. Mike is Alan, and Dana is Dana, with other roles than they have elsewhere."""


@dataclass(frozen=True, slots=True)
class Act:
    """One row: what is done, about a case that came so far, and by which command at the console."""

    what: str
    state: CaseState | None
    do: Callable[[Firm, str, CaseId], object]
    code: str
    console: str = ""


class Trial:
    """A firm in which Alice's reset of Bob's 2FA has come to some state, and one person tries."""

    def __init__(self, who: str) -> None:
        database = FakeDatabase()
        self.firm = Firm(database.unit_of_work, snapshot=database.snapshot)
        self.who = {"mike": "alan"}.get(who, who)
        self._person = who

    def answer(self, act: Act) -> str:
        """Return "yes", or the refusal."""
        case_id = self._reach(act.state)
        if self._person == "mike":
            self.firm.give_role("alan", 0)
        if self._person == "dana":
            self.firm.enrol("dana")
            self.firm.leave("bob", self.firm.world.globex.id)
        self.firm.clock.advance(timedelta(minutes=1))
        try:
            act.do(self.firm, self.who, case_id)
        except Refusal as refusal:
            return f"no: `{refusal.tag}`"
        return "yes"

    def _reach(self, state: CaseState | None) -> CaseId:
        firm = self.firm
        if state is None:
            return CaseId("")
        case_id = _ask(firm, "alice")
        if state is not CaseState.AWAITING_CONFIRMATION:
            firm.services.deciding.confirm(Pressed(actor=firm.slack("alice"), value=case_id))
            firm.services.sign_in.begin(
                "bob", firm.person("bob").password, browser="Firefox", address="192.0.2.7"
            )
        if state is CaseState.VETOED:
            firm.services.reports.report(firm.slack("bob"), case_id)
        if state is CaseState.LAPSED:
            firm.clock.advance(timedelta(days=15))
            firm.services.sweep.run()
        firm.clock.advance(timedelta(minutes=1))
        return case_id


def _ask(firm: Firm, who: str, *_: Any) -> CaseId:
    request = FilledForm(
        subscriber=Named(contact_id=firm.person("bob").id),
        account_id=firm.world.acme.id,
        proof=Proof.VIDEO,
        reason="Lost the phone",
        ticket=None,
        code=_code(firm, who),
    )
    return firm.services.asking.request(firm.slack(who), request, response_url=None).case.id


def _code(firm: Firm, who: str) -> str:
    return firm.code(who) or "123456"


def _hand_over(firm: Firm, who: str, _case: CaseId) -> object:
    whom = firm.person("bob").id
    with firm.snapshot() as uow:
        (session,) = uow.sessions.waiting_of(whom, now=firm.clock.now())
    request = FilledHandOver(
        subscriber=Named(contact_id=whom),
        session_id=session.id,
        proof=Proof.IN_PERSON,
        code=_code(firm, who),
    )
    return firm.services.hand_over.hand_over(firm.slack(who), request)


def _look(firm: Firm, who: str, _case: CaseId) -> object:
    return firm.services.case_work.status(firm.slack(who), Named(contact_id=firm.person("bob").id))


def _decide(verb: str, firm: Firm, who: str, case_id: CaseId) -> object:
    return getattr(firm.services.deciding, verb)(Pressed(actor=firm.slack(who), value=case_id))


def _work(verb: str, firm: Firm, who: str, case_id: CaseId) -> object:
    return getattr(firm.services.case_work, verb)(Pressed(actor=firm.slack(who), value=case_id))


def _details(firm: Firm, who: str, case_id: CaseId) -> object:
    return firm.services.case_work.details(firm.slack(who), case_id)


def _report(firm: Firm, who: str, case_id: CaseId) -> object:
    return firm.services.reports.report(firm.slack(who), case_id)


ACTS: Sequence[Act] = (
    Act("ask for a reset", None, _ask, "a fresh code", "rekey reset"),
    Act(
        "answer Yes",
        CaseState.AWAITING_CONFIRMATION,
        partial(_decide, "confirm"),
        "the code it was asked with",
    ),
    Act("answer No", CaseState.AWAITING_CONFIRMATION, partial(_decide, "decline"), "none"),
    Act("cancel", CaseState.AWAITING_CONFIRMATION, partial(_work, "cancel"), "none"),
    Act("see how it stands", CaseState.COMPLETED, _look, "none", "rekey status"),
    Act("see its story", CaseState.COMPLETED, _details, "none", "rekey audit show"),
    Act("remind", CaseState.COMPLETED, partial(_work, "remind"), "none"),
    Act("take it over", CaseState.COMPLETED, partial(_work, "take_over"), "none"),
    Act(
        "hand the set-up code over",
        CaseState.COMPLETED,
        _hand_over,
        "a fresh code",
        "rekey set-up-code",
    ),
    Act("report *This wasn't me*", CaseState.COMPLETED, _report, "none", "rekey people suspend"),
    Act(
        "reset anew, and lift a lapse",
        CaseState.LAPSED,
        _ask,
        "a fresh code",
        "rekey people reinstate",
    ),
    Act(
        "reset anew, and lift a report",
        CaseState.VETOED,
        _ask,
        "a fresh code",
        "rekey people reinstate",
    ),
)


def rows() -> list[tuple[str, ...]]:
    """Return the table: the act, its cost, everybody's answer, and the operator's command."""
    return [
        (
            act.what,
            act.code,
            *(Trial(who).answer(act) for who in PEOPLE),
            f"`{act.console}`" if act.console else "no",
        )
        for act in ACTS
    ]
