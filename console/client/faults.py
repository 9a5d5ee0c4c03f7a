"""The console API's calls about fault injection."""

from console.client.calls import Calls
from console.messages import faults as f


class FaultCalls(Calls):
    """The part of the ConsoleClient that is about fault injection."""

    async def faults(self) -> list[f.FaultRule]:
        """The rules of the running server, in the order in which they are tried."""
        return await self._ask("GET", "/faults", list[f.FaultRule])

    async def add_faults(self, request: f.AddFaults) -> list[f.FaultRule]:
        """Add rules, all of them or none; returns all that there are."""
        return await self._ask("POST", "/faults", list[f.FaultRule], body=request)

    async def remove_fault(self, rule_id: int) -> None:
        await self._ask("DELETE", f"/faults/{rule_id}", None)

    async def clear_faults(self) -> None:
        """Switch fault injection off. What is being delayed or slowed down goes on at once."""
        await self._ask("DELETE", "/faults", None)
