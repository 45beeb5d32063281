"""What cannot be done about a case, a request or a report, or when a set-up code is handed over."""

from bot.domain.model.errors.base import Later, Refusal


class CaseActRefused(Refusal):
    """What was to be done about a case cannot be done."""


class CaseMovedOn(CaseActRefused):
    """The case is in a state in which this does nothing."""


class CaseYoursAlready(CaseActRefused):
    """Whoever wants to take the case over has it."""


class RemindedAlready(Later, CaseActRefused):
    """The subscriber was reminded by hand a short while ago; says when to try again."""


class HandOverRefused(Refusal):
    """No set-up code is handed over."""


class HandOverByAdmin(HandOverRefused):
    """The case's own admin wants to hand the set-up code over: that takes a second person."""


class NobodyWaits(HandOverRefused):
    """No sign-in of that contact waits for a set-up code."""


class SignInMissing(HandOverRefused):
    """It was not said which of several waiting sign-ins is theirs, or that one waits no more."""


class SubscriberSuspended(HandOverRefused):
    """The contact's sign-in is suspended, so no set-up code helps them."""


class RequestRefused(Refusal):
    """A person's own request for a reset cannot be made, taken or withdrawn."""


class RequestWaits(RequestRefused):
    """The person has asked already, and that request has not ended."""


class RequestThrottled(Later, RequestRefused):
    """The person has asked three times within a day; says when to try again."""


class RequestTaken(RequestRefused):
    """Another administrator has taken the request; names them."""

    def __init__(self, admin_name: str) -> None:
        super().__init__(admin_name)
        self.admin_name = admin_name


class RequestGone(RequestRefused):
    """There is no such request for whoever asks, or it has ended."""


class NobodyEntitled(RequestRefused):
    """Nobody in Slack may reset the person, so a request would reach nobody."""


class ReportRefused(Refusal):
    """A report of "This wasn't me" cannot be taken."""


class NotTheSubscriber(ReportRefused):
    """Somebody else's 2FA is concerned."""


class ReportTooLate(ReportRefused):
    """Re-enrolment was more than thirty days ago, or another case has taken this one's place."""


class AlreadyReported(ReportRefused):
    """The case was reported before."""
