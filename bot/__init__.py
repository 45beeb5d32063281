"""Rekey: a Slack bot that resets a person's two-factor authentication, safely."""

__version__ = "0.1.0"
