"""Mentions in every form in which Slack sends them."""

import pytest

from bot.domain.model.errors import MentionMissing, SeveralMentions
from bot.handlers.mentions import Act, Asked, parse_command


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("", Asked()),
        ("  ", Asked()),
        ("help", Asked(act=Act.HELP)),
        (" HELP ", Asked(act=Act.HELP)),
        ("<@U01BOB>", Asked(user="U01BOB")),
        ("<@U01BOB|bob>", Asked(user="U01BOB")),
        ("<@U01BOB|>", Asked(user="U01BOB")),
        ("<@W01BOB>", Asked(user="W01BOB")),
        ("  <@U01BOB>   lost his phone ", Asked(user="U01BOB", reason="lost his phone")),
        ("<@U01BOB>lost", Asked(user="U01BOB", reason="lost")),
        ("<@U01BOB> he, <@U01BOB>, lost it", Asked(user="U01BOB", reason="he, @U01BOB, lost it")),
        ("<@U01BOB> a &amp;lt; b &lt;3", Asked(user="U01BOB", reason="a &lt; b <3")),
        ("<@U01BOB> see <https://x.example/1|HD-1>", Asked(user="U01BOB", reason="see HD-1")),
        ("<@U01BOB> <https://x.example>", Asked(user="U01BOB", reason="https://x.example")),
        ("<@U01BOB> in <#C1|help>", Asked(user="U01BOB", reason="in help")),
        ("<@U01BOB> and @carol", Asked(user="U01BOB", reason="and @carol")),
        ("@bob", Asked(username="bob")),
        ("hand-over <@U01BOB>", Asked(act=Act.HAND_OVER, user="U01BOB")),
        ("HandOver  <@U01BOB|bob> now", Asked(act=Act.HAND_OVER, user="U01BOB", reason="now")),
        ("hand-over @bob", Asked(act=Act.HAND_OVER, username="bob")),
        (" hand-over ", Asked(act=Act.HAND_OVER)),
        ("status <@U01BOB>", Asked(act=Act.STATUS, user="U01BOB")),
        ("Status", Asked(act=Act.STATUS)),
        (" Pending ", Asked(act=Act.PENDING)),
        ("mine", Asked(act=Act.MINE)),
        ("@bob.brown  lost &lt;it&gt;", Asked(username="bob.brown", reason="lost <it>")),
    ],
)
def test_is_understood(typed: str, asked: Asked) -> None:
    assert parse_command(typed) == asked


@pytest.mark.parametrize(
    "typed",
    [
        "@",
        "@ bob",
        "@bob<b>",
        "bob",
        "bob <@U01BOB>",
        "U01BOB",
        "status bob",
        "hand-over bob",
        "hand-over<@U01BOB>",
        "hand over <@U01BOB>",
        "hand-over hand-over <@U01BOB>",
        "status help",
        "<!channel>",
        "<!subteam^S01HELP|@help>",
        "<#C01GENERAL|general>",
        "<@u01bob>",
        "<@B01BOT>",
        "<@>",
        "<@U01BOB",
        "<@U01\u0411OB>",
        "<@U01BOB|<b>>",
        "help me",
        "pending <@U01BOB>",
        "mine too",
    ],
)
def test_names_nobody(typed: str) -> None:
    with pytest.raises(MentionMissing):
        parse_command(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "<@U01BOB> <@U01CAROL>",
        "<@U01BOB|bob> asked by <@W01CAROL|c>",
        "@bob @carol",
        "@bob, @carol",
        "hand-over <@U01BOB> <@U01CAROL>",
    ],
)
def test_names_several(typed: str) -> None:
    with pytest.raises(SeveralMentions):
        parse_command(typed)
