"""`rekey people forget`: a leaver's personal data, erased beside the audit chain."""

from bot.cli.console import confirm, remark, say, warn
from bot.cli.tools import writing


def forget_contact(email: str, *, yes: bool) -> None:
    """Ask whether that is meant, erase, and say how much that was."""
    tools = writing()
    forgetting, operator = tools.services.forgetting, tools.operator
    contact = forgetting.authorize(email, operator=operator)
    if not yes:
        confirm(f"Erase everything about {contact.name} <{contact.email}>, for good?")
    erased = forgetting.forget(email, operator=operator)
    say(f"The contact is forgotten; only the id {erased.contact_id} is left.")
    say(
        f"Erased: who they were; the details of {_number(erased.records, 'audit record')}; reason "
        f"and ticket of {_number(erased.cases, 'case')}; from where they signed in; what their "
        "messages said."
    )
    if not tools.database.scrub():
        warn("another program reads the database; its log will lose the data at the next write")
    remark("Backups and exports made before still hold the data.")


def _number(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
