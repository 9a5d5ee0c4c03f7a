"""A recorded request as code that sends it again. Pure."""

import base64
import json
import pprint
import shlex
import textwrap
from typing import Any

from console.messages import RequestDetail
from console.ui.widgets.formatting import visible
from console.ui.widgets.player_inspection import is_player_request

# Keys are redacted before a request is kept; whoever sends it again puts theirs in.
_KEY_HEADERS = {"x-public-token": "YOUR_PUBLIC_KEY", "x-api-key": "YOUR_KEY", "authorization": "Bearer YOUR_SECRET_KEY"}
_LEFT_OUT = {"host", "content-length", "connection", "accept-encoding", "transfer-encoding", "expect", "accept"}
# The kept body is decompressed.
_OF_COMPRESSION = {"content-encoding"}
_MAX_LITERAL_BYTES = 64 * 1024


def sent_headers(detail: RequestDetail) -> list[tuple[str, str]]:
    """The headers worth sending again, keys as placeholders."""
    headers = []
    for name, value in detail.headers:
        lower = name.lower()
        if lower not in _LEFT_OUT | _OF_COMPRESSION:
            headers.append((name, _KEY_HEADERS.get(lower, _one_line(value))))
    return headers


def as_curl(detail: RequestDetail, base_url: str) -> str:
    """A shell command. A body that is no text travels as base64, so that no byte of it can mean anything to a shell."""
    lines = [f"curl -sS -X {shlex.quote(detail.row.method)} {shlex.quote(base_url + detail.row.route)}"]
    lines += [f"  -H {shlex.quote(f'{name}: {value}')}" for name, value in sent_headers(detail)]
    text = _json_text(detail)
    if text is not None:
        lines.append(f"  --data-raw {shlex.quote(text)}")
        return " \\\n".join(lines) + "\n"
    if detail.body:
        lines.append("  --data-binary @-")
    command = " \\\n".join(lines)
    if not detail.body:
        return command + "\n"
    return f"echo {base64.b64encode(detail.body).decode()} | base64 -d | {command}\n"


def as_python(detail: RequestDetail, base_url: str, payload: Any = None) -> str:
    """A script. `payload` is the decoded body; None: it could not be decoded, and its bytes are sent as they are."""
    text = _json_text(detail)
    if text is not None and len(text) <= _MAX_LITERAL_BYTES:
        head = "import json\n\nimport requests\n"
        value = pprint.pformat(json.loads(text), width=100, sort_dicts=False)
        body = f"payload = {value}"
        data = "json.dumps(payload)"
    elif payload is not None and len(detail.body) <= _MAX_LITERAL_BYTES:
        head = "import msgpack\nimport requests\n"
        body = f"payload = {pprint.pformat(payload, width=100, sort_dicts=False)}"
        data = "msgpack.packb(payload)"
    else:
        head = "import base64\n\nimport requests\n"
        encoded = "\n".join(f'    "{line}"' for line in textwrap.wrap(base64.b64encode(detail.body).decode(), 96))
        body = f"body = base64.b64decode(\n{encoded}\n)" if detail.body else 'body = b""'
        data = "body"
    headers = "".join(f"        {name!r}: {value!r},\n" for name, value in sent_headers(detail))
    return (
        f"{head}\n{body}\n"
        f"answer = requests.request(\n"
        f"    {detail.row.method!r},\n"
        f"    {base_url + detail.row.route!r},\n"
        f"    data={data},\n"
        f"    headers={{\n{headers}    }},\n"
        f"    timeout=5,\n"
        f")\n"
        f"print(answer.status_code, answer.text)\n"
    )


def _json_text(detail: RequestDetail) -> str | None:
    """A JSON body as text, if it can be written into a command as it is."""
    if not is_player_request(detail.row.route) or not detail.body:
        return None
    try:
        text = detail.body.decode()
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    plain = text.replace("\n", "").replace("\t", "")
    return text if visible(plain, len(plain) + 1) == plain and isinstance(value, dict | list) else None


def _one_line(value: str) -> str:
    return "".join(char for char in value if char.isprintable())
