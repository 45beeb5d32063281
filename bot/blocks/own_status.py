"""How somebody's own 2FA stands, and what they do about it."""

from bot.blocks.elements import Block, Drawn, facts, header, markup, paragraph
from bot.blocks.wording import call, inert, local
from bot.domain.model.views import OwnStatus

_MOST_AUTHENTICATORS = 5


def own_status(status: OwnStatus, *, help_contact: str | None, at_home: bool = False) -> Drawn:
    """Tell somebody how their own 2FA stands, and what to do next.

    What to do about a lost phone is left out `at_home`, which says it to everybody.
    """
    title, text = _own(status, at_home=at_home)
    text = text.format(call=call(help_contact))
    used = [a.last_used_at for a in status.authenticators[:_MOST_AUTHENTICATORS] if a.last_used_at]
    pairs: list[tuple[str, str | Block]] = [("Last used", markup(local(at))) for at in used]
    return Drawn(
        text=inert(f"{title}. {text}"), blocks=(header(title), *facts(pairs), paragraph(text))
    )


def _own(status: OwnStatus, *, at_home: bool) -> tuple[str, str]:
    if status.suspension is not None:
        return "Your sign-in is suspended", _SUSPENDED
    if status.set_up_required:
        return "Your 2FA is still to be set up", f"Set it up: {_SET_UP}"
    if status.authenticators:
        return "Your 2FA is set up", _IS_SET_UP if at_home else f"{_IS_SET_UP} {_LOST}"
    return "You have no 2FA yet", f"Set it up: {_SET_UP}"


_SUSPENDED = (
    "You cannot sign in until the suspension is lifted. What to do next: {call}. Once they know "
    "that it is you, somebody who may lift it does, and you set 2FA up again."
)
_SET_UP = (
    "sign in at the Portal with your user name and password. Rekey then writes to you here with a "
    "set-up code. If you need help, {call}."
)
_IS_SET_UP = "You sign in with the codes of your authenticator app."
_LOST = "Is it lost or replaced? Ask for a reset with /reset-2fa ask, or {call}."
