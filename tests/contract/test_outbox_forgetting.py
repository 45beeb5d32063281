"""Answers hold names in their text: once they have left, they go with anybody who is forgotten."""

from bot.domain.model.ids import ContactId
from bot.domain.model.notices import Notice, NoticeKind
from storage.database import Database
from tests.fakes import NOON, World

SAYS = {"text": "A reset is under way, asked for by Alice Archer."}


def test_answers_that_have_left_lose_their_text_and_others_keep_it(
    store: Database, world: World
) -> None:
    to_bob = Notice(kind=NoticeKind.REPLY, contact_id=world.bob.id, facts=SAYS)
    acted = Notice(kind=NoticeKind.OPERATOR_ACTED, contact_id=world.bob.id, facts={"act": "acted"})
    with store.unit_of_work() as uow:
        given_up = uow.outbox.add(to_bob, now=NOON)
        waiting, other = uow.outbox.add(to_bob, now=NOON), uow.outbox.add(acted, now=NOON)
        assert given_up is not None
        assert other is not None
        uow.outbox.mark_failed(given_up, now=NOON, error="user_disabled", holder=None)
        uow.outbox.mark_failed(other, now=NOON, error="user_disabled", holder=None)
        uow.outbox.forget(ContactId("con_alice"))
        left = {message.id: message.notice.facts for message in uow.outbox.undelivered()}
        assert left == {given_up: {}, other: {"act": "acted"}}
        assert [(m.id, m.notice.facts) for m in uow.outbox.due(NOON, limit=9)] == [(waiting, SAYS)]
