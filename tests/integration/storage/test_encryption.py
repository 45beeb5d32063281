"""What lies encrypted in the database, under which key, and bound to which row."""

from pathlib import Path

import pytest
from sqlalchemy import select, update

from bot.domain.model.notices import Notice, NoticeKind
from bot.domain.ports.sign_in import KeyUse
from storage.database import Database
from storage.encryption import SecretBox
from storage.engine import make_engine
from storage.errors import SecretKeyError
from storage.tables import authenticators
from tests.fakes import NOON, World, an_authenticator
from tests.fakes.sqlite import SECRET_KEYS, url_of

OLD, NEW = SECRET_KEYS[0], b"n" * 32
ROW = "aut_1"


class TestSecretBox:
    def test_what_was_encrypted_is_decrypted(self) -> None:
        box = SecretBox([OLD])
        assert box.decrypt(box.encrypt("GEZDGNBV ü", row_id=ROW), row_id=ROW) == "GEZDGNBV ü"

    def test_the_same_text_is_never_encrypted_alike(self) -> None:
        box = SecretBox([OLD])
        assert box.encrypt("same", row_id=ROW) != box.encrypt("same", row_id=ROW)

    def test_another_row_does_not_decrypt(self) -> None:
        box = SecretBox([OLD])
        with pytest.raises(SecretKeyError, match="changed or moved"):
            box.decrypt(box.encrypt("secret", row_id=ROW), row_id="aut_2")

    @pytest.mark.parametrize("position", [8, 20, -1], ids=["nonce", "text", "tag"])
    def test_a_changed_byte_does_not_decrypt(self, position: int) -> None:
        box = SecretBox([OLD])
        changed = bytearray(box.encrypt("secret", row_id=ROW))
        changed[position] ^= 1
        with pytest.raises(SecretKeyError, match="changed or moved"):
            box.decrypt(bytes(changed), row_id=ROW)

    @pytest.mark.parametrize("length", [0, 7, 8, 12, 20])
    def test_what_is_cut_off_does_not_decrypt(self, length: int) -> None:
        box = SecretBox([OLD])
        with pytest.raises(SecretKeyError):
            box.decrypt(box.encrypt("secret", row_id=ROW)[:length], row_id=ROW)

    def test_every_key_decrypts_and_the_first_encrypts(self) -> None:
        both = SecretBox([NEW, OLD])
        old = SecretBox([OLD]).encrypt("secret", row_id=ROW)
        assert both.decrypt(old, row_id=ROW) == "secret"
        assert not both.is_current(old)
        new = both.encrypt("secret", row_id=ROW)
        assert both.is_current(new)
        assert SecretBox([NEW]).decrypt(new, row_id=ROW) == "secret"

    def test_an_unknown_key_is_told_without_any_value(self) -> None:
        encrypted = SecretBox([OLD]).encrypt("secret", row_id=ROW)
        with pytest.raises(SecretKeyError) as told:
            SecretBox([NEW]).decrypt(encrypted, row_id=ROW)
        assert str(told.value) == "No key in REKEY_SECRET_KEYS fits what is stored."

    def test_a_box_without_keys_opens_nothing_and_says_so(self) -> None:
        encrypted = SecretBox([OLD]).encrypt("secret", row_id=ROW)
        empty = SecretBox([])
        for attempt in (
            lambda: empty.encrypt("secret", row_id=ROW),
            lambda: empty.decrypt(encrypted, row_id=ROW),
            lambda: empty.is_current(encrypted),
        ):
            with pytest.raises(SecretKeyError, match="REKEY_SECRET_KEYS is not set"):
                attempt()

    @pytest.mark.parametrize("key", [b"", b"s" * 16, b"l" * 33])
    def test_a_key_of_another_length_is_refused(self, key: bytes) -> None:
        with pytest.raises(SecretKeyError, match="32 bytes"):
            SecretBox([OLD, key])


def test_no_secret_lies_readable_in_the_file(
    database: Database, world: World, tmp_path: Path
) -> None:
    url = "https://hooks.slack.example/commands/T01/secret"
    with database.unit_of_work() as uow:
        uow.outbox.add(Notice(kind=NoticeKind.REPLY, response_url=url), now=NOON)
        uow.commit()
    database.close()
    stored = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert world.bob.email.encode() in stored  # so the search is able to find
    assert world.bob.secret
    assert world.bob.secret.encode() not in stored
    assert url.encode() not in stored


def test_a_secret_moved_to_another_authenticator_does_not_decrypt(
    database: Database, world: World, tmp_path: Path
) -> None:
    alices, bobs = world.alice.authenticator_id, world.bob.authenticator_id
    assert alices
    assert bobs
    engine = make_engine(url_of(tmp_path / "rekey.db"))
    with engine.begin() as connection:
        moved = connection.scalar(
            select(authenticators.c.encrypted_secret).where(authenticators.c.id == alices)
        )
        connection.execute(
            update(authenticators).where(authenticators.c.id == bobs).values(encrypted_secret=moved)
        )
    engine.dispose()
    with database.unit_of_work() as uow:
        assert uow.authenticators.shared_secret(alices) == world.alice.secret
        with pytest.raises(SecretKeyError, match="changed or moved"):
            uow.authenticators.shared_secret(bobs)


def test_rotation_moves_every_secret_once(world: World, tmp_path: Path) -> None:
    url = url_of(tmp_path / "rekey.db")
    assert world.bob.authenticator_id
    rotating = Database(url, secret_keys=[NEW, OLD])
    with rotating.unit_of_work() as uow:
        assert uow.authenticators.key_use() == KeyUse(current=0, older=4, lost=0)
        assert uow.authenticators.re_encrypt() == 4
        assert uow.authenticators.key_use() == KeyUse(current=4, older=0, lost=0)
        assert uow.authenticators.re_encrypt() == 0
        uow.commit()
    rotating.close()

    unrotated = Database(url, secret_keys=[OLD])
    with unrotated.snapshot() as uow:
        assert uow.authenticators.key_use() == KeyUse(current=0, older=0, lost=4)
    unrotated.close()
    rotated = Database(url, secret_keys=[NEW])
    with rotated.unit_of_work() as uow:
        assert uow.authenticators.shared_secret(world.bob.authenticator_id) == world.bob.secret
    rotated.close()
    stale = Database(url, secret_keys=[OLD])
    with stale.unit_of_work() as uow, pytest.raises(SecretKeyError, match="No key"):
        uow.authenticators.shared_secret(world.bob.authenticator_id)
    stale.close()


def test_without_keys_only_secrets_are_out_of_reach(world: World, tmp_path: Path) -> None:
    keyless = Database(url_of(tmp_path / "rekey.db"), secret_keys=[])
    assert world.bob.authenticator_id
    with keyless.unit_of_work() as uow:
        assert uow.contacts.get(world.bob.id)
        assert uow.authenticators.active_of(world.bob.id)
        assert list(uow.audit.records()) == []
        with pytest.raises(SecretKeyError, match="REKEY_SECRET_KEYS is not set"):
            uow.authenticators.shared_secret(world.bob.authenticator_id)
        with pytest.raises(SecretKeyError, match="REKEY_SECRET_KEYS is not set"):
            uow.authenticators.add(an_authenticator(world.bob.id), shared_secret="SECRET")
    keyless.close()


def test_a_response_url_of_a_lost_key_is_left_out(database: Database, tmp_path: Path) -> None:
    notice = Notice(kind=NoticeKind.REPLY, response_url="https://hooks.slack.example/secret")
    with database.unit_of_work() as uow:
        uow.outbox.add(notice, now=NOON)
        uow.commit()
    other = Database(url_of(tmp_path / "rekey.db"), secret_keys=[NEW])
    with other.unit_of_work() as uow:
        (message,) = uow.outbox.due(NOON, limit=1)
        assert message.notice.response_url is None
    other.close()
