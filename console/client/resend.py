"""The console API's call that sends an edited request again."""

from console.client.calls import Calls
from console.messages.resend import Resend, Resent


class ResendCalls(Calls):
    """The part of the ConsoleClient that sends requests of a person's own making."""

    async def resend(self, app_id: str, request: Resend) -> Resent:
        """Have the server post a body to its own telemetry API, over HTTP and with the application's public key."""
        return await self._ask("POST", f"/applications/{app_id}/resend", Resent, body=request)
