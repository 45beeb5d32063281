"""A press of one of our buttons, as far as the domain needs to know of it."""

from dataclasses import dataclass, field

from bot.domain.model.people import SlackIdentity


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """Who pressed a button, with which `value`: an id that proves nothing.

    The answer goes to `response_url`, a secret, or by DM without one. With `replace` it takes the
    place of the message that held the button.
    """

    actor: SlackIdentity
    value: str = ""
    response_url: str | None = field(default=None, repr=False)
    replace: bool = False
