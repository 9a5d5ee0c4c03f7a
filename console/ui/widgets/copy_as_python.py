"""A recorded request as a Python script, and as a test of pytest. Pure."""

import base64
import json
import pprint
import re
import textwrap
from typing import Any

import msgspec

from console.messages import RequestDetail
from console.ui.widgets.copy_as_parts import MAX_LITERAL_BYTES, faithful_payload, json_text, sent_headers

_KEY_VARIABLES = {
    "YOUR_PUBLIC_KEY": "PLAYTEST_PUBLIC_KEY",
    "YOUR_KEY": "PLAYTEST_SECRET_KEY",
    "Bearer YOUR_SECRET_KEY": "PLAYTEST_SECRET_KEY",
}


def as_python(detail: RequestDetail, base_url: str) -> str:
    """A script for the packages requests and msgpack. What literals would change is sent as its bytes."""
    imports, body, data = _body(detail, "payload")
    headers = "".join(f"        {name!r}: {value!r},\n" for name, value in sent_headers(detail))
    return (
        f"{imports}import requests\n\n{body}\n"
        f"answer = requests.request(\n"
        f"    {detail.row.method!r},\n"
        f"    {base_url + detail.row.route!r},\n"
        f"    data={data},\n"
        f"    headers={{\n{headers}    }},\n"
        f"    timeout=5,\n"
        f")\n"
        f"print(answer.status_code, answer.text)\n"
    )


def as_pytest(detail: RequestDetail, base_url: str) -> str:
    """A test that sends the request and expects the recorded answer; address and key come from the environment."""
    row = detail.row
    imports, body, data = _body(detail, "PAYLOAD")
    headers = "".join(f"    {name!r}: {_from_environment(value)},\n" for name, value in sent_headers(detail))
    words = re.sub(r"\W+", "_", f"{row.method} {row.route}".lower(), flags=re.ASCII).strip("_")
    verdict = "accepted" if row.status < 400 else "refused"
    return (
        f"import os\n{imports}import requests\n\n"
        f"URL = os.environ.get('PLAYTEST_URL', {base_url!r})\n"
        f"HEADERS = {{\n{headers}}}\n"
        f"{body}\n\n"
        f"def test_{words}_is_{verdict}():\n"
        f"    answer = requests.request(\n"
        f"        {row.method!r}, URL + {row.route!r}, data={data}, headers=HEADERS, timeout=5\n"
        f"    )\n"
        f"    assert answer.status_code == {row.status}, answer.text\n"
        f"{_expectations(detail)}"
    )


def _body(detail: RequestDetail, name: str) -> tuple[str, str, str]:
    """Imports, the assignment of the payload, and the expression of what is sent."""
    text = json_text(detail)
    if text is not None and len(text) <= MAX_LITERAL_BYTES:
        return "import json\n\n", f"{name} = {_literal(json.loads(text))}", f"json.dumps({name})"
    payload = faithful_payload(detail.body) if text is None else None
    if payload is not None:
        return "\nimport msgpack\n".lstrip(), f"{name} = {_literal(payload)}", f"msgpack.packb({name})"
    if not detail.body:
        return "", f'{name} = b""', name
    encoded = "\n".join(f'    "{line}"' for line in textwrap.wrap(base64.b64encode(detail.body).decode(), 96))
    return "import base64\n\n", f"{name} = base64.b64decode(\n{encoded}\n)", name


def _literal(value: Any) -> str:
    return pprint.pformat(value, width=100, sort_dicts=False)


def _from_environment(value: str) -> str:
    variable = _KEY_VARIABLES.get(value)
    if variable is None:
        return repr(value)
    prefix = '"Bearer " + ' if value.startswith("Bearer ") else ""
    return f'{prefix}os.environ["{variable}"]'


def _expectations(detail: RequestDetail) -> str:
    """What else of the answer stays the same when the request is sent again."""
    try:
        answer = msgspec.json.decode(detail.response)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    if not isinstance(answer, dict):
        return ""
    lines = []
    for key in ("status", "success", "error"):
        value = answer.get(key)
        if isinstance(value, str | bool):
            lines.append(f"    assert answer.json()[{key!r}] == {value!r}\n")
    details = answer.get("details")
    if isinstance(details, list) and details and isinstance(details[0], dict):
        path = details[0].get("path")
        if isinstance(path, str):
            lines.append(f'    assert answer.json()["details"][0]["path"] == {path!r}\n')
    return "".join(lines)
