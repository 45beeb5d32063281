"""What keeps an administrator, Alan, from looking after any case, and how he is refused."""

from collections.abc import Callable

from bot.domain.model import errors
from bot.domain.model.people import Role, SuspensionCause
from tests.fakes import a_member, a_slack_identity
from tests.office.desk import Desk

Arrange = Callable[[Desk], None]
Why = type[errors.Refusal | errors.Fault]


def is_a_member_only(desk: Desk) -> None:
    desk.give_only(desk.alan, acme=Role.MEMBER)


def is_suspended(desk: Desk) -> None:
    desk.suspend_for(SuspensionCause.VETOED, desk.alan)


def has_no_authenticator(desk: Desk) -> None:
    desk.strip(desk.alan)


def has_become_a_guest(desk: Desk) -> None:
    user = desk.alan.slack.user
    desk.workspace.members[user] = a_member(user, is_guest=True)


def is_bound_to_another(desk: Desk) -> None:
    desk.database.bind(desk.alan.id, a_slack_identity("U01OTHER"))


def slack_is_silent(desk: Desk) -> None:
    desk.workspace.available = False


UNFIT: list[tuple[Arrange, Why]] = [
    (is_a_member_only, errors.NotAnAdministrator),
    (is_suspended, errors.AdminSuspended),
    (has_no_authenticator, errors.NoAuthenticator),
    (has_become_a_guest, errors.GuestRefused),
    (is_bound_to_another, errors.NotAContact),
    (slack_is_silent, errors.WorkspaceUnavailableError),
]
