"""An account in App Home: its contacts, its cases, its last acts, and who could be locked out."""

from dataclasses import replace

from bot.blocks.case_words import why_suspended
from bot.blocks.cases import case_list
from bot.blocks.elements import (
    MOST_OPTIONS,
    OPTION_LENGTH,
    Block,
    actions,
    button,
    choice,
    header,
    markup,
    note,
    option,
    paragraph,
    plain,
)
from bot.blocks.ids import ActionId
from bot.blocks.story import sentence
from bot.blocks.wording import local, tidy
from bot.domain.desk.home_view import CONTACTS_A_PAGE, Desk, HomeView, Row
from bot.domain.model.cases import CaseKind
from bot.domain.model.views import ContactEntry

SEARCH_LENGTH = 100
"""Characters that are looked for."""

SEARCH_BLOCK = "home:search"
"""Begins the `block_id` of the search; the rest changes when it is emptied, so that Slack does."""

_NAME_LENGTH = 100
_SENTENCE_LENGTH = 600
_MOST_EXPOSED = 10
_TOO_LONG = "There are cases, too long to show here. Type “/reset-2fa pending” to see them."


def desk_blocks(view: HomeView, desk: Desk) -> list[Block]:
    """Draw the account that is looked after."""
    return [
        header(tidy(desk.account.name)),
        *_exposed(desk),
        *_switcher(desk),
        *_cases(desk),
        *_contacts(view, desk),
        *_acts(desk),
    ]


def with_fewer_cases(desk: Desk, most: int) -> Desk:
    """Return the desk with at most so many of its cases, the first of them."""
    cases = desk.cases
    if len(cases.cases) <= most:
        return desk
    return replace(desk, cases=replace(cases, cases=cases.cases[:most]))


def _switcher(desk: Desk) -> list[Block]:
    """Offer the other accounts, if there are any."""
    if len(desk.accounts) == 1:
        return []
    offered = dict.fromkeys([desk.account, *desk.accounts][:MOST_OPTIONS])
    options = {each.id: option(tidy(each.name), each.id) for each in offered}
    menu = choice(list(options.values()), placeholder="Switch account")
    menu |= {"action_id": ActionId.HOME_ACCOUNT, "initial_option": options[desk.account.id]}
    text = plain("You look after several accounts. This one is shown:")
    rest = len(desk.accounts) - len(offered)
    more = [note(f"{rest:,} more are not offered; the command works for them too.")] if rest else []
    return [
        {"type": "section", "block_id": "home:account", "text": text, "accessory": menu},
        *more,
    ]


def _contacts(view: HomeView, desk: Desk) -> list[Block]:
    words = view.state.words
    return [
        header("All Contacts"),
        _search(words),
        *([] if desk.rows else [paragraph("Nobody was found." if words else "Nobody is here.")]),
        *(_contact(row, desk) for row in desk.rows),
        *_pages(view, desk),
    ]


def _search(words: str) -> Block:
    """Ask for words; Slack tells them when Enter is pressed.

    https://docs.slack.dev/reference/block-kit/blocks/input-block/
    """
    element: Block = {
        "type": "plain_text_input",
        "action_id": ActionId.HOME_SEARCH,
        "placeholder": plain("Name, user name or e-mail, then Enter", limit=150),
        "max_length": SEARCH_LENGTH,
        "dispatch_action_config": {"trigger_actions_on": ["on_enter_pressed"]},
    }
    if words:
        element["initial_value"] = words
    return {
        "type": "input",
        "block_id": f"{SEARCH_BLOCK}:{'found' if words else 'all'}",
        "label": plain("Find a contact"),
        "element": element,
        "dispatch_action": True,
        "optional": True,
    }


def _contact(row: Row, desk: Desk) -> Block:
    contact = row.entry.contact
    name = tidy(contact.name, limit=_NAME_LENGTH)
    role = contact.role_in(desk.account.id)
    who = f"{name}, {role}\n{tidy(contact.email, limit=_NAME_LENGTH)}"
    drawn: Block = {
        "type": "section",
        "block_id": f"home:contact:{contact.id}",
        "fields": [plain(who), markup(_state(row.entry))],
    }
    if row.can_reset:
        label = plain(f"Reset the 2FA of {name}", limit=OPTION_LENGTH)["text"]
        drawn["accessory"] = button(ActionId.HOME_RESET, "Reset 2FA", value=contact.id) | {
            "accessibility_label": label
        }
    return drawn


def _state(entry: ContactEntry) -> str:
    """Say how somebody's 2FA stands, in markup that holds our own words and times alone."""
    if entry.suspension is not None:
        why = why_suspended(entry.suspension.cause)
        return f"*Suspended* since {local(entry.suspension.suspended_at)}: {why}"
    if entry.contact.set_up_required:
        return _waiting(entry)
    if entry.authenticators:
        used = entry.last_used_at
        return f"*Set up*, {f'last used {local(used)}' if used else 'not used yet'}"
    return "*Never set up*"


def _waiting(entry: ContactEntry) -> str:
    if entry.waits_since is None:
        return "*To be set up* at the next sign-in"
    first = entry.waits_for is CaseKind.FIRST_SET_UP
    began = "First sign-in" if first else "Reset"
    return f"*{began}, and waiting* for a set-up since {local(entry.waits_since)}"


def _pages(view: HomeView, desk: Desk) -> list[Block]:
    number, total = view.state.page, desk.total
    buttons = []
    if number > 0:
        buttons.append(button(ActionId.HOME_PREVIOUS, "Previous", value=str(number)))
    if (number + 1) * CONTACTS_A_PAGE < total:
        buttons.append(button(ActionId.HOME_NEXT, "Next", value=str(number)))
    if view.state.words:
        buttons.append(button(ActionId.HOME_ALL, "Show all contacts", value="all"))
    last = view.first + len(desk.rows) - 1
    counted = [note(f"{view.first:,} to {last:,} of {total:,}")] if desk.rows else []
    return [*counted, *([actions(*buttons) | {"block_id": "home:pages"}] if buttons else [])]


def _cases(desk: Desk) -> list[Block]:
    nothing = _TOO_LONG if desk.cases.total else "No case waits in this account."
    drawn = case_list("Cases that wait", desk.cases, otherwise=nothing).blocks
    return list(drawn) if desk.cases.cases else [header("Cases that wait"), *drawn]


def _acts(desk: Desk) -> list[Block]:
    lines: list[Block] = [
        {
            "type": "context",
            "elements": [
                markup(local(act.at)),
                plain(sentence(act, desk.names), limit=_SENTENCE_LENGTH),
            ],
        }
        for act in desk.acts
    ]
    return [header("Last acts"), *(lines or [paragraph("Nothing was done in this account yet.")])]


def _exposed(desk: Desk) -> list[Block]:
    """Warn of whoever could be locked out, and say what to do about it."""
    if not desk.exposed:
        return []
    shown = desk.exposed[:_MOST_EXPOSED]
    lines = [
        f"• {tidy(each.name, limit=_NAME_LENGTH)}: {'1 person' if number else 'nobody'} can"
        for each, number in shown
    ]
    rest = len(desk.exposed) - len(shown)
    more = [f"… and {rest} more"] if rest else []
    return [
        paragraph(
            "Warning: fewer than two people can reset the 2FA of these administrators and owners. "
            "If they lose their phone, they may be locked out. Have the operator give somebody "
            "else the same role:\n" + "\n".join([*lines, *more])
        )
    ]
