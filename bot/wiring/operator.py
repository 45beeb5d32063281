"""The services of the operator at the console."""

from functools import cached_property

from bot.domain.operator.enrolling import OperatorService
from bot.domain.operator.forgetting import ForgettingService
from bot.domain.operator.hand_overs import OperatorHandOverService
from bot.domain.operator.identities import IdentityService
from bot.domain.operator.importing import ImportService
from bot.domain.operator.resets import OperatorResetService
from bot.domain.operator.suspending import SuspensionService
from bot.wiring.core import Core
from bot.wiring.keys import SET_UP_CODE


class OperatorServices(Core):
    """Builds each service of the operator's once."""

    @cached_property
    def operators(self) -> OperatorService:
        return OperatorService(
            unit_of_work=self.ports.unit_of_work,
            recorder=self.recorder,
            passwords=self.ports.passwords,
            clock=self.ports.clock,
            issuer=self.terms.issuer,
            audience=self.audience,
        )

    @cached_property
    def suspensions(self) -> SuspensionService:
        return SuspensionService(
            unit_of_work=self.ports.unit_of_work,
            recorder=self.recorder,
            directory=self.ports.directory,
            clock=self.ports.clock,
            remind_after=self.terms.remind_after,
            audience=self.audience,
        )

    @cached_property
    def operator_resets(self) -> OperatorResetService:
        return OperatorResetService(
            unit_of_work=self.ports.unit_of_work,
            recorder=self.recorder,
            directory=self.ports.directory,
            executing=self.executing,
            clock=self.ports.clock,
        )

    @cached_property
    def operator_hand_over(self) -> OperatorHandOverService:
        return OperatorHandOverService(
            unit_of_work=self.ports.unit_of_work,
            recorder=self.recorder,
            clock=self.ports.clock,
            pepper=self.ports.key_for(SET_UP_CODE),
            audience=self.audience,
        )

    @cached_property
    def forgetting(self) -> ForgettingService:
        return ForgettingService(
            unit_of_work=self.ports.unit_of_work,
            recorder=self.recorder,
            clock=self.ports.clock,
            audience=self.audience,
        )

    @cached_property
    def identities(self) -> IdentityService:
        return IdentityService(
            unit_of_work=self.ports.unit_of_work,
            recorder=self.recorder,
            workspace=self.ports.workspace,
            clock=self.ports.clock,
            audience=self.audience,
        )

    @cached_property
    def imports(self) -> ImportService:
        return ImportService(
            unit_of_work=self.ports.unit_of_work,
            recorder=self.recorder,
            snapshot=self.ports.snapshot,
            clock=self.ports.clock,
            audience=self.audience,
        )
