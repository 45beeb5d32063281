"""Delivering to a Bolt app without a network, so that scenario tests are quick."""

from __future__ import annotations

from slack_bolt import App, BoltRequest

from playground.slack.courier import InProcess


def dispatch_to(app: App) -> InProcess:
    """Return a `deliver_to` that hands each signed request to `app.dispatch`."""

    def deliver(body: bytes, headers: dict[str, str]) -> tuple[int, dict[str, list[str]], str]:
        response = app.dispatch(BoltRequest(body=body.decode(), headers={**headers}))
        answered = {name: list(values) for name, values in response.headers.items()}
        return response.status, answered, str(response.body)

    return deliver
