"""An office at work: the whole program with people around it, built as `serve` builds it."""

from tests.office.browser import Browser, Page
from tests.office.office import AUDIT, CHANNEL, MANIFEST, OTHER_TEAM, Office, QuickPasswords

__all__ = [
    "AUDIT",
    "CHANNEL",
    "MANIFEST",
    "OTHER_TEAM",
    "Browser",
    "Office",
    "Page",
    "QuickPasswords",
]
