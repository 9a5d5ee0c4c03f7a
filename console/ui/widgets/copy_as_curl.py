"""A recorded request as a shell command. Pure."""

import base64
import shlex

from console.messages import RequestDetail
from console.ui.widgets.copy_as_parts import json_text, sent_headers


def as_curl(detail: RequestDetail, base_url: str) -> str:
    """A shell command. A body that is no text travels as base64, so that no byte of it can mean anything to a shell."""
    lines = [f"curl -sS -X {shlex.quote(detail.row.method)} {shlex.quote(base_url + detail.row.route)}"]
    lines += [f"  -H {shlex.quote(f'{name}: {value}')}" for name, value in sent_headers(detail)]
    text = json_text(detail)
    if text is not None:
        lines.append(f"  --data-raw {shlex.quote(text)}")
        return " \\\n".join(lines) + "\n"
    if detail.body:
        lines.append("  --data-binary @-")
    command = " \\\n".join(lines)
    if not detail.body:
        return command + "\n"
    return f"echo {base64.b64encode(detail.body).decode()} | base64 -d | {command}\n"
