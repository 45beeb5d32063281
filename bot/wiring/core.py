"""What the program and the operator's commands are both built on."""

from functools import cached_property

from bot.domain.record.alerts import Alerts
from bot.domain.record.audience import Audience
from bot.domain.record.refusals import Recorder
from bot.domain.resets.carrying_out import ExecutingService
from bot.domain.resets.executing import Executor
from bot.wiring.ports import Ports, Terms


class Core:
    """The ports, the settings, and the services that all need; each is made when first asked for.

    Ask for all of them before threads start, since two threads would make two.
    """

    def __init__(self, ports: Ports, terms: Terms) -> None:
        self.ports, self.terms = ports, terms

    @cached_property
    def recorder(self) -> Recorder:
        return Recorder(unit_of_work=self.ports.unit_of_work, clock=self.ports.clock)

    @cached_property
    def audience(self) -> Audience:
        return Audience(audit_channel=self.terms.audit_channel)

    @cached_property
    def alerts(self) -> Alerts:
        return Alerts(
            audience=self.audience,
            alert_after=self.terms.alert_after,
        )

    @cached_property
    def executing(self) -> ExecutingService:
        executor = Executor(
            directory=self.ports.directory,
            remind_after=self.terms.remind_after,
            alerts=self.alerts,
            audience=self.audience,
        )
        return ExecutingService(
            unit_of_work=self.ports.unit_of_work, executor=executor, clock=self.ports.clock
        )
