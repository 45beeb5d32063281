"""What the domain needs of a store of people's own requests."""

from datetime import datetime
from typing import Protocol

from bot.domain.model.ids import CaseId, ContactId, RequestId
from bot.domain.model.requests import OwnRequest, RequestMessage, RequestState


class RequestRepository(Protocol):
    """Every change of state is one compare-and-set."""

    def add(self, request: OwnRequest) -> bool:
        """Store a new request; false, and nothing done, where the subscriber has a live one."""
        ...

    def get(self, request_id: RequestId) -> OwnRequest | None: ...
    def live_of(self, subscriber_id: ContactId) -> OwnRequest | None:
        """Return the subscriber's request that is open or taken."""
        ...

    def take(self, request_id: RequestId, *, by: ContactId, now: datetime) -> OwnRequest | None:
        """Give an open request to `by`, once; `None` where it is not open."""
        ...

    def link(self, request_id: RequestId, *, case_id: CaseId) -> OwnRequest | None:
        """Note the case that a taken request has led to; `None` where it is not taken."""
        ...

    def end(self, request_id: RequestId, *, to: RequestState, now: datetime) -> OwnRequest | None:
        """End a live request, once; `None` where it has ended."""
        ...

    def due_to_expire(self, opened_before: datetime) -> tuple[OwnRequest, ...]:
        """Live requests without a case, opened at that instant or earlier, oldest first."""
        ...

    def add_message(self, message: RequestMessage) -> None:
        """Note where a request was offered; the same twice is once."""
        ...

    def messages_of(self, request_id: RequestId) -> tuple[RequestMessage, ...]: ...
    def forget(self, subscriber_id: ContactId) -> None:
        """Erase the reasons of the subscriber's requests."""
        ...
