"""The picker: choosing the subscriber when the command named nobody."""

from collections.abc import Sequence

from bot.blocks.elements import Block, View, field, modal, option, paragraph, plain
from bot.blocks.ids import BlockId, CallbackId
from bot.blocks.modals import Context
from bot.blocks.wording import person
from bot.domain.model.people import Contact

SHORTEST_SEARCH = 2
"""Characters to type before a search begins."""

RESET_TITLE = "Reset 2FA"
HAND_OVER_TITLE = "Hand over a set-up code"


def reset_picker(context: Context) -> View:
    """Ask whose 2FA is to be reset."""
    return _picker(
        RESET_TITLE, "Whose 2FA is to be reset?", context, callback=CallbackId.RESET_PICK
    )


def hand_over_picker() -> View:
    """Ask who waits for a set-up code."""
    return _picker(
        HAND_OVER_TITLE,
        "Who waits for a set-up code?",
        Context(),
        callback=CallbackId.HAND_OVER_PICK,
    )


def suggestions(contacts: Sequence[Contact]) -> list[Block]:
    """Offer the contacts that were found; an option carries an id and proves nothing."""
    return [option(person(contact), contact.id) for contact in contacts]


def _picker(title: str, question: str, context: Context, *, callback: CallbackId) -> View:
    people: Block = {"type": "users_select", "placeholder": plain("Choose a person", limit=150)}
    contacts: Block = {
        "type": "external_select",
        "placeholder": plain("Name or e-mail", limit=150),
        "min_query_length": SHORTEST_SEARCH,
    }
    return modal(
        title,
        [
            paragraph("Choose one of the two."),
            field(BlockId.SUBSCRIBER, question, people, optional=True),
            field(
                BlockId.CONTACT,
                "Not in Slack? Search by name or e-mail",
                contacts,
                hint="Finds contacts of the accounts that you administer.",
                optional=True,
            ),
        ],
        callback=callback,
        submit="Next",
        metadata=context.dump(),
    )
