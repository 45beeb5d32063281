"""Encryption of what must not lie readable in a database: AES-256-GCM, several keys."""

import hashlib
import secrets
import sys
import threading
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from storage.errors import SecretKeyError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
_KEY_ID_BYTES = 8
_NONCE_BYTES = 12
"""96 random bits, the length that AES-GCM is made for (NIST SP 800-38D, section 8.2)."""

_LOADED_AFTER = 0.3
"""Seconds, so that whoever expects to need it is answered meanwhile."""


class SecretBox:
    """Encrypts under the first key and decrypts under any, each text for one row alone.

    A box without keys can be made, so that what touches no secret needs none. A ciphertext is the
    key's id, the nonce, and what AES-GCM made of the text, with the row's id as associated data.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        if any(len(key) != KEY_BYTES for key in keys):
            raise SecretKeyError(f"Each key in REKEY_SECRET_KEYS must have {KEY_BYTES} bytes.")
        self._keys = {_key_id(key): key for key in keys}
        self._current = _key_id(keys[0]) if keys else None
        self._expected = False

    def encrypt(self, text: str, *, row_id: str) -> bytes:
        """Encrypt for the row with that id; raises `SecretKeyError` where there is no key."""
        key_id = self._current_key_id()
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = self._ciphers[key_id].encrypt(nonce, text.encode(), row_id.encode())
        return key_id + nonce + sealed

    def decrypt(self, ciphertext: bytes, *, row_id: str) -> str:
        """Return the text; raises `SecretKeyError` for a wrong key, another row, or damage."""
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415  # as late as the ciphers

        self._current_key_id()
        key_id, rest = ciphertext[:_KEY_ID_BYTES], ciphertext[_KEY_ID_BYTES:]
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise SecretKeyError("No key in REKEY_SECRET_KEYS fits what is stored.")
        try:
            opened = cipher.decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], row_id.encode())
        except (InvalidTag, ValueError):  # ValueError: too short to have been made here
            raise SecretKeyError("What is stored encrypted was changed or moved.") from None
        return opened.decode()

    def is_current(self, ciphertext: bytes) -> bool:
        """Whether it is under the first key; raises `SecretKeyError` where there is none."""
        return ciphertext[:_KEY_ID_BYTES] == self._current_key_id()

    def expect(self) -> None:
        """Load the ciphers in a moment, in a thread: a secret will be wanted soon."""
        if not self._expected and "cryptography" not in sys.modules:
            self._expected = True
            loading = threading.Timer(_LOADED_AFTER, lambda: self._ciphers)
            loading.daemon = True
            loading.start()

    @cached_property
    def _ciphers(self) -> "dict[bytes, AESGCM]":
        """Made when they are wanted: the library takes 8 MiB, and an idle program needs none."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415  # see above

        return {key_id: AESGCM(key) for key_id, key in self._keys.items()}

    def _current_key_id(self) -> bytes:
        if self._current is None:
            raise SecretKeyError("REKEY_SECRET_KEYS is not set.")
        return self._current


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"rekey key id\n" + key).digest()[:_KEY_ID_BYTES]
