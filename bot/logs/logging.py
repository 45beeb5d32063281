"""Logging: one stream to standard error, ours and the libraries', redacted as the last thing."""

import logging
import re
import sys
import threading
from contextlib import suppress
from types import TracebackType
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

from bot.logs.redaction import redact_event

_FROM_SLACK = re.compile(r"[/\\]slack_(?:sdk|bolt)[/\\]")
_SLACK_ERROR = re.compile(r"""["']error["']\s*:\s*["'](\w+)["']""")
_BODY = re.compile(r"[{\[].*|(?<=\bbody: ).+|(?<=\bpayload: ).+", re.DOTALL)

# Bolt finds the token in the environment too, and warns of it as of a mistake of ours.
_OF_EVERY_START = "As you gave `client` as well, `token` will be unused."

_LIBRARY_LEVELS = {
    "alembic": logging.WARNING,
    "apscheduler": logging.WARNING,  # it tells of every sweep otherwise
    "slack_bolt": logging.INFO,  # both print whole bodies when asked for more
    "slack_sdk": logging.INFO,
    "sqlalchemy": logging.WARNING,  # it prints rows otherwise
    "waitress": logging.WARNING,
    "websockets": logging.INFO,  # it prints frames otherwise
    "werkzeug": logging.WARNING,
}

_SHARED: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
)
_log = structlog.stdlib.get_logger(__name__)


def configure_logs(*, level: str = "INFO", as_json: bool | None = None) -> None:
    """Send every log line to standard error, redacted; as JSON unless that is a terminal.

    May be called again. Exceptions that nobody caught are logged, redacted too, rather than printed
    by the interpreter.
    """
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    handler = _StandardErrorHandler()
    handler.addFilter(_not_verbose_slack)
    handler.setFormatter(line_formatter(as_json=as_json))
    _install(handler, level=number)


def line_formatter(*, as_json: bool | None) -> logging.Formatter:
    """Return what makes a log record the line that is written, redacted."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*_SHARED, _cut_bodies],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            structlog.processors.StackInfoRenderer(),
            structlog.processors.UnicodeDecoder(),
            redact_event,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _renderer(as_json=as_json),
        ],
    )


class _StandardErrorHandler(logging.Handler):
    """Writes to what standard error is at that moment; never tells what it failed to write."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stderr.write(f"{self.format(record)}\n")
            sys.stderr.flush()
        except Exception:  # noqa: BLE001  # a log line must not stop the work that it tells of
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # logging's name
        """Say that a line was lost; logging's own would print the line's arguments as they are."""
        with suppress(OSError, ValueError):  # standard error is closed
            sys.stderr.write(f"a log line of {record.name}:{record.lineno} could not be written\n")


def _install(handler: logging.Handler, *, level: int) -> None:
    root = logging.getLogger()
    for old in [h for h in root.handlers if isinstance(h, _StandardErrorHandler)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level)
    for name, least in _LIBRARY_LEVELS.items():
        logging.getLogger(name).setLevel(max(least, level))
    logging.captureWarnings(capture=True)
    # A test runner's own hooks are left alone.
    if sys.excepthook is sys.__excepthook__:
        sys.excepthook = _log_uncaught
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = _log_uncaught_in_thread


def _renderer(*, as_json: bool | None) -> Processor:
    on_terminal = sys.stderr.isatty()
    if as_json or (as_json is None and not on_terminal):
        return structlog.processors.JSONRenderer()
    return structlog.dev.ConsoleRenderer(
        colors=on_terminal, exception_formatter=structlog.dev.plain_traceback
    )


def _not_verbose_slack(record: logging.LogRecord) -> bool:
    """Whether to keep a record; Slack's libraries log bodies at DEBUG, under whatever name."""
    if not _FROM_SLACK.search(record.pathname):
        return True
    return record.levelno > logging.DEBUG and record.msg != _OF_EVERY_START


def _cut_bodies(_logger: Any, _method: str, event_dict: EventDict) -> EventDict:  # noqa: ANN401  # structlog's
    """Cut the bodies out of what Slack's libraries log at any level, but for an error's name."""
    if _FROM_SLACK.search(event_dict["_record"].pathname):
        text = str(event_dict["event"])
        errors = "".join(f" ({name})" for name in _SLACK_ERROR.findall(text))
        event_dict["event"] = _BODY.sub("…", text) + errors
    return event_dict


def _log_uncaught(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, traceback)
    else:
        _log.critical("uncaught", exc_info=(kind, error, traceback))


def _log_uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_type is SystemExit or args.exc_value is None:
        return
    _log.critical(
        "uncaught in a thread", exc_info=(args.exc_type, args.exc_value, args.exc_traceback)
    )
