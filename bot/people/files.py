"""Reading the file of an import, YAML or CSV by its ending."""

from collections.abc import Callable
from pathlib import Path

from bot.domain.model.errors import FileFault, ImportFileUnfit
from bot.domain.operator.import_plan import RosterFile
from bot.people.csv_file import read_csv
from bot.people.yaml_file import read_yaml

READERS = {".yaml": read_yaml, ".yml": read_yaml, ".csv": read_csv}
"""By the file's ending, in lower case."""


def read_roster(
    path: Path, content: bytes, *, advance: Callable[[int], None] = lambda _: None
) -> RosterFile:
    """Return the accounts and contacts in `content`, in the format that the path's ending names.

    `advance` is told from time to time how many characters were read. Raises `ImportFileUnfit`
    with every fault, and `KeyError` for an ending that is not in `READERS`.
    """
    read = READERS[path.suffix.lower()]
    return read(_decoded(content), advance=advance)


def _decoded(content: bytes) -> str:
    """Return UTF-8 text, without the byte order mark that spreadsheets put in front."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as broken:
        line = content.count(b"\n", 0, broken.start) + 1
        raise ImportFileUnfit([FileFault(line, "this is not UTF-8 text")]) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise ImportFileUnfit([FileFault(line, "this is not text")])
    return text
