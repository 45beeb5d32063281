"""The modals: the code, "This wasn't me", and the set-up code."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.blocks.elements import (
    FIELD_LENGTH,
    Block,
    Drawn,
    View,
    choice,
    facts,
    field,
    header,
    markup,
    modal,
    note,
    option,
    paragraph,
    sign_in_facts,
)
from bot.blocks.ids import BlockId, CallbackId
from bot.blocks.reaching import who_tells
from bot.blocks.wording import call, inert, local, tidy, utc
from bot.domain.model.cases import Proof
from bot.domain.model.ids import AccountId, SessionId
from bot.domain.model.people import Account, Authenticator, Contact, Session
from bot.domain.model.reset_form import (
    REASON_LENGTH,
    TICKET_LENGTH,
    Named,
    ResetForm,
    looks_like_a_code,
)
from bot.domain.model.views import CaseView

_LONGEST_URL = 1000
_MOST_AUTHENTICATORS = 10
_CODE_LENGTH = 20
"""Six digits and whatever spaces people put between them."""


_PROOF_OPTIONS = {
    Proof.IN_PERSON: "In person: they are here with me",
    Proof.VIDEO: "On a video call: I know face and voice",
    Proof.CALLED_BACK: "I called back the number on file",
    Proof.MANAGER: "Their manager vouched for them to me",
}
_VETO_EFFECTS = (
    "• your sign-in is suspended\n"
    "• every authenticator stops working, a new one too\n"
    "• every session ends\n"
    "• your administrators and owners are told"
)
_VETO_HAPPENED = (
    "• your sign-in is suspended\n"
    "• every authenticator has stopped working, a new one too\n"
    "• every session has ended\n"
    "• your administrators and owners are being told"
)
_AFTERWARDS = (
    "Once they know that it is you, somebody who was not part of this resets your 2FA, and you set "
    "it up again."
)
_ASKED_BY_DM = "Rekey then asks you Yes or No in a direct message."

_NOBODY = Named()


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a modal carries along in `private_metadata`: whom it is about, and the way back.

    `response_url` leads to where the command was typed; it never leaves Slack and Rekey. `sign_in`
    is the one sign-in that was shown. `reason` and `account_id` are what a form begins with.
    """

    subscriber: Named = _NOBODY
    response_url: str | None = None
    reason: str = ""
    sign_in: SessionId | None = None
    account_id: AccountId | None = None

    def dump(self) -> str:
        """Return the metadata of a view, within Slack's 3000 characters."""
        url = self.response_url
        return json.dumps(
            {
                "subscriber": self.subscriber.slack_user,
                "contact": self.subscriber.contact_id,
                "response_url": url if url and len(url) <= _LONGEST_URL else None,
                "reason": self.reason[:REASON_LENGTH],
                "sign_in": self.sign_in,
            },
            ensure_ascii=False,
        )


def code_modal(form: ResetForm, context: Context, *, warning: str | None = None) -> View:
    """Show who the subscriber is, and ask how, why, and for the admin's own code.

    `warning` is said before anything else.
    """
    name = tidy(form.subscriber.name)
    return modal(
        "Reset 2FA",
        [
            *([paragraph(warning)] if warning else []),
            paragraph(f"You are about to ask for a reset of the 2FA of {name}. Is it this person?"),
            *facts([*who(form.subscriber, form.accounts), _last_reset(form)]),
            *facts(_authenticators(form)),
            *([paragraph(advice)] if (advice := who_tells(name, form.ways)) else []),
            *_account_field(form, context.account_id),
            *_other_fields(context, ticket_required=form.ticket_required),
            *([] if context.response_url else [note(_ASKED_BY_DM)]),
        ],
        callback=CallbackId.RESET_VERIFY,
        submit="Continue",
        metadata=replace(context, reason="").dump(),  # the field holds it from here on
    )


def who(subscriber: Contact, accounts: Sequence[Account]) -> list[tuple[str, str | Block]]:
    """Say who somebody is, for whoever has to make sure of it."""
    roles = [f"{tidy(a.name)} ({subscriber.role_in(a.id)})" for a in accounts]
    return [
        ("Name", tidy(subscriber.name)),
        ("User name", tidy(subscriber.username)),
        ("E-mail", tidy(subscriber.email)),
        *on_file(subscriber),
        ("Account and role", tidy(", ".join(roles), limit=FIELD_LENGTH)),
    ]


def on_file(subscriber: Contact) -> list[tuple[str, str | Block]]:
    """Say how to make sure of somebody, for whoever may reset them alone."""
    return [
        ("Phone on file", tidy(subscriber.phone or "none on file")),
        ("Manager", tidy(subscriber.manager or "none on file")),
    ]


def _last_reset(form: ResetForm) -> tuple[str, str | Block]:
    last = form.last_reset_at
    return ("Last reset", markup(local(last)) if last else "never")


def _authenticators(form: ResetForm) -> list[tuple[str, str | Block]]:
    if not form.authenticators:
        return [("Authenticators", "none active")]
    shown = form.authenticators[:_MOST_AUTHENTICATORS]
    return [(f"Authenticator {n}", markup(_uses(a))) for n, a in enumerate(shown, start=1)]


def _uses(authenticator: Authenticator) -> str:
    bound, used = authenticator.bound_at, authenticator.last_used_at
    return (
        f"Authenticator app, bound {local(bound) if bound else 'at an unknown time'}, "
        f"last used {local(used) if used else 'never'}"
    )


def _account_field(form: ResetForm, begins_with: AccountId | None) -> list[Block]:
    if len(form.accounts) == 1:
        return []
    options = {a.id: option(tidy(a.name, limit=75), a.id) for a in form.accounts}
    menu = choice(list(options.values()), placeholder="Choose an account")
    if begins_with in options:
        menu["initial_option"] = options[begins_with]
    return [field(BlockId.ACCOUNT, "For which account?", menu)]


def _other_fields(context: Context, *, ticket_required: bool) -> list[Block]:
    reason: Block = {"type": "plain_text_input", "multiline": True, "max_length": REASON_LENGTH}
    known = " ".join(context.reason.split())[:REASON_LENGTH]
    if known and not looks_like_a_code(known):
        reason["initial_value"] = known
    return [
        proof_field(),
        field(
            BlockId.REASON,
            "Why?",
            reason,
            hint="Kept, and shown when you confirm. Never write a code here.",
        ),
        field(
            BlockId.TICKET,
            "Ticket",
            {"type": "plain_text_input", "max_length": TICKET_LENGTH},
            hint="As in your tracker." if ticket_required else None,
            optional=not ticket_required,
        ),
        own_code_field("spent on this reset alone"),
    ]


def proof_field() -> Block:
    """Ask how the caller was proven."""
    return field(
        BlockId.PROOF,
        "How did you make sure that it is them?",
        {
            "type": "radio_buttons",
            "options": [option(text, value) for value, text in _PROOF_OPTIONS.items()],
        },
        hint="Use the phone number above, never one that the caller gave you.",
    )


def own_code_field(spent: str) -> Block:
    """Ask for the admin's own code; `spent` says on what."""
    return field(
        BlockId.CODE,
        "Your own code",
        {"type": "plain_text_input", "max_length": _CODE_LENGTH},
        hint=f"Six digits from your own authenticator app, {spent}.",
    )


def already_waiting(view: CaseView) -> View:
    """Tell an admin who used the picker that their own case waits for their word."""
    return modal("Reset 2FA", waiting(view).blocks)


def waiting(view: CaseView) -> Drawn:
    """Say that the admin's own case waits, and until when."""
    by = view.case.confirm_by
    asked = (
        f"You have already asked to reset the 2FA of {tidy(view.subscriber.name)}. The question "
        "was sent to you again: answer Yes or No"
    )
    until = facts([("Answer by", markup(local(by)))] if by else [])
    return Drawn(
        text=inert(f"{asked}{f' until {utc(by)}' if by else ''}."),
        blocks=(paragraph(f"{asked}."), *until),
    )


def report_confirm(view: CaseView) -> View:
    """Ask once more before "This wasn't me" takes effect."""
    return modal(
        "This wasn't me",
        [
            paragraph(
                "Did somebody else ask for this, or set up 2FA in your name? Then report it now. "
                "At once, for your safety:"
            ),
            paragraph(_VETO_EFFECTS),
            note("If you did ask for it, press Cancel: nothing happens."),
        ],
        callback=CallbackId.RESET_REPORT_CONFIRM,
        submit="Report it",
        metadata=view.case.id,
    )


def report_taken(help_contact: str | None) -> View:
    """Say what has happened after a report, and what to do next."""
    return told(
        "This wasn't me",
        [
            "Thank you. Your report was taken. This has happened now:",
            _VETO_HAPPENED,
            f"What to do next: {call(help_contact)}. {_AFTERWARDS}",
        ],
    )


def set_up_code(
    code: str, session: Session, *, expires_at: datetime, help_contact: str | None
) -> View:
    """Show the set-up code to the person whose sign-in waits for it."""
    return modal(
        "Your set-up code",
        [
            paragraph("Type this into the page that waits for it:"),
            header(code),
            paragraph(
                "Nobody ever asks you for this code: not your administrator, not the help desk, "
                "not Rekey. Whoever asks for it wants your sign-in."
            ),
            *facts([*sign_in_facts(session), ("Valid until", markup(local(expires_at)))]),
            paragraph(
                "Not you? Close this, press “This wasn't me” where the message has it, and "
                f"{call(help_contact)}: somebody knows your password."
            ),
        ],
    )


def told(title: str, paragraphs: Sequence[str]) -> View:
    """Draw a modal that only says something."""
    return modal(title, [paragraph(text) for text in paragraphs])
