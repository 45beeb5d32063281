"""Whole stories: signed requests through the real Bolt app, against the strict stand-in."""
