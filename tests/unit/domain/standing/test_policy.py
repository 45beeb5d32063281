"""Who may reset whom."""

from dataclasses import replace

import pytest

from bot.domain.model import errors
from bot.domain.model.ids import ContactId
from bot.domain.model.people import Account, Member, Role, SuspensionCause
from bot.domain.standing.policy import (
    authorize_lifting,
    authorize_reset,
    verify_member,
    who_can_reset,
)
from tests.fakes import a_contact, a_member, a_suspension, an_account

HERE = an_account("here")
ELSEWHERE = an_account("elsewhere")

MEMBER, ADMINISTRATOR, OWNER = Role.MEMBER, Role.ADMINISTRATOR, Role.OWNER


@pytest.mark.parametrize(
    ("member", "refusal"),
    [
        (a_member(is_deactivated=True), errors.DeactivatedRefused),
        (a_member(is_bot=True), errors.BotRefused),
        (a_member(is_guest=True), errors.GuestRefused),
        (a_member(is_external=True), errors.ExternalRefused),
    ],
)
def test_only_an_active_person_of_the_workspace_passes(
    member: Member, refusal: type[errors.PersonRefused]
) -> None:
    verify_member(a_member())
    with pytest.raises(refusal):
        verify_member(member)


class TestAuthorizeReset:
    @pytest.mark.parametrize(
        ("admin", "subscriber"),
        [
            ({HERE: ADMINISTRATOR}, {HERE: MEMBER}),
            ({HERE: ADMINISTRATOR}, {HERE: ADMINISTRATOR}),
            ({HERE: OWNER}, {HERE: ADMINISTRATOR}),
            ({HERE: OWNER}, {HERE: OWNER}),
            ({HERE: ADMINISTRATOR}, {HERE: MEMBER, ELSEWHERE: MEMBER}),
            ({HERE: OWNER, ELSEWHERE: ADMINISTRATOR}, {HERE: MEMBER, ELSEWHERE: ADMINISTRATOR}),
        ],
    )
    def test_an_equal_or_higher_role_everywhere_is_entitled(
        self, admin: dict[Account, Role], subscriber: dict[Account, Role]
    ) -> None:
        accounts = authorize_reset(a_contact("a", roles=admin), a_contact("s", roles=subscriber))
        assert HERE in accounts

    @pytest.mark.parametrize(
        ("admin", "subscriber", "refusal"),
        [
            pytest.param({HERE: MEMBER}, {HERE: MEMBER}, errors.NotAnAdministrator, id="member"),
            pytest.param({}, {HERE: MEMBER}, errors.NotAnAdministrator, id="stranger"),
            pytest.param(
                {ELSEWHERE: OWNER}, {HERE: MEMBER}, errors.NoSharedAccount, id="elsewhere"
            ),
            pytest.param(
                {ELSEWHERE: OWNER, HERE: MEMBER},
                {HERE: MEMBER},
                errors.NoSharedAccount,
                id="member-here",
            ),
            pytest.param({HERE: ADMINISTRATOR}, {HERE: OWNER}, errors.Outranked, id="owner-here"),
            pytest.param(
                {HERE: OWNER},
                {HERE: MEMBER, ELSEWHERE: ADMINISTRATOR},
                errors.Outranked,
                id="admin-there",
            ),
            pytest.param(
                {HERE: OWNER, ELSEWHERE: ADMINISTRATOR},
                {HERE: MEMBER, ELSEWHERE: OWNER},
                errors.Outranked,
                id="owner-there",
            ),
        ],
    )
    def test_anybody_else_is_refused(
        self,
        admin: dict[Account, Role],
        subscriber: dict[Account, Role],
        refusal: type[errors.ResetRefused],
    ) -> None:
        with pytest.raises(refusal) as refused:
            authorize_reset(a_contact("a", roles=admin), a_contact("s", roles=subscriber))
        assert "elsewhere" not in str(refused.value)

    def test_neither_oneself_nor_while_suspended(self) -> None:
        alice, bob = (a_contact(name, roles={HERE: OWNER}) for name in ("alice", "bob"))
        with pytest.raises(errors.OneselfRefused):
            authorize_reset(alice, alice)
        with pytest.raises(errors.AdminSuspended):
            authorize_reset(replace(alice, suspended=True), bob)

    def test_only_accounts_that_the_admin_administers_are_offered_by_name(self) -> None:
        first, second = an_account("z", name="Alpha"), an_account("a", name="Beta")
        admin = a_contact("a", roles={second: OWNER, first: ADMINISTRATOR, HERE: MEMBER})
        subscriber = a_contact("s", roles={HERE: MEMBER, second: MEMBER, first: MEMBER})
        assert authorize_reset(admin, subscriber) == (first, second)


def test_only_what_a_report_brought_about_is_not_lifted_by_who_is_reported() -> None:
    reported, lapsed = (
        a_suspension(ContactId("bob"), cause=cause)
        for cause in (SuspensionCause.VETOED, SuspensionCause.LAPSED)
    )
    alice = {ContactId("alice")}
    authorize_lifting(ContactId("alan"), reported, alice)
    authorize_lifting(ContactId("alice"), lapsed, alice)
    with pytest.raises(errors.NotYoursToLift):
        authorize_lifting(ContactId("alice"), reported, alice)


def test_those_who_can_reset_are_named_in_the_order_given() -> None:
    owner = a_contact("owner", roles={HERE: OWNER})
    admin = a_contact("admin", roles={HERE: ADMINISTRATOR})
    member = a_contact("member", roles={HERE: MEMBER})
    away = a_contact("away", roles={HERE: OWNER}, suspended=True)
    stranger = a_contact("stranger", roles={ELSEWHERE: OWNER})
    everybody = [member, admin, away, stranger, owner]
    assert who_can_reset(member, everybody) == (admin, owner)
    assert who_can_reset(admin, everybody) == (owner,)
    assert who_can_reset(owner, everybody) == ()
