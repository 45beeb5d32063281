"""The script of the documentation's pictures works, and what it took is fit to be shown."""

from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser

from tests.pictures import FOLDER, LARGEST, take_all


def test_a_picture_can_be_taken(chromium: Browser, tmp_path: Path) -> None:
    taken = take_all(chromium, tmp_path, scenes=1)
    assert list(taken) == ["command"]
    with Image.open(taken["command"]) as picture, Image.open(FOLDER / "command.png") as kept:
        assert picture.size == kept.size
    assert taken["command"].stat().st_size <= LARGEST
