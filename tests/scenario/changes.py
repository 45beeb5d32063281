"""What happens between two steps of a person: roles change, people leave, requests are forged."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from bot.domain.model.cases import CaseState
from bot.domain.model.ids import AccountId
from bot.domain.model.people import Account, Role, SlackIdentity, SuspensionCause
from bot.domain.model.roster import ChangeKind, RosterChange, RosterContact
from bot.domain.ports.unit_of_work import UnitOfWork
from bot.domain.proving import totp
from playground.slack.model import Delivery, Json, Message, View
from tests.fakes import Person, a_suspension
from tests.fakes.world import bind
from tests.office import CHANNEL, Office

LAKE = "Dropped it into the lake"

# -- in the directory


def give_roles(office: Office, person: Person, roles: Mapping[AccountId, Role]) -> None:
    """Leave that person these roles and no others."""
    with office.rekey.database.unit_of_work() as uow:
        contact = replace(_listed(uow, person), roles=roles)
        _apply(uow, office, RosterChange(kind=ChangeKind.CONTACT_CHANGED, contact=contact))


def rename(office: Office, person: Person, name: str) -> None:
    with office.rekey.database.unit_of_work() as uow:
        contact = replace(_listed(uow, person), name=name)
        _apply(uow, office, RosterChange(kind=ChangeKind.CONTACT_CHANGED, contact=contact))


def rename_account(office: Office, account: Account, name: str) -> None:
    renamed = replace(account, name=name)
    with office.rekey.database.unit_of_work() as uow:
        _apply(uow, office, RosterChange(kind=ChangeKind.ACCOUNT_CHANGED, account=renamed))


def remove(office: Office, person: Person) -> None:
    """Remove that person from the directory, as an import with --prune does."""
    with office.rekey.database.unit_of_work() as uow:
        contact = _listed(uow, person)
        _apply(uow, office, RosterChange(kind=ChangeKind.CONTACT_REMOVED, contact=contact))


def bind_slack(office: Office, person: Person, identity: SlackIdentity) -> None:
    with office.rekey.database.unit_of_work() as uow:
        assert uow.contacts.bind_slack(person.id, identity)
        uow.commit()


def unbind_slack(office: Office, person: Person) -> None:
    """Leave that person everything but the Slack identity."""
    with office.rekey.database.unit_of_work() as uow:
        contact = replace(_listed(uow, person), slack=None)
        _apply(uow, office, RosterChange(kind=ChangeKind.CONTACT_CHANGED, contact=contact))


def suspend(
    office: Office, person: Person, *, cause: SuspensionCause = SuspensionCause.OPERATOR
) -> None:
    suspension = a_suspension(person.id, cause=cause)
    with office.rekey.database.unit_of_work() as uow:
        uow.suspensions.add(suspension)
        uow.commit()


def invalidate_authenticators(office: Office, person: Person) -> None:
    with office.rekey.database.unit_of_work() as uow:
        uow.authenticators.invalidate_all(person.id, now=office.clock.now())
        uow.commit()


def bind_authenticator(office: Office, person: Person) -> None:
    """Bind one that nobody has."""
    with office.rekey.database.unit_of_work() as uow:
        bind(uow, person.id, totp.new_shared_secret())
        uow.commit()


def _listed(uow: UnitOfWork, person: Person) -> RosterContact:
    return uow.roster.read().contacts[person.email]


def _apply(uow: UnitOfWork, office: Office, change: RosterChange) -> None:
    assert list(uow.roster.apply([change], now=office.clock.now())) == [1]
    uow.commit()


# -- in Slack


def in_slack(office: Office, user: str, **flags: Any) -> None:
    """Change what `users.info` says of somebody."""
    member = office.slack.workspace.members[user]
    for flag, value in flags.items():
        assert hasattr(member, flag)
        setattr(member, flag, value)


def join_slack(office: Office, user: str, *, name: str, email: str | None = None) -> None:
    """Add somebody who is in the channel where everybody types."""
    office.slack.add_person(user, name=name, email=email)
    office.slack.workspace.channels[CHANNEL].members.add(user)


def message_to_report(office: Office, person: Person) -> Message:
    """Return the newest message that has the button *This wasn't me*."""
    return [m for m in office.as_(person).dm if "reset_report" in m.action_ids][-1]


def report(office: Office, person: Person) -> Delivery:
    """Press the newest button, and the one of the modal that asks once more."""
    slack = office.as_(person)
    assert slack.click(message_to_report(office, person), "reset_report").ok
    assert slack.modal.callback_id == "reset_report_confirm"
    delivery = slack.submit(slack.modal)
    office.deliver()
    return delivery


def cause_of_suspension(office: Office, person: Person) -> SuspensionCause | None:
    with office.rekey.database.unit_of_work() as uow:
        found = uow.suspensions.current(person.id)
    return found.cause if found else None


def ended(office: Office, person: Person) -> tuple[CaseState, str | None]:
    """Return the state of that person's newest case, and the reason if it ended by one."""
    case = office.cases(person)[0]
    return case.state, case.ended_reason


# -- what several stories begin with


def ask_for_help(office: Office, person: Person, *, account: str = "acme") -> None:
    """Fill in the form of `ask`, with the account for whoever belongs to several."""
    assert office.type(person, "ask").ok
    slack = office.as_(person)
    choice = {"account": account} if "account" in slack.modal.values else {}
    assert slack.submit(slack.modal, {**choice, "reason": LAKE}).ok
    slack.close_all()
    office.deliver()


def hand_over_form(office: Office, admin: Person) -> tuple[View, dict[str, str]]:
    """Type the command for Bob; return the modal that it opens, and what to fill it with."""
    delivery = office.type(admin, f"hand-over <@{office.world.bob.slack.user}>")
    assert delivery.ok, delivery
    return office.as_(admin).modal, {"proof": "called_back", "code": admin.code(office.clock)}


def set_up_codes_in(view: View) -> set[str]:
    """Return what looks like a set-up code in that modal."""
    return set(re.findall(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b", view.shown))


# -- at the keyboard


def wrong_code(office: Office, person: Person) -> str:
    """Return six digits that are none of the codes that would be accepted now."""
    right = {person.code(office.clock, steps=steps) for steps in (-1, 0, 1)}
    return next(code for code in ("000000", "000001", "000002", "000003") if code not in right)


def answer_to(office: Office, who: Person | str, text: str) -> str:
    """Type the command; return the one ephemeral message that answers it, when no modal does."""
    slack, told = office.as_(who), len(office.ephemerals(who))
    delivery = slack.command("/reset-2fa", text, channel=CHANNEL)
    assert delivery.ok, delivery
    assert slack.modals == []
    (answer,) = office.ephemerals(who)[told:]
    assert slack.ephemerals[-1].channel == CHANNEL
    return answer


def answer_to_click(
    office: Office, who: Person | str, message: Message, action_id: str, *, forged: bool = False
) -> str:
    """Press a button; return the one ephemeral message that answers it, beside the block itself.

    `forged` presses it although that person does not see it.
    """
    slack, before = office.as_(who), [id(m) for m in office.as_(who).ephemerals]
    delivery = slack.click(message, action_id, even_if_unseen=forged)
    assert delivery.ok, delivery
    office.deliver()
    (answer,) = [m for m in slack.ephemerals if id(m) not in before]
    return answer.shown


# -- by forgery: signed as Slack signs, but with content that no client of Slack's sends


def forge(office: Office, payload: Mapping[str, Any]) -> Delivery:
    """Send an interaction."""
    return send_form(office, {"payload": json.dumps(payload)})


def send_form(office: Office, fields: Mapping[str, str]) -> Delivery:
    body = urlencode(fields).encode()
    return office.slack.deliver_raw(body, headers=office.slack.signed_headers(body))


def submission(office: Office, who: Person, view: View, values: Mapping[str, Json]) -> Json:
    """Return what the client would send, were those the states of the view's blocks."""
    member, seen = office.as_(who).member, view.as_seen()
    for block, state in values.items():
        seen.values[block] = {"value": state}
    trigger = office.slack.workspace.issue_trigger(member.id, view_id=view.id)
    return office.slack.payloads.submission(member, seen, trigger_id=trigger)


def filled(office: Office, admin: Person, **states: Json | None) -> dict[str, Json]:
    """Return the states of a modal filled in well, but for `states`; None leaves one out."""
    well: dict[str, Json | None] = {
        "proof": {"selected_option": {"value": "video"}},
        "reason": {"value": "Lost the phone"},
        "code": {"value": admin.code(office.clock)},
        **states,
    }
    return {block: state for block, state in well.items() if state is not None}


def errors_in(delivery: Delivery) -> dict[str, str]:
    """Return what a forged submission was answered with, by field."""
    assert delivery.status == 200, delivery
    answer = json.loads(delivery.body)
    assert answer["response_action"] == "errors"
    return dict(answer["errors"])
