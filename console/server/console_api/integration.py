"""The integration check, as the window and the command line ask for it."""

from console.messages.integration import IntegrationReport
from console.server.console_api.call import Call


async def report(call: Call) -> IntegrationReport:
    """Every SDK, judged now; those of one application with `app_id`."""
    return await call.services.integration.report(call.text("app_id"))


async def forget(call: Call) -> None:
    """Begin anew with the next request."""
    call.services.integration.forget()
