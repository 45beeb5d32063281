"""The effects of a reset, in their order, each recorded and read back (design rule 7)."""

from collections.abc import Callable, Mapping

from bot.domain.model.errors import DirectoryUnavailableError
from bot.domain.model.ids import ContactId
from bot.domain.ports.directory import Directory

Record = Callable[[str, Mapping[str, str]], None]
"""Takes `subject:action` of an audit tag, and details."""


def reset_authenticators(directory: Directory, contact_id: ContactId, record: Record) -> None:
    """Require set-up, invalidate every authenticator, end every session.

    Raises `DirectoryUnavailableError` where an effect cannot be read back, and whatever the
    directory raises; the effects recorded until then have taken place. Where the first fails,
    nothing was invalidated.
    """
    directory.require_set_up(contact_id)
    _read_back(directory.set_up_required(contact_id))
    record("contact:set_up_required", {})

    invalidated = directory.invalidate_authenticators(contact_id)
    _read_back(not directory.authenticators_of(contact_id))
    record("authenticator:invalidated", {"authenticators": " ".join(invalidated)})

    end_sessions(directory, contact_id, record)


def end_sessions(directory: Directory, contact_id: ContactId, record: Record) -> None:
    """End every session, and leave the authenticators alone.

    Raises `DirectoryUnavailableError` where that cannot be read back.
    """
    ended = directory.end_sessions(contact_id)
    _read_back(directory.open_sessions(contact_id) == 0)
    record("session:ended", {"sessions": str(ended)})


def _read_back(took_place: bool) -> None:  # noqa: FBT001  # reads as a sentence where it is called
    if not took_place:
        raise DirectoryUnavailableError
