"""A recorded request as a component for Unity, with the package MessagePack for C#. Pure."""

import base64
import json
from typing import Any

from console.messages import RequestDetail
from console.ui.widgets.copy_as_parts import faithful_payload, json_text, quoted, sent_headers

_INDENT = "        "


def as_csharp(detail: RequestDetail, base_url: str) -> str:
    """A MonoBehaviour that sends the request once. A Dictionary makes a map with string keys, whatever the resolver."""
    body, uses_messagepack, uses_dictionary = _body(detail)
    usings = ["System", "System.Collections"]
    usings += ["System.Collections.Generic"] if uses_dictionary else []
    usings += ["MessagePack"] if uses_messagepack else []
    usings += ["UnityEngine", "UnityEngine.Networking"]
    headers = "".join(
        f"{_INDENT}request.SetRequestHeader({quoted(name)}, {quoted(value)});\n" for name, value in sent_headers(detail)
    )
    upload = f"{_INDENT}request.uploadHandler = new UploadHandlerRaw(body);\n" if detail.body else ""
    return (
        "".join(f"using {name};\n" for name in usings)
        + "\npublic class SendAgain : MonoBehaviour\n{\n    IEnumerator Start()\n    {\n"
        + body
        + f"{_INDENT}using var request = new UnityWebRequest({quoted(base_url + detail.row.route)}, "
        + f"{quoted(detail.row.method)});\n"
        + upload
        + f"{_INDENT}request.downloadHandler = new DownloadHandlerBuffer();\n"
        + headers
        + f"{_INDENT}yield return request.SendWebRequest();\n"
        + f'{_INDENT}Debug.Log(request.responseCode + " " + request.downloadHandler.text);\n'
        + "    }\n}\n"
    )


def _body(detail: RequestDetail) -> tuple[str, bool, bool]:
    """The lines that make `body`, whether they need MessagePack, and whether a Dictionary."""
    if not detail.body:
        return "", False, False
    text = json_text(detail)
    if text is not None:
        return f"{_INDENT}byte[] body = System.Text.Encoding.UTF8.GetBytes({quoted(text)});\n", False, False
    payload = faithful_payload(detail.body)
    if payload is None:
        encoded = base64.b64encode(detail.body).decode()
        return f"{_INDENT}byte[] body = Convert.FromBase64String({quoted(encoded)});\n", False, False
    literal = _literal(payload, _INDENT)
    serialize = f"{_INDENT}byte[] body = MessagePackSerializer.Serialize(payload);\n"
    return f"{_INDENT}var payload = {literal};\n{serialize}", True, True


def _literal(value: Any, indent: str) -> str:
    inner = indent + "    "
    if isinstance(value, dict):
        if not value:
            return "new Dictionary<string, object>()"
        lines = "".join(f"{inner}[{quoted(key)}] = {_literal(item, inner)},\n" for key, item in value.items())
        return f"new Dictionary<string, object>\n{indent}{{\n{lines}{indent}}}"
    if isinstance(value, list):
        if all(isinstance(item, int | float | None) for item in value):
            return "new object[] { " + ", ".join(_literal(item, inner) for item in value) + " }" if value else _EMPTY
        lines = "".join(f"{inner}{_literal(item, inner)},\n" for item in value)
        return f"new object[]\n{indent}{{\n{lines}{indent}}}"
    if isinstance(value, bytes):
        return f"Convert.FromBase64String({quoted(base64.b64encode(value).decode())})"
    if isinstance(value, str):
        return quoted(value)
    return json.dumps(value)


_EMPTY = "new object[0]"
