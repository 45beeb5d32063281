"""Slack's Web API, as far as Rekey asks it who somebody is."""
