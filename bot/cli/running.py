"""Running a command: whatever goes wrong becomes one sentence and an exit code."""

import traceback
from collections.abc import Sequence

import typer
from typer.main import get_command

from bot.cli.console import Failed, complain
from bot.cli.program import app
from bot.cli.sentences import refusal_sentence
from bot.domain.model.errors import Fault, Refusal
from bot.settings.settings import SettingsError
from storage.errors import StorageError

REFUSED = 1


def run(arguments: Sequence[str]) -> int:
    """Run the command and return the exit code: 0 done, 1 a check or rule said no, 2 wrong use."""
    try:
        result = get_command(app).main(
            args=list(arguments), prog_name="rekey", standalone_mode=False
        )
    except Exception as error:  # noqa: BLE001  # the last resort; each is told
        sentence, code = _told(error)
        complain(sentence)
        return code
    return result if isinstance(result, int) else 0


def _told(error: Exception) -> tuple[str, int]:
    """Return what to say of the error, and the exit code."""
    code = REFUSED
    match error:
        case typer.TyperException():
            sentence, code = _plain(error.format_message()), error.exit_code
        case Failed():
            sentence, code = str(error), error.code
        case typer.Abort():
            sentence = "Stopped."
        case SettingsError():
            sentence = "\n".join(error.faults)
        case StorageError():
            sentence = str(error)
        case Refusal() | Fault():
            sentence = refusal_sentence(error)
        case _:
            sentence = _unexpected(error)
    return sentence, code


def _plain(message: str) -> str:
    """Return what was used wrongly, without the name of the exception that Typer found it by."""
    return message.strip().replace(": Value error, ", ": ")


def _unexpected(error: Exception) -> str:
    """Log where it happened, and no text of the error, which may hold what was typed."""
    import structlog

    from bot.logs.logging import configure_logs

    configure_logs()
    kind = type(error).__name__
    frames = [f"{f.filename}:{f.lineno}" for f in traceback.extract_tb(error.__traceback__)[-4:]]
    structlog.stdlib.get_logger(__name__).error("unexpected", type=kind, frames=frames)
    return f"Something unexpected happened ({kind}); the line above says where. This is a bug."
