"""Fault injection: its rules."""

import asyncio

from console.messages.faults import AddFaults, FaultRule
from console.server.console_api.call import Call, Refused
from console.server.fault_rules import InvalidFault, check_targets
from console.server.faults import UnknownFault


async def list_all(call: Call) -> list[FaultRule]:
    """Every rule, in the order in which they are tried."""
    return call.services.faults.shown()


async def add(call: Call) -> list[FaultRule]:
    """Add rules, all of them or none."""
    request = await call.body(AddFaults)
    applications = await asyncio.to_thread(call.services.catalog.applications)
    try:
        check_targets(request.faults, applications)
        call.services.faults.add(request.faults, replace=request.replace)
    except InvalidFault as error:
        raise Refused(400, "invalid_fault", str(error), error.hint, error.path) from error
    return call.services.faults.shown()


async def remove(call: Call) -> None:
    """Take one rule away."""
    try:
        call.services.faults.remove(call.path_id())
    except UnknownFault as error:
        raise Refused(404, "not_found", str(error), "It was removed meanwhile, or the server was restarted.") from error


async def clear(call: Call) -> None:
    """Switch fault injection off."""
    call.services.faults.clear()
