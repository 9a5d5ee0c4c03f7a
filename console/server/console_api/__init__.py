"""The console API: what `console/client.py` asks, for the window, the command line and tests.

MessagePack both ways; the admin key opens it, and every failure is a ConsoleError.
"""

from console.server.console_api.routing import CONSOLE_PREFIX, ConsoleApi

__all__ = ["CONSOLE_PREFIX", "ConsoleApi"]
