"""The playground's page: Slack's client in a browser, for whichever sample person is chosen."""

from playground.page.server import PageServer

__all__ = ["PageServer"]
