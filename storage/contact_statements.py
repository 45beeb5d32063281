"""The statements over contacts, each built once."""

from sqlalchemy import bindparam, exists, func, literal_column, or_, select, update

from storage.tables import NOT_LIFTED, accounts, contacts, memberships, suspensions

_SUSPENDED = exists(literal_column("1")).where(
    suspensions.c.contact_id == contacts.c.id, NOT_LIFTED
)
CONTACTS = (
    select(
        contacts.c.id,
        contacts.c.email,
        contacts.c.username,
        contacts.c.name,
        contacts.c.phone,
        contacts.c.manager,
        contacts.c.slack_enterprise,
        contacts.c.slack_team,
        contacts.c.slack_user,
        contacts.c.password_must_change,
        contacts.c.set_up_required,
        contacts.c.sign_in_epoch,
        _SUSPENDED.label("suspended"),
        memberships.c.role,
        accounts.c.id.label("account_id"),
        accounts.c.name.label("account_name"),
        accounts.c.two_factor,
    )
    .select_from(contacts)
    .outerjoin(memberships, memberships.c.contact_id == contacts.c.id)
    .outerjoin(accounts, accounts.c.id == memberships.c.account_id)
    .order_by(contacts.c.email, accounts.c.name, accounts.c.id)
)
BY_ID = CONTACTS.where(contacts.c.id == bindparam("contact_id"))
BY_EMAIL = CONTACTS.where(contacts.c.email == bindparam("email"))
BY_USERNAME = CONTACTS.where(contacts.c.username == bindparam("username"))
BY_SLACK = CONTACTS.where(
    contacts.c.slack_enterprise == bindparam("slack_enterprise"),
    contacts.c.slack_team == bindparam("slack_team"),
    contacts.c.slack_user == bindparam("slack_user"),
)
_held = memberships.alias("held")
WITH_ROLE = CONTACTS.where(
    contacts.c.id.in_(
        select(_held.c.contact_id).where(
            _held.c.account_id.in_(bindparam("account_ids", expanding=True)),
            _held.c.role.in_(bindparam("roles", expanding=True)),
        )
    )
)
WITHOUT_SLACK = CONTACTS.where(contacts.c.slack_user.is_(None), memberships.c.role.is_not(None))
_found = contacts.alias("found")
SEARCH = (
    CONTACTS.where(
        contacts.c.id.in_(
            select(_found.c.id)
            .where(
                _found.c.id.in_(
                    select(_held.c.contact_id).where(
                        _held.c.account_id.in_(bindparam("account_ids", expanding=True))
                    )
                ),
                or_(
                    *(
                        func.lower(column).like(bindparam("pattern"), escape="\\")
                        for column in (_found.c.name, _found.c.username, _found.c.email)
                    )
                ),
            )
            .order_by(func.lower(_found.c.name), _found.c.email)
            .limit(bindparam("most"))
        )
    )
    .order_by(None)
    .order_by(func.lower(contacts.c.name), contacts.c.email, accounts.c.name, accounts.c.id)
)
WITH_IDS = CONTACTS.where(contacts.c.id.in_(bindparam("contact_ids", expanding=True)))
BOTH = CONTACTS.where(contacts.c.id.in_([bindparam("one"), bindparam("other")]))
ACCOUNT = select(accounts).where(accounts.c.id == bindparam("account_id"))
ACCOUNT_IDS = select(accounts.c.id).order_by(accounts.c.id)
PASSWORD_HASH = select(contacts.c.password_hash).where(contacts.c.id == bindparam("contact_id"))
_UPDATE = update(contacts).where(contacts.c.id == bindparam("contact_id"))
SET_PASSWORD = _UPDATE.values(
    password_hash=bindparam("password_hash"), password_must_change=bindparam("must_change")
)
HOLD = (  # a reference from elsewhere hinders nobody
    select(contacts.c.id)
    .where(contacts.c.id == bindparam("contact_id"))
    .with_for_update(key_share=True)
)
SET_SET_UP_REQUIRED = _UPDATE.values(set_up_required=bindparam("required"))
RAISE_EPOCH = _UPDATE.values(sign_in_epoch=contacts.c.sign_in_epoch + 1).returning(
    contacts.c.sign_in_epoch
)
FORGET = _UPDATE.values(
    name="(forgotten)",
    email=bindparam("new_email"),
    username=bindparam("new_username"),
    phone=None,
    manager=None,
    slack_enterprise="",
    slack_team=None,
    slack_user=None,
    password_hash=None,
)
FORGET_MANAGER = (
    update(contacts)
    .where(func.lower(contacts.c.manager) == bindparam("old_email"))
    .values(manager=None)
)
BIND_SLACK = _UPDATE.values(
    slack_enterprise=bindparam("enterprise"),
    slack_team=bindparam("team"),
    slack_user=bindparam("user"),
)
