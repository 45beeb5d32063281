"""The Web API: tokens, scopes and arguments; the methods are in the `methods_…` modules."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from playground.slack.errors import SlackRefuses
from playground.slack.model import Call, Json
from playground.slack.schema import problem
from playground.slack.workspace import Workspace

_JSON_ARGUMENTS = ("blocks", "view", "attachments", "metadata")
_EVERYWHERE = ("token", "team_id")  # Bolt's client sends the team's id with every call


@dataclass(frozen=True, kw_only=True)
class Method:
    """One method: who may call it, with what, and what it does."""

    run: Callable[[Json], Json]
    scope: str | None = None
    token: str = "bot"  # noqa: S105  # the kind of token, not a token
    takes_json: bool = True
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()


@dataclass(kw_only=True)
class Tokens:
    """The tokens of one installation.

    Set `bot_error` to what Slack says of the bot's from now on, such as `token_revoked`,
    `account_inactive` or `token_expired`. Without `tells_scopes` the header `x-oauth-scopes` is
    missing, as from some emulators.
    """

    bot: str
    app: str
    bot_error: str | None = None
    tells_scopes: bool = True

    def kind(self, token: str | None) -> str:
        """Say whose token this is: bot, app, none or unknown."""
        return {self.bot: "bot", self.app: "app", None: "none"}.get(token, "unknown")

    def verify(self, token: str | None, *, kind: str) -> None:
        """Raise SlackRefuses unless `token` is a good one of that kind."""
        actual = self.kind(token)
        if actual == "none":
            raise SlackRefuses("not_authed")
        if actual == "unknown":
            raise SlackRefuses("invalid_auth")
        if actual != kind:
            raise SlackRefuses("not_allowed_token_type")
        if actual == "bot" and self.bot_error is not None:
            raise SlackRefuses(self.bot_error)


class WebApi:
    """Every method of one stand-in; what is not in `methods` is `unknown_method`."""

    def __init__(self, workspace: Workspace, tokens: Tokens, methods: Mapping[str, Method]) -> None:
        self._workspace = workspace
        self._tokens = tokens
        self._methods = methods

    def call(self, name: str, *, token: str | None, arguments: Json, is_json: bool) -> Json:
        """Answer one call; what the bot did wrong becomes a violation too."""
        try:
            answer = {"ok": True, **self._run(name, token, arguments, is_json=is_json)}
        except SlackRefuses as refusal:
            if refusal.is_the_bots_fault:
                self._workspace.violate(f"{name}: {refusal.error} {refusal.findings}")
            answer = {"ok": False, "error": refusal.error, **refusal.more}
            if refusal.findings:
                answer["response_metadata"] = {"messages": refusal.findings}
        self.record(name, token=token, arguments=arguments, error=answer.get("error"))
        return answer

    def record(self, name: str, *, token: str | None, arguments: Json, error: str | None) -> None:
        """Append the call to the transcript, without its token."""
        self._workspace.record(
            Call(
                method=name,
                token=self._tokens.kind(token),
                arguments={key: arguments[key] for key in arguments if key != "token"},
                error=error,
            )
        )

    def headers(self, name: str, *, token: str | None) -> dict[str, str]:
        """Return the scopes held and wanted, which Slack tells the holder of a bot token."""
        method = self._methods.get(name)
        told = self._tokens.tells_scopes and self._tokens.kind(token) == "bot"
        if method is None or not told:
            return {}
        return {
            "x-oauth-scopes": ",".join(sorted(self._workspace.scopes)),
            "x-accepted-oauth-scopes": method.scope or "",
        }

    def _run(self, name: str, token: str | None, arguments: Json, *, is_json: bool) -> Json:
        method = self._methods.get(name)
        if method is None:
            raise SlackRefuses("unknown_method")
        self._tokens.verify(token, kind=method.token)
        if method.scope is not None:
            require_scope(self._workspace, method.scope)
        # Slack's older reading methods take no JSON: the arguments are then simply missing.
        given = _decoded(arguments) if method.takes_json or not is_json else {}
        missing = [key for key in method.required if given.get(key) in (None, "")]
        if missing:
            findings = [problem(f"missing required field: {key}", "") for key in missing]
            raise SlackRefuses("invalid_arguments", findings)
        for key in given.keys() - {*method.required, *method.optional, *_EVERYWHERE}:
            self._workspace.violate(f"{name}: unknown argument {key}")
        with self._workspace.lock:
            return method.run(given)


def require_scope(workspace: Workspace, scope: str) -> None:
    """Raise SlackRefuses unless the bot was granted `scope`."""
    if scope not in workspace.scopes:
        provided = ",".join(sorted(workspace.scopes))
        raise SlackRefuses("missing_scope", more={"needed": scope, "provided": provided})


def is_true(value: object) -> bool:
    """Read a flag as JSON and forms spell it."""
    return value is True or str(value).lower() in {"1", "true"}


def _decoded(arguments: Json) -> Json:
    """Return the arguments with those that may come as JSON text read."""
    given = dict(arguments)
    for key in _JSON_ARGUMENTS:
        if isinstance(given.get(key), str):
            try:
                given[key] = json.loads(given[key])
            except ValueError:
                raise SlackRefuses(
                    "invalid_arguments", [problem("must provide JSON", f"/{key}")]
                ) from None
    return given
