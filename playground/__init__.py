"""A strict local stand-in for Slack, for tests and for `rekey playground`."""
