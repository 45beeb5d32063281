"""Somebody is not who they would have to be."""

from bot.domain.model.errors.base import Refusal


class PersonRefused(Refusal):
    """Somebody in this reset is not who they would have to be."""


class UnknownPerson(PersonRefused):
    """Slack knows nobody by that id."""


class NotAContact(PersonRefused):
    """No contact is bound to the Slack identity of whoever acts."""


class SubscriberNotAContact(PersonRefused):
    """No contact is bound to the Slack identity of the person named."""


class IdentityReplaced(PersonRefused):
    """Another Slack identity was bound meanwhile to a contact on whom the case rested."""


class GuestRefused(PersonRefused):
    """A guest of the workspace takes no part in resets."""


class BotRefused(PersonRefused):
    """A bot takes no part in resets."""


class DeactivatedRefused(PersonRefused):
    """Slack has deactivated that person."""


class ExternalRefused(PersonRefused):
    """That person belongs to another workspace."""
