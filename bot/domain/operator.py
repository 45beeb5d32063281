"""Who has a shell on the server and runs commands."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """The operating system's user, and the host's name, as every operator's act is audited."""

    user: str
    host: str

    def details(self) -> dict[str, str]:
        """Return what an audit record's details say of the operator."""
        return {"operator_user": self.user, "operator_host": self.host}
