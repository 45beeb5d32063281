"""Slack out: pure functions from domain values to Block Kit, and every text that people read."""
