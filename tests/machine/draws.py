"""What is drawn of people, codes, places and times."""

from datetime import timedelta

from hypothesis import strategies as st

NAMES = ("carol", "alice", "alan", "bob", "dana")
anybody = st.sampled_from(NAMES)
admins = st.sampled_from(("alice", "alan", "carol", "alice", "alan", "dana", "bob"))
subscribers = st.sampled_from(("bob",) * 6 + ("alan", "alice", "carol", "dana"))
kinds_of_code = st.sampled_from(("right", "right", "right", "wrong", "replayed", "malformed"))
places = st.integers(min_value=0, max_value=40)
waits = st.sampled_from(
    (
        timedelta(seconds=30),
        timedelta(minutes=2),
        timedelta(minutes=6),
        timedelta(hours=1),
        timedelta(days=1),
        timedelta(days=8),
        timedelta(days=15),
        timedelta(days=31),
    )
)
