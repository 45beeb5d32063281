"""The services with what stands between them and Slack."""

from functools import cached_property

from slack_bolt import App
from slack_sdk import WebClient

from bot import handlers
from bot.domain.model.ids import ContactId
from bot.handlers.home_pages import HomePages
from bot.outbox import EmailDelivery, OutboxSender
from bot.wiring.ports import Ports, Terms
from bot.wiring.services import Services


class SlackServices(Services):
    """Builds the listeners, the Home tabs and the sender beside the services; `client` asks Slack.

    The sender has a client of its own, since it may wait longer.
    """

    def __init__(self, ports: Ports, terms: Terms, *, client: WebClient) -> None:
        super().__init__(ports, terms)
        self._client = client

    @cached_property
    def pages(self) -> HomePages:
        return HomePages(
            home=self.home,
            client=self._client,
            clock=self.ports.clock,
            portal_url=self.terms.sign_in_url,
            help_contact=self.terms.help_contact,
        )

    def on_request_expired(self, contact_id: ContactId) -> None:
        """Show it in whatever Home tab it stands in."""
        self.pages.refresh_contact(contact_id)

    def sender(
        self, client: WebClient, *, email: EmailDelivery | None = None, is_alone: bool = False
    ) -> OutboxSender:
        """Build a sender; see `OutboxSender` for who is alone."""
        return OutboxSender(
            unit_of_work=self.ports.unit_of_work,
            client=client,
            clock=self.ports.clock,
            portal_url=self.terms.sign_in_url,
            help_contact=self.terms.help_contact,
            audit_channel=self.terms.audit_channel,
            email=email,
            on_change=self.pages.changed,
            is_alone=is_alone,
        )

    def listen(self, app: App) -> None:
        """Attach every listener."""
        services = handlers.Services(
            asking=self.asking,
            deciding=self.deciding,
            hand_over=self.hand_over,
            home=self.pages,
            case_work=self.case_work,
            case_lists=self.case_lists,
            own_requests=self.own_requests,
            search=self.search,
            reports=self.reports,
            set_up=self.set_up,
            answers=self.answers,
            clock=self.ports.clock,
            help_contact=self.terms.help_contact,
        )
        handlers.register_all(app, services)
