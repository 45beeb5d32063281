"""The table of fault points: each step of the program that writes or sends, and its story.

The program is killed just before and just after each of them, by `tests/crash/test_killed.py`, and
told to end there by `test_terminated.py`. `test_points.py` compares the table with the source.
"""

from collections.abc import Callable, Mapping

from tests.crash import commands, stories, stories_of_cases, stories_of_trouble
from tests.crash.commands import Command
from tests.crash.stage import Stage

Story = Callable[[Stage], None]

POINTS: Mapping[Story, tuple[str, ...]] = {
    stories.re_enrolment: (
        "bot.domain.asking:AskingService.prepare",
        "bot.handlers.opening:open_modal",
        "bot.domain.asking:AskingService.request",
        "bot.domain.refusals:refusals_recorded",
        "bot.domain.asking:AskingService.request#2",
        "bot.notifier.sender:OutboxSender._take_up",
        "bot.notifier.sender:OutboxSender._claim",
        "bot.notifier.delivery:Delivery.answer",
        "bot.domain.deciding:DecidingService._decide",
        "bot.domain.carrying_out:ExecutingService.perform",
        "bot.notifier.delivery:Delivery._post",
        "bot.notifier.sender:OutboxSender._settle",
        "bot.domain.replies:Replies.post",
        "bot.domain.set_up:SetUpService._spend",
        "bot.domain.set_up:SetUpService.show_code",
        "bot.domain.set_up:SetUpService.accept_code",
        "bot.domain.binding:verify_first_code",
        "bot.domain.set_up:SetUpService.bind",
    ),
    stories.everyday: (
        "storage.database:Database.prove_writable",
        "bot.domain.sign_in:_prove",
        "bot.domain.sign_in:SignInService.begin",
        "bot.domain.sign_in:SignInService.verify_code",
        "bot.domain.sign_in:SignInService.verify_code#2",
        "bot.domain.sign_in:SignInService.session_of",
        "bot.domain.sign_in:SignInService.change_password",
        "bot.domain.sign_in:SignInService.sign_out",
    ),
    stories.declined: ("bot.domain.deciding:DecidingService.decline",),
    stories.expired: ("bot.domain.deciding:DecidingService._expire_all",),
    stories.lapsed: (
        "bot.domain.sweep:Sweep._forget_old",
        "bot.domain.audit_head:AuditHeadService.post_due",
        "bot.domain.reminders:ReminderService._remind_all",
        "bot.domain.lapsing:LapseService._settle",
    ),
    stories.vetoed: ("bot.domain.reports:ReportService.report",),
    stories.at_home: ("bot.handlers.home_pages:HomePages._publish",),
    stories_of_cases.looked_after: (
        "bot.domain.case_lists:CaseListService._list",
        "bot.domain.case_work:CaseWorkService.status",
        "bot.domain.case_work:CaseWorkService.take_over",
        "bot.domain.case_work:CaseWorkService.remind",
        "bot.domain.case_work:CaseWorkService.details",
    ),
    stories_of_cases.cancelled: ("bot.domain.case_work:CaseWorkService.cancel",),
    stories_of_cases.own_request: (
        "bot.domain.asking_for_help:OwnRequestService.ask",
        "bot.domain.asking_for_help:OwnRequestService.withdraw",
        "bot.notifier.delivery:Delivery.change",
        "bot.domain.asking_for_help:OwnRequestService.take",
        "bot.domain.asking_for_help:OwnRequestService._expire",
    ),
    stories_of_cases.handed_over: (
        "bot.domain.handing_over:HandOverService.hand_over",
        "bot.domain.handing_over:HandOverService.hand_over#2",
    ),
    stories_of_cases.out_of_reach: (
        "bot.notifier.sender:OutboxSender._may_go_by",
        "bot.notifier.sender:OutboxSender._delay",
        "bot.notifier.sender:OutboxSender._give_up",
    ),
    stories_of_trouble.picked_up: (
        "bot.domain.carrying_out:ExecutingService.release_leases",
        "bot.domain.carrying_out:ExecutingService.take",
        "bot.domain.carrying_out:ExecutingService.let_go",
    ),
    stories_of_trouble.put_off: ("bot.domain.carrying_out:ExecutingService._put_off",),
    stories_of_trouble.held_up: (
        "bot.handlers.errors:_say",
        "bot.handlers.errors:_say#2",
    ),
    stories_of_trouble.undrawable: ("bot.notifier.sender:OutboxSender._claim#2",),
    stories_of_trouble.by_mail: ("bot.notifier.email:EmailDelivery.post",),
}
"""While `rekey serve` runs."""

APART = frozenset({"bot.domain.carrying_out:ExecutingService._put_off"})
"""Steps that are not reached once more after the program was killed before them."""

COMMANDS: Mapping[Command, tuple[str, ...]] = {
    commands.IMPORT: ("bot.domain.importing:ImportService.run",),
    commands.BIND: ("bot.domain.identities:IdentityService.bind",),
    commands.REPLACE: ("bot.domain.identities:IdentityService.replace",),
    commands.SET_PASSWORD: ("bot.domain.operators:OperatorService.set_password",),
    commands.SUSPEND: ("bot.domain.suspending:SuspensionService.suspend",),
    commands.REINSTATE: ("bot.domain.suspending:SuspensionService.reinstate",),
    commands.FORGET: ("bot.domain.forgetting:ForgettingService.forget",),
    commands.ENROL: ("bot.domain.operators:OperatorService.begin_enrolment",),
    commands.CONFIRM: ("bot.domain.operators:OperatorService.confirm_enrolment",),
    commands.RESET: ("bot.domain.operator_resets:OperatorResetService._open",),
    commands.SET_UP_CODE: ("bot.domain.operator_hand_overs:OperatorHandOverService.hand_over",),
    commands.ROTATE: ("bot.domain.operators:OperatorService.rotate_keys",),
}
"""While the operator's commands run."""

UPGRADE = "storage.database:Database.upgrade"
"""While the database is made or migrated, which `test_commands.py` tries by itself."""
