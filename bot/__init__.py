"""Rekey: a Slack bot that resets a person's two-factor authentication, safely."""

import os

# Nobody's plugin is to read the settings, some of which are secret; looking for one costs a start
# 30 ms. A name that the environment gives holds.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

__version__ = "0.1.0"
