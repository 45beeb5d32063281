"""What an import would change: a file's accounts and contacts held against the directory's."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from bot.domain.model.errors import FileFault, ImportFileUnfit
from bot.domain.model.ids import AccountId
from bot.domain.model.people import Account, Role, SlackIdentity
from bot.domain.model.roster import ChangeKind, Roster, RosterChange, RosterContact

_NOTHING = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileAccount:
    """An account as a file's line has it."""

    line: int
    account: Account


@dataclass(frozen=True, slots=True, kw_only=True)
class FileContact:
    """A contact as a file has it; `contact.id` is empty, `role_lines` tell where each role is."""

    line: int
    contact: RosterContact
    role_lines: Mapping[AccountId, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterFile:
    """A file that could be read: every entry is well-formed by itself."""

    accounts: tuple[FileAccount, ...] = ()
    contacts: tuple[FileContact, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPlan:
    """What an import does, accounts first, what the directory then is, and what to know of it."""

    changes: tuple[RosterChange, ...]
    after: Roster
    warnings: tuple[str, ...]

    def count(self, kind: ChangeKind) -> int:
        """How many changes are of that kind."""
        return sum(change.kind is kind for change in self.changes)


def plan_import(file: RosterFile, directory: Roster, *, prune: bool) -> ImportPlan:
    """Return what turns `directory` into what `file` says; the same file again changes nothing.

    A contact whom the file does not name is left alone or, with `prune`, loses every role and the
    Slack identity. A Slack identity is bound where there is none, and never changed. Raises
    `ImportFileUnfit` with every fault of the file.
    """
    named = {entry.contact.email: entry.contact for entry in file.contacts}
    others = [c for email, c in directory.contacts.items() if email not in named]
    left_out = [
        c for email, c in directory.contacts.items() if email in named and not named[email].slack
    ]
    bound = left_out if prune else [*left_out, *others]
    faults = [
        *_duplicates(file),
        *_unknown_accounts(file, directory),
        *_taken_usernames(file, others),
        *_changed_identities(file, directory),
        *_taken_identities(file, bound),
    ]
    if prune and not file.contacts:
        faults.append(FileFault(None, "no contacts: pruning would remove everybody"))
    if faults:
        raise ImportFileUnfit(faults)
    changes = (
        *_account_changes(file, directory),
        *_contact_changes(file, directory),
        *(_removals(file, directory) if prune else ()),
    )
    after = _after(directory, changes)
    return ImportPlan(changes=changes, after=after, warnings=tuple(_warnings(file, after)))


def _duplicates(file: RosterFile) -> Iterator[FileFault]:
    """Yield what stands in the file twice and may stand there once."""
    yield from _repeated(
        ((entry.line, entry.account.id) for entry in file.accounts), "the account {}"
    )
    people = [(entry.line, entry.contact) for entry in file.contacts]
    yield from _repeated(((line, c.email) for line, c in people), "the e-mail address {}")
    yield from _repeated(((line, c.username.casefold()) for line, c in people), "the user name {}")
    identities = ((line, describe_identity(c.slack)) for line, c in people if c.slack)
    yield from _repeated(identities, "the Slack identity {}")


def _repeated(places: Iterable[tuple[int, str]], what: str) -> Iterator[FileFault]:
    first: dict[str, int] = {}
    for line, key in places:
        if key in first:
            yield FileFault(line, f"{what.format(key)} stands in line {first[key]} already")
        first.setdefault(key, line)


def _unknown_accounts(file: RosterFile, directory: Roster) -> Iterator[FileFault]:
    known = {*directory.accounts, *(entry.account.id for entry in file.accounts)}
    for entry in file.contacts:
        for account_id, line in entry.role_lines.items():
            if account_id not in known:
                yield FileFault(line, f"there is no account {account_id}")


def _taken_usernames(file: RosterFile, others: Iterable[RosterContact]) -> Iterator[FileFault]:
    taken = {contact.username.casefold(): contact.email for contact in others}
    for entry in file.contacts:
        username = entry.contact.username
        if holder := taken.get(username.casefold()):
            advice = "where that is the same person, prune and forget that address first"
            yield FileFault(entry.line, f"the user name {username} is {holder}'s; {advice}")


def _taken_identities(file: RosterFile, others: Iterable[RosterContact]) -> Iterator[FileFault]:
    taken = {contact.slack: contact.email for contact in others if contact.slack}
    for entry in file.contacts:
        identity = entry.contact.slack
        if identity and (holder := taken.get(identity)):
            name = describe_identity(identity)
            yield FileFault(entry.line, f"the Slack identity {name} is {holder}'s")


def _changed_identities(file: RosterFile, directory: Roster) -> Iterator[FileFault]:
    for entry in file.contacts:
        known = directory.contacts.get(entry.contact.email)
        bound = known.slack if known else None
        if entry.contact.slack and bound and bound != entry.contact.slack:
            yield FileFault(
                entry.line,
                f"{entry.contact.email} is bound to the Slack identity "
                f"{describe_identity(bound)}, and an import never changes one",
            )


def _account_changes(file: RosterFile, directory: Roster) -> Iterator[RosterChange]:
    for entry in file.accounts:
        old, new = directory.accounts.get(entry.account.id), entry.account
        if old is None:
            yield RosterChange(kind=ChangeKind.ACCOUNT_ADDED, account=new, now=_account_fields(new))
        elif old != new:
            was, now = _difference(_account_fields(old), _account_fields(new))
            yield RosterChange(kind=ChangeKind.ACCOUNT_CHANGED, account=new, was=was, now=now)


def _contact_changes(file: RosterFile, directory: Roster) -> Iterator[RosterChange]:
    for entry in file.contacts:
        old, new = directory.contacts.get(entry.contact.email), entry.contact
        if old is None:
            now = {k: v for k, v in _contact_fields(new).items() if v != _NOTHING}
            yield RosterChange(kind=ChangeKind.CONTACT_ADDED, contact=new, now=now)
            continue
        shall = replace(new, id=old.id, slack=new.slack or old.slack)
        if shall != old:
            was, now = _difference(_contact_fields(old), _contact_fields(shall))
            yield RosterChange(kind=ChangeKind.CONTACT_CHANGED, contact=shall, was=was, now=now)


def _removals(file: RosterFile, directory: Roster) -> Iterator[RosterChange]:
    named = {entry.contact.email for entry in file.contacts}
    for email, old in directory.contacts.items():
        if email in named or not (old.roles or old.slack):
            continue
        shall = replace(old, roles={}, slack=None)
        was, now = _difference(_contact_fields(old), _contact_fields(shall))
        yield RosterChange(kind=ChangeKind.CONTACT_REMOVED, contact=shall, was=was, now=now)


def _warnings(file: RosterFile, after: Roster) -> Iterator[str]:
    for entry in file.contacts:
        manager = entry.contact.manager
        if manager is not None and manager not in after.contacts:
            yield f"line {entry.line}: the manager {manager} of {entry.contact.email} is no contact"
    owned = {
        a for c in after.contacts.values() for a, role in c.roles.items() if role is Role.OWNER
    }
    for account_id in sorted(set(after.accounts) - owned):
        yield f"the account {account_id} has no owner"


def _after(directory: Roster, changes: tuple[RosterChange, ...]) -> Roster:
    """Return the directory as it will be."""
    accounts = {c.account.id: c.account for c in changes if c.account}
    contacts = {c.contact.email: c.contact for c in changes if c.contact}
    return Roster(
        accounts={**directory.accounts, **accounts}, contacts={**directory.contacts, **contacts}
    )


def describe_identity(identity: SlackIdentity | None) -> str:
    """Return a Slack identity as text, largest part first."""
    if identity is None:
        return _NOTHING
    return "/".join(part for part in (identity.enterprise, identity.team, identity.user) if part)


def describe_roles(roles: Mapping[AccountId, Role]) -> str:
    """Return roles as text, by account."""
    return ", ".join(f"{account} {roles[account]}" for account in sorted(roles)) or _NOTHING


_ACCOUNT_FIELDS: Mapping[str, Callable[[Account], str]] = {
    "name": lambda account: account.name,
    "two_factor": lambda account: account.two_factor,
}

_CONTACT_FIELDS: Mapping[str, Callable[[RosterContact], str]] = {
    "username": lambda contact: contact.username,
    "name": lambda contact: contact.name,
    "phone": lambda contact: contact.phone or _NOTHING,
    "manager": lambda contact: contact.manager or _NOTHING,
    "slack": lambda contact: describe_identity(contact.slack),
    "roles": lambda contact: describe_roles(contact.roles),
}


def _account_fields(account: Account) -> dict[str, str]:
    return {name: describe(account) for name, describe in _ACCOUNT_FIELDS.items()}


def _contact_fields(contact: RosterContact) -> dict[str, str]:
    return {name: describe(contact) for name, describe in _CONTACT_FIELDS.items()}


def _difference(
    old: Mapping[str, str], new: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    differing = [name for name in new if old[name] != new[name]]
    return {n: old[n] for n in differing}, {n: new[n] for n in differing}
