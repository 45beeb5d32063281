"""The table of fault points: each step of the program that writes or sends, and its story.

The program is killed just before and just after each of them, and told to end there, by
`test_killed.py`, which also compares the table with the source.
"""

from collections.abc import Callable, Mapping

from tests.crash import commands, stories, stories_of_cases, stories_of_trouble
from tests.crash.commands import Command
from tests.crash.stage import Stage

Story = Callable[[Stage], None]

POINTS: Mapping[Story, tuple[str, ...]] = {
    stories.re_enrolment: (
        "bot.domain.resets.asking:AskingService.prepare",
        "bot.handlers.opening:open_modal",
        "bot.domain.resets.asking:AskingService.request",
        "bot.domain.record.refusals:Recorder.refusals",
        "bot.domain.resets.asking:AskingService.request#2",
        "bot.outbox.sender:OutboxSender._take_up",
        "bot.outbox.sender:OutboxSender._claim",
        "bot.outbox.delivery:Delivery.answer",
        "bot.domain.resets.deciding:DecidingService._decide",
        "bot.domain.resets.carrying_out:ExecutingService.perform",
        "bot.outbox.delivery:Delivery._post",
        "bot.outbox.sender:OutboxSender._settle",
        "bot.domain.record.answers:PersonalAnswers.give",
        "bot.domain.set_up.enrolment:SetUpService._spend",
        "bot.domain.set_up.enrolment:SetUpService.show_code",
        "bot.domain.set_up.enrolment:SetUpService.accept_code",
        "bot.domain.set_up.first_codes:verify_first_code",
        "bot.domain.set_up.enrolment:SetUpService.bind",
    ),
    stories.everyday: (
        "storage.database:Database.prove_writable",
        "bot.domain.set_up.sign_in:_prove",
        "bot.domain.set_up.sign_in:SignInService.begin",
        "bot.domain.set_up.sign_in:SignInService.verify_code",
        "bot.domain.set_up.sign_in:SignInService.verify_code#2",
        "bot.domain.set_up.sign_in:SignInService.session_of",
        "bot.domain.set_up.sign_in:SignInService.change_password",
        "bot.domain.set_up.sign_in:SignInService.sign_out",
    ),
    stories.declined: ("bot.domain.resets.deciding:DecidingService.decline",),
    stories.expired: ("bot.domain.resets.deciding:DecidingService._expire_all",),
    stories.lapsed: (
        "bot.domain.sweep:Sweep._forget_old",
        "bot.domain.record.audit_head:AuditHeadService.post_due",
        "bot.domain.following_up.reminders:ReminderService._remind_all",
        "bot.domain.following_up.lapsing:LapseService._settle",
    ),
    stories.vetoed: ("bot.domain.resets.reports:ReportService.report",),
    stories.at_home: ("bot.handlers.home_pages:HomePages._publish",),
    stories_of_cases.looked_after: (
        "bot.domain.desk.case_lists:CaseListService._list",
        "bot.domain.desk.case_work:CaseWorkService.status",
        "bot.domain.desk.case_work:CaseWorkService.take_over",
        "bot.domain.desk.case_work:CaseWorkService.remind",
        "bot.domain.desk.case_work:CaseWorkService.details",
    ),
    stories_of_cases.cancelled: ("bot.domain.desk.case_work:CaseWorkService.cancel",),
    stories_of_cases.own_request: (
        "bot.domain.resets.asking_for_help:OwnRequestService.ask",
        "bot.domain.resets.asking_for_help:OwnRequestService.withdraw",
        "bot.outbox.delivery:Delivery.change",
        "bot.domain.resets.asking_for_help:OwnRequestService.take",
        "bot.domain.resets.asking_for_help:OwnRequestService._expire",
    ),
    stories_of_cases.handed_over: (
        "bot.domain.set_up.handing_over:HandOverService.hand_over",
        "bot.domain.set_up.handing_over:HandOverService.hand_over#2",
    ),
    stories_of_cases.out_of_reach: (
        "bot.outbox.sender:OutboxSender._may_go_by",
        "bot.outbox.sender:OutboxSender._delay",
        "bot.outbox.sender:OutboxSender._give_up",
    ),
    stories_of_trouble.picked_up: (
        "bot.domain.resets.carrying_out:ExecutingService.release_leases",
        "bot.domain.resets.carrying_out:ExecutingService.take",
        "bot.domain.resets.carrying_out:ExecutingService.let_go",
    ),
    stories_of_trouble.put_off: ("bot.domain.resets.carrying_out:ExecutingService._put_off",),
    stories_of_trouble.held_up: (
        "bot.handlers.errors:_say",
        "bot.handlers.errors:_say#2",
    ),
    stories_of_trouble.undrawable: ("bot.outbox.sender:OutboxSender._claim#2",),
    stories_of_trouble.by_mail: ("bot.outbox.email:EmailDelivery.post",),
}
"""While `rekey serve` runs."""

APART = frozenset({"bot.domain.resets.carrying_out:ExecutingService._put_off"})
"""Steps that are not reached once more after the program was killed before them."""

COMMANDS: Mapping[Command, tuple[str, ...]] = {
    commands.IMPORT: ("bot.domain.operator.importing:ImportService.run",),
    commands.BIND: ("bot.domain.operator.identities:IdentityService.bind",),
    commands.REPLACE: ("bot.domain.operator.identities:IdentityService.replace",),
    commands.SET_PASSWORD: ("bot.domain.operator.enrolling:OperatorService.set_password",),
    commands.SUSPEND: ("bot.domain.operator.suspending:SuspensionService.suspend",),
    commands.REINSTATE: ("bot.domain.operator.suspending:SuspensionService.reinstate",),
    commands.FORGET: ("bot.domain.operator.forgetting:ForgettingService.forget",),
    commands.ENROL: ("bot.domain.operator.enrolling:OperatorService.begin_enrolment",),
    commands.CONFIRM: ("bot.domain.operator.enrolling:OperatorService.confirm_enrolment",),
    commands.RESET: ("bot.domain.operator.resets:OperatorResetService._open",),
    commands.SET_UP_CODE: ("bot.domain.operator.hand_overs:OperatorHandOverService.hand_over",),
    commands.ROTATE: ("bot.domain.operator.enrolling:OperatorService.rotate_keys",),
}
"""While the operator's commands run."""

UPGRADE = "storage.database:Database.upgrade"
"""While the database is made or migrated, which `test_commands.py` tries by itself."""
