"""What an audit record says, as a sentence: what happened, to whom, and by whom.

Pure, and plain text: nothing in it is markup, so who puts it where markup is read escapes it.
"""

from collections.abc import Mapping

from bot.blocks.wording import PROOFS, tidy
from bot.domain.model.audit import AuditRecord
from bot.domain.model.cases import Proof

_NAME_LENGTH = 100
_SOMEBODY = "somebody"
_OPERATOR = "the operator"
_OWN_WORDS = (_SOMEBODY, _OPERATOR)


def sentence(record: AuditRecord, names: Mapping[str, str]) -> str:
    """Say what happened; `names` are those of contacts and accounts by id, which stand in for them.

    Never fails: a tag of a later version is shown as it is.
    """
    _, subject, action = record.tag.split(":")
    words = {
        "actor": _actor(record, names),
        "subscriber": _name(record.subscriber, names, otherwise=_SOMEBODY),
        "account": _name(record.account, names, otherwise="an account"),
        "case": record.case or "a case",
    }
    act = ACTS.get(record.tag) or ACTS.get(f"{subject}:{action}")
    if act is not None:
        return _sentence(act, words)
    place = record.tag.removesuffix(f":{action}")
    if place in ATTEMPTS and action in WHY:
        return _sentence(f"{ATTEMPTS[place]} was refused: {WHY[action]}", words)
    return f"{record.tag}, by {words['actor']}, about {words['subscriber']}."


def particulars(record: AuditRecord) -> tuple[tuple[str, str], ...]:
    """Return what lies beside the chain, labelled, in order; empty where there is, or was, none."""
    details = record.details or {}
    return tuple((_label(key), _value(key, value)) for key, value in details.items() if value)


def _label(key: str) -> str:
    return LABELS.get(key, key.replace("_", " "))


def _value(key: str, value: str) -> str:
    known = PROOFS[Proof(value)] if key == "proof" and value in set(Proof) else value
    return tidy(known)


def _actor(record: AuditRecord, names: Mapping[str, str]) -> str:
    if record.actor == "operator":
        details = record.details or {}
        where = [details[key] for key in ("operator_user", "operator_host") if details.get(key)]
        return f"{_OPERATOR} ({tidy(' at '.join(where))})" if where else _OPERATOR
    if record.actor == "sweep":
        return "Rekey, by itself"
    if record.actor == "nobody":
        return f"{_SOMEBODY} in Slack ({record.slack_user})" if record.slack_user else _SOMEBODY
    return _name(record.actor, names, otherwise=_SOMEBODY)


def _name(known: str | None, names: Mapping[str, str], *, otherwise: str) -> str:
    return tidy(names.get(known, known), limit=_NAME_LENGTH) if known else otherwise


def _sentence(template: str, words: Mapping[str, str]) -> str:
    """Fill the template in; its own words begin with a capital letter, and names as they do."""
    told = template.format_map(words)
    if not template.startswith("{") or told.startswith(_OWN_WORDS):
        told = f"{told[0].upper()}{told[1:]}"
    return f"{told}."


LABELS = {
    "address": "from the address",
    "alert": "what",
    "cause": "cause",
    "named": "who was named",
    "operator_host": "host",
    "operator_user": "operating system's user",
    "proof": "proven",
    "reason": "why",
    "sha256": "SHA-256 of the file",
}
"""What a detail is called where its key, without underscores, would not do."""

ACTS = {
    "alert:raised": "the owners concerned and the audit channel were alerted",
    "account:added": "{actor} added the account {account}",
    "account:changed": "{actor} changed the account {account}",
    "authenticator:bound": "an authenticator was bound to {subscriber} by its first correct code",
    "authenticator:invalidated": "every authenticator of {subscriber} was invalidated",
    "case:awaiting_confirmation": (
        "{actor} asked to reset the 2FA of {subscriber} for the account {account}; Yes or No is "
        "awaited"
    ),
    "case:cancelled": "{actor} cancelled the case before anything was done",
    "case:completed": "the reset was done: {subscriber} has to set 2FA up again",
    "operator:case:completed": "from then on the set-up of {subscriber} was awaited",
    "portal:case:completed": "{subscriber} began a first set-up, and a case was opened for it",
    "case:declined": "{actor} answered No, and nothing was changed",
    "case:executing": "{actor} answered Yes",
    "operator:case:executing": "{actor} began to reset the 2FA of {subscriber}",
    "case:expired": "the case ended without a reset: what it rested on no longer held",
    "sweep:case:expired": (
        "nobody answered in time, or what the case rested on no longer held; nothing was changed"
    ),
    "case:failed": "the directory refused a step for good: the reset is half done",
    "case:lapsed": "{subscriber} did not set 2FA up in time",
    "case:re_enrolled": "{subscriber} has set 2FA up, and the case was closed",
    "case:reminded": "{actor} had {subscriber} reminded to set 2FA up",
    "case:shown": "{actor} looked at the case",
    "case:superseded": "a newer reset of {subscriber} closed this case",
    "operator:case:superseded": "what {actor} did about {subscriber} closed this case",
    "case:taken_over": "{actor} looks after the case from then on",
    "case:vetoed": "{subscriber} reported: “This wasn't me”",
    "code:accepted": "a code of {actor} was accepted and spent on this case",
    "contact:added": "{actor} added the contact {subscriber}",
    "contact:changed": "{actor} changed the contact {subscriber}",
    "contact:forgotten": "{actor} erased what was known of the contact {subscriber}",
    "contact:removed": "{actor} took every role from the contact {subscriber}",
    "contact:set_up_required": "from now on {subscriber} had to set 2FA up before signing in",
    "directory:imported": "{actor} imported a file into the directory",
    "enrolment:begun": "{actor} began to enrol an authenticator for {subscriber} at the console",
    "identity:bound": "{actor} bound a Slack account to {subscriber}",
    "identity:replaced": "{actor} bound another Slack account to {subscriber}",
    "keys:rotated": "{actor} encrypted every shared secret anew, under the first key",
    "password:changed": "{subscriber} changed their password",
    "password:set": "{actor} set a new password for {subscriber}",
    "reminder:sent": "{subscriber} was reminded to set 2FA up",
    "session:ended": "every session of {subscriber} was ended",
    "set_up_code:accepted": "{subscriber} typed the set-up code, and a shared secret was made",
    "set_up_code:handed_over": "{actor} saw a set-up code, to give it to {subscriber}",
    "set_up_code:shown": "{subscriber} had the set-up code shown in Slack",
    "sign_in:password_accepted": "{subscriber} typed the right password at the Portal",
    "sign_in:signed_in": "{subscriber} signed in at the Portal",
    "sign_in:signed_out": "{subscriber} signed out at the Portal",
    "status:listed": "{actor} looked at the cases that wait in their accounts",
    "status:shown": "{actor} looked at the cases of {subscriber}",
    "request:closed": "the request of {subscriber} was closed by its reset",
    "request:expired": "the request of {subscriber} for a reset expired",
    "request:opened": "{subscriber} asked for a reset of their own 2FA",
    "request:taken": "{actor} took the request of {subscriber} for a reset",
    "request:withdrawn": "{subscriber} withdrew the request for a reset",
    "suspension:added": "the sign-in of {subscriber} was suspended",
    "suspension:lifted": "the suspension of {subscriber} was lifted by {actor}",
    "suspension:spared": (
        "{subscriber} should have been suspended, but is an account's last owner; this was reported"
    ),
}
"""For each act, by its whole tag or by `subject:action`, what happened."""

ATTEMPTS = {
    "operator:contact": "what {actor} wanted to erase of the contact {subscriber}",
    "operator:directory": "an import of {actor}",
    "operator:enrolment": "an enrolment of {subscriber} at the console by {actor}",
    "operator:identity": "another Slack account for {subscriber}, by {actor},",
    "operator:password": "a new password for {subscriber} by {actor}",
    "operator:reset": "a reset of the 2FA of {subscriber} by {actor}",
    "operator:set_up_code": "a hand-over of a set-up code to {subscriber} by {actor}",
    "operator:suspension": "what {actor} wanted to do about the suspension of {subscriber}",
    "portal:password": "a change of {subscriber}'s password",
    "portal:set_up": "the first code of a new authenticator of {subscriber}",
    "portal:set_up_code": "a set-up code typed at the sign-in of {subscriber}",
    "portal:sign_in": "a sign-in as {subscriber}",
    "slack:case": "what {actor} wanted to see or do about a case of {subscriber}",
    "slack:hand_over": "a hand-over of a set-up code to {subscriber}, asked for by {actor},",
    "slack:home": "what {actor} wanted to see in Home",
    "slack:report": "a report by {actor} about the 2FA of {subscriber}",
    "slack:request": "what {actor} wanted of a request for a reset of the 2FA of {subscriber}",
    "slack:reset": "a reset of the 2FA of {subscriber}, asked for by {actor},",
    "slack:set_up_code": "the set-up code of {subscriber}, asked for by {actor},",
}
"""What was refused, by source and subject of its tag; "was refused: …" follows."""

WHY = {
    "account_refused": "it was for no account in which that is allowed",
    "admin_suspended": "they are suspended themselves",
    "already_decided": "it was decided before",
    "already_reported": "it was reported before",
    "authenticator_active": "there is an active authenticator",
    "authenticator_locked": "the authenticator is locked after too many wrong codes",
    "bot_refused": "a bot takes no part",
    "carried_out_later_error": "it could not be done at once, and goes on by itself",
    "case_in_the_way": "a case of theirs is under way",
    "case_moved_on": "the case had moved on",
    "case_not_found": "there is no such case",
    "case_open": "another case of theirs was open",
    "case_yours_already": "the case was theirs already",
    "code_malformed": "what was typed is no code",
    "code_throttled": "there were too many wrong codes shortly before",
    "code_wrong": "the code was wrong or used before",
    "confirm_expired": "the time to answer was over",
    "confirmed_too_long_ago": "it was confirmed too long ago",
    "contact_not_found": "no contact has that e-mail address",
    "deactivated_refused": "a Slack account is deactivated",
    "directory_refused_error": "the directory refused it for good",
    "directory_unavailable_error": "the directory did not answer, or did not show what was done",
    "enrolment_not_started": "no enrolment was begun in the ten minutes before",
    "external_refused": "somebody belongs to another workspace",
    "guest_refused": "a guest of the workspace takes no part",
    "hand_over_by_admin": "whoever asked for the reset does not hand over its set-up code",
    "holds_no_role": "the contact belongs to no account",
    "identity_replaced": "another Slack account was bound to one of the two",
    "identity_taken": "that Slack account is bound already",
    "import_file_unfit": "the file cannot be used",
    "mention_missing": "it was not clear who was meant",
    "no_authenticator": "they had no active authenticator of their own",
    "no_identity": "the contact has no Slack account",
    "no_shared_account": "they administer no account of that person",
    "nobody_entitled": "nobody in Slack may reset them",
    "nobody_waits": "no sign-in waited for a set-up code",
    "not_a_contact": "a Slack account is bound to no contact",
    "not_an_administrator": "they administer no account",
    "not_suspended": "the contact is not suspended",
    "not_the_subscriber": "it concerns somebody else",
    "not_your_case": "somebody else opened the case",
    "not_yours_to_lift": "the suspension follows a report of a case that they had a hand in",
    "nothing_to_reset": "there was nothing to reset",
    "operator_suspended": "the operator suspended that person, and lifts it alone",
    "oneself_refused": "nobody resets their own 2FA",
    "outranked": "that person holds a higher role than they do",
    "password_unfit": "the new password is unfit",
    "password_guessable": "the new password is easily guessed",
    "proof_missing": "it was not said how the caller was proven",
    "reason_holds_code": "the reason held digits that look like a code",
    "reason_missing": "no reason was given",
    "reason_too_long": "the reason was too long",
    "reminded_already": "there was a reminder shortly before",
    "reported_meanwhile": "that person reported another case after this one was asked for",
    "report_too_late": "it was too late, or a later reset had taken its place",
    "request_gone": "there was no such request, or it had ended",
    "request_taken": "somebody else had taken the request",
    "request_throttled": "they had asked three times within a day",
    "request_waits": "they had asked already",
    "session_gone": "the sign-in had ended or moved on",
    "set_up_code_malformed": "what was typed is no set-up code",
    "set_up_code_not_yours": "the sign-in is somebody else's",
    "set_up_code_throttled": "there were too many wrong set-up codes shortly before",
    "set_up_code_wrong": "the set-up code was wrong, too old, used, or for another sign-in",
    "several_mentions": "several people were named",
    "sign_in_failed": "the user name or the password was wrong",
    "sign_in_missing": "it was not said which of the waiting sign-ins is theirs",
    "sign_in_suspended": "the sign-in is suspended",
    "sign_in_throttled": "there were too many wrong passwords shortly before",
    "somebody_entitled": "somebody in Slack may do it",
    "standing_lost": "what the case rested on no longer held",
    "still_holds_role": "the contact still belongs to an account",
    "subscriber_not_a_contact": "the Slack account of the person named is bound to no contact",
    "subscriber_suspended": "that person's sign-in is suspended",
    "suspended_already": "the contact is suspended already",
    "ticket_missing": "no ticket was given",
    "ticket_unfit": "the ticket does not look like one",
    "unknown_person": "Slack knows no such person",
    "workspace_unavailable_error": "Slack could not be asked",
}
"""Why, by the refusal's or the fault's tag."""
