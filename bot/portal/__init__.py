"""The embedded Portal's pages: sign in, set 2FA up, change a password, sign out."""

from bot.portal.pages import register
from bot.portal.settings import PortalSettings

__all__ = ["PortalSettings", "register"]
