"""What Slack answered to a call that it refused."""

import re
from typing import Any

_WORD = re.compile(r"[a-z0-9_]{1,64}")


def word_of(response: Any) -> str:  # noqa: ANN401  # the SDK says no more of it
    """Return Slack's word for what is wrong, which some answers lack: never free text."""
    word = response.get("error") if hasattr(response, "get") else None
    return word if isinstance(word, str) and _WORD.fullmatch(word) else "no word of Slack's"
