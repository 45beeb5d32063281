"""People's own requests in memory."""

from dataclasses import replace
from datetime import datetime

from bot.domain.model.ids import CaseId, ContactId, RequestId
from bot.domain.model.requests import LIVE_STATES, OwnRequest, RequestMessage, RequestState
from tests.fakes.state import State


class FakeRequests:
    def __init__(self, state: State) -> None:
        self._state = state

    def add(self, request: OwnRequest) -> bool:
        if request.state in LIVE_STATES and self.live_of(request.subscriber_id):
            return False
        self._state.requests[request.id] = request
        return True

    def get(self, request_id: RequestId) -> OwnRequest | None:
        return self._state.requests.get(request_id)

    def live_of(self, subscriber_id: ContactId) -> OwnRequest | None:
        return next((r for r in self._live() if r.subscriber_id == subscriber_id), None)

    def take(self, request_id: RequestId, *, by: ContactId, now: datetime) -> OwnRequest | None:
        request = self.get(request_id)
        if request is None or request.state is not RequestState.OPEN:
            return None
        return self._put(replace(request, state=RequestState.TAKEN, taken_by=by, taken_at=now))

    def link(self, request_id: RequestId, *, case_id: CaseId) -> OwnRequest | None:
        request = self.get(request_id)
        if request is None or request.state is not RequestState.TAKEN:
            return None
        return self._put(replace(request, case_id=case_id))

    def end(self, request_id: RequestId, *, to: RequestState, now: datetime) -> OwnRequest | None:
        request = self.get(request_id)
        if request is None or request.state not in LIVE_STATES:
            return None
        return self._put(replace(request, state=to, ended_at=now))

    def due_to_expire(self, opened_before: datetime) -> tuple[OwnRequest, ...]:
        due = [r for r in self._live() if r.opened_at <= opened_before and r.case_id is None]
        return tuple(sorted(due, key=lambda request: request.opened_at))

    def add_message(self, message: RequestMessage) -> None:
        if message not in self._state.request_messages:
            self._state.request_messages.append(message)

    def messages_of(self, request_id: RequestId) -> tuple[RequestMessage, ...]:
        found = [m for m in self._state.request_messages if m.request_id == request_id]
        return tuple(sorted(found, key=lambda message: (message.channel, message.ts)))

    def forget(self, subscriber_id: ContactId) -> None:
        for request in self._state.requests.values():
            if request.subscriber_id == subscriber_id:
                self._state.requests = self._state.requests | {
                    request.id: replace(request, reason=None)
                }

    def _live(self) -> list[OwnRequest]:
        return [r for r in self._state.requests.values() if r.state in LIVE_STATES]

    def _put(self, request: OwnRequest) -> OwnRequest:
        self._state.requests[request.id] = request
        return request
