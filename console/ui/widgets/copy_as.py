"""The ways to copy a recorded request: their names, what is said of each, and which module writes it. Pure."""

from collections.abc import Callable
from typing import NamedTuple

import msgspec

from console.messages import RequestDetail
from console.ui.widgets.copy_as_csharp import as_csharp
from console.ui.widgets.copy_as_curl import as_curl
from console.ui.widgets.copy_as_javascript import as_javascript
from console.ui.widgets.copy_as_python import as_pytest, as_python


class CopyAs(NamedTuple):
    """One language. `of_event`: where an event of a batch is picked, it alone is copied, else the whole request."""

    title: str
    said: str
    write: Callable[[RequestDetail, str], str]
    of_event: bool = True


CODE: tuple[CopyAs, ...] = (
    CopyAs("curl", "a curl command; put your key in", as_curl),
    CopyAs("Python", "a Python script; put your key in", as_python),
    CopyAs("C# (Unity)", "a Unity component; put your key in", as_csharp),
    CopyAs("JavaScript", "JavaScript for Node.js and browsers; put your key in", as_javascript),
    CopyAs("pytest case", "a pytest case; it takes the key from PLAYTEST_PUBLIC_KEY", as_pytest, of_event=False),
)


def only(detail: RequestDetail, start: int, end: int) -> RequestDetail:
    """A request whose body is one event of the recorded one's."""
    return msgspec.structs.replace(detail, body=detail.body[start:end])
