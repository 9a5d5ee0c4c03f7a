"""The console API's call that sends an edited request again."""

from abc import abstractmethod
from typing import Any, TypeVar

from console.messages.resend import Resend, Resent

T = TypeVar("T")


class ResendCalls:
    """The part of the ConsoleClient that sends requests of a person's own making."""

    async def resend(self, app_id: str, request: Resend) -> Resent:
        """Have the server post a body to its own telemetry API, over HTTP and with the application's public key."""
        return await self._ask("POST", f"/applications/{app_id}/resend", Resent, body=request)

    @abstractmethod
    async def _ask(
        self,
        method: str,
        path: str,
        answer_type: type[T] | None,
        *,
        body: Any = None,
        query: dict[str, str] | None = None,
    ) -> T:
        """One call."""
