"""Sending a request again after a person changed it, as the game would: with a public key, through every check."""

from console.messages.resend import Resend, Resent
from console.server.console_api.call import Call
from console.server.console_api.own_requests import application_of, post

_AGENT = "playtest-console-resend"


async def send(call: Call) -> Resent:
    """Post the body to the route; whatever the telemetry API answers is the answer."""
    request = await call.body(Resend)
    _application, token = await application_of(call)
    answer = await post(call, request.route, request.body, token, _AGENT)
    return Resent(
        status=answer.status,
        response=answer.body,
        request_id=None if answer.row is None else answer.row.request_id,
    )
