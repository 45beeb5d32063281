"""A strict Slack for each test, and a site around it, as for the faults."""

from tests.faults.conftest import postgresql_site, site, slack

__all__ = ["postgresql_site", "site", "slack"]
