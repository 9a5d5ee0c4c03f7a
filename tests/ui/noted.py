"""The calls of a stand-in server: what was asked, and what fails on wish."""

from typing import Any


class Noted:
    """What the parts of the FakeClient have in common."""

    calls: list[tuple[str, dict[str, Any]]]
    failures: dict[str, Exception]

    def called(self, method: str) -> list[dict[str, Any]]:
        """The arguments of every call of one method."""
        return [arguments for name, arguments in self.calls if name == method]

    def _note(self, method: str, **arguments: Any) -> None:
        self.calls.append((method, arguments))
        if method in self.failures:
            raise self.failures[method]
