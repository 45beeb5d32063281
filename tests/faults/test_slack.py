"""A Slack that limits, fails, talks nonsense, takes its time or says nothing, then is well."""

from collections.abc import Callable

from playground.slack.faults import Faults
from tests.faults.site import COMPLETED, SLACK_WAITS, Site, Stopwatch, ready_page, until

MISSING = "Slack cannot be asked, or refuses the token."

Ail = Callable[[Faults, str, int | None], object]

AILMENTS: dict[str, Ail] = {
    "429": lambda faults, method, times: faults.rate_limit(method, retry_after=1, times=times),
    "500": lambda faults, method, times: faults.server_error(method, times=times),
    "garbage": lambda faults, method, times: faults.garbage(method, times=times),
    "not at all": lambda faults, method, times: faults.drop(method, times=times),
    "too slow": lambda faults, method, times: faults.hold(method, times=times),
}


def test_messages_arrive_once(site: Site) -> None:
    """One that Slack takes late, when nobody listens for its answer any more, may come twice."""
    site.machine.settings["REKEY_SWEEP_EVERY"] = "PT1S"
    admins = ("alice", "alan", "carol", "alice", "alan")
    subscribers = ("bob", "beth", "bill", "bree", "bart")
    with site.served():
        for ailment, admin, subscriber in zip(AILMENTS, admins, subscribers, strict=True):
            block = site.request(admin, subscriber)
            until(lambda: site.pending() == 0)
            AILMENTS[ailment](site.slack.faults, "chat.postMessage", 1)
            assert site.yes(admin, block).ok
            until(lambda: site.pending() == site.waiting())
            assert site.slack.faults.take("chat.postMessage") is None, ailment  # it was met
            site.slack.faults.clear()
            site.hurry()
            until(lambda: site.pending() == 0)
            at_most = 2 if ailment == "too slow" else 1
            assert 1 <= len(site.told(subscriber, COMPLETED)) <= at_most, ailment
        told = [m.text for m in site.slack_of("carol").dm]
    assert len(set(told)) == len(AILMENTS)


def test_after_a_rate_limit_messages_leave_in_the_order_in_which_they_were_due(
    site: Site,
) -> None:
    with site.served():
        blocks = [("alice", site.request("alice", "bob")), ("alan", site.request("alan", "beth"))]
        until(lambda: site.pending() == 0)
        site.slack.faults.rate_limit("chat.postMessage", retry_after=2)
        for admin, block in blocks:
            assert site.yes(admin, block).ok
        until(lambda: site.pending() == 0)
        told = [f"{m.text} {m.shown}" for m in site.slack_of("carol").dm]
    assert ["Bob Acme" in told[0], "Beth Acme" in told[1], len(told)] == [True, True, 2], told
    refused = [c for c in site.slack.calls if c.method == "chat.postMessage" and c.error]
    assert len(refused) == 1


def test_commands_are_refused_in_time_and_then_taken(site: Site) -> None:
    with site.served() as served:
        for ailment, ail in AILMENTS.items():
            for method in ("auth.test", "users.info"):
                ail(site.slack.faults, method, None)
            with Stopwatch() as taken:
                refused = site.type("alice", "bob")
            assert refused.error is None, ailment
            assert "Slack" in refused.body, ailment
            assert "Nothing was changed" in refused.body, ailment
            assert taken.seconds < SLACK_WAITS, ailment
            until(lambda: ready_page(served) == (503, MISSING))
            site.slack.faults.clear()
            until(lambda: ready_page(served) == (200, "ready"))
        site.reset("alice", "bob")
        site.wait_until_told("bob", COMPLETED)


def test_slack_that_is_slow_at_every_question_is_still_answered_in_time(site: Site) -> None:
    """Where the app is installed was asked at the start."""
    with site.served():
        until(lambda: "auth.test" in [call.method for call in site.slack.calls])
        for method in ("auth.test", "users.info", "views.open"):
            site.slack.faults.slow(method, seconds=0.5, times=None)
        with Stopwatch() as taken:
            answered = site.type("alice", "bob")
        assert answered.error is None
        assert taken.seconds < SLACK_WAITS
        assert site.slack_of("alice").modals
        site.slack.faults.clear()
