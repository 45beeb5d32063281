"""By which ways messages leave, as the settings have it."""

from bot.domain.model.notices import Channel
from bot.settings.settings import Settings


def channels_of(settings: Settings) -> tuple[Channel, ...]:
    """Return Slack, and e-mail where there is a mail server."""
    return (Channel.SLACK, *((Channel.EMAIL,) if settings.smtp_url else ()))
