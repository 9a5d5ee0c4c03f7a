"""A recorded request as JavaScript, for Node.js 18 and browsers, without a package. Pure."""

import base64
import json
from typing import Any, Final

from console.messages import RequestDetail
from console.ui.widgets.copy_as_parts import MAX_LITERAL_BYTES, faithful_payload, json_text, quoted, sent_headers

_MAX_SAFE_INTEGER: Final = 2**53 - 1

# A writer of MessagePack in few lines. Format: https://github.com/msgpack/msgpack/blob/master/spec.md
_ENCODER: Final = """\
function encode(value, out = []) {
  const number = (head, size, write) => {
    const view = new DataView(new ArrayBuffer(size));
    view[write](0, value);
    out.push(head, ...new Uint8Array(view.buffer));
  };
  const length = (count, fix, most, heads) => {
    if (count < most) out.push(fix | count);
    else if (count < 256 && heads[0]) out.push(heads[0], count);
    else if (count < 65536) out.push(heads[1], count >> 8, count & 255);
    else out.push(heads[2], count >>> 24, (count >> 16) & 255, (count >> 8) & 255, count & 255);
  };
  if (value === null || value === undefined) out.push(0xc0);
  else if (typeof value === "boolean") out.push(value ? 0xc3 : 0xc2);
  else if (typeof value === "bigint") value < 0n ? number(0xd3, 8, "setBigInt64") : number(0xcf, 8, "setBigUint64");
  else if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) number(0xcb, 8, "setFloat64");
    else if (value >= 0 && value < 128) out.push(value);
    else if (value < 0 && value >= -32) out.push(value & 255);
    else if (value >= -0x80000000 && value < 0x80000000) number(0xd2, 4, "setInt32");
    else number(0xcb, 8, "setFloat64");
  } else if (typeof value === "string") {
    const text = new TextEncoder().encode(value);
    length(text.length, 0xa0, 32, [0xd9, 0xda, 0xdb]);
    for (const byte of text) out.push(byte);
  } else if (value instanceof Uint8Array) {
    length(value.length, 0, 0, [0xc4, 0xc5, 0xc6]);
    for (const byte of value) out.push(byte);
  } else if (Array.isArray(value)) {
    length(value.length, 0x90, 16, [0, 0xdc, 0xdd]);
    for (const item of value) encode(item, out);
  } else {
    const entries = Object.entries(value);
    length(entries.length, 0x80, 16, [0, 0xde, 0xdf]);
    for (const [key, item] of entries) encode(item, encode(key, out));
  }
  return out;
}
"""


def as_javascript(detail: RequestDetail, base_url: str) -> str:
    """A script for `node file.mjs`. What literals would change is sent as its bytes."""
    prelude, body = _body(detail)
    headers = "".join(f"    {quoted(name)}: {quoted(value)},\n" for name, value in sent_headers(detail))
    sent = f"  body: {body},\n" if body else ""
    return (
        f"{prelude}const answer = await fetch({quoted(base_url + detail.row.route)}, {{\n"
        f"  method: {quoted(detail.row.method)},\n"
        f"  headers: {{\n{headers}  }},\n"
        f"{sent}"
        f"}});\n"
        f"console.log(answer.status, await answer.text());\n"
    )


def _body(detail: RequestDetail) -> tuple[str, str]:
    if not detail.body:
        return "", ""
    text = json_text(detail)
    if text is not None and len(text) <= MAX_LITERAL_BYTES:
        return f"const payload = {_literal(json.loads(text), '')};\n\n", "JSON.stringify(payload)"
    payload = faithful_payload(detail.body) if text is None else None
    if payload is not None:
        return f"const payload = {_literal(payload, '')};\n\n{_ENCODER}\n", "Uint8Array.from(encode(payload))"
    encoded = base64.b64encode(detail.body).decode()
    return f"const body = Uint8Array.from(atob({quoted(encoded)}), (char) => char.charCodeAt(0));\n\n", "body"


def _literal(value: Any, indent: str) -> str:
    inner = indent + "  "
    if isinstance(value, dict):
        # A key of digits would move to the front, and __proto__ would be no key at all.
        lines = "".join(f"{inner}[{quoted(key)}]: {_literal(item, inner)},\n" for key, item in value.items())
        plain = "".join(f"{inner}{quoted(key)}: {_literal(item, inner)},\n" for key, item in value.items())
        return "{\n" + (lines if "__proto__" in value else plain) + indent + "}" if value else "{}"
    if isinstance(value, list):
        if all(isinstance(item, int | float | None) for item in value):
            return "[" + ", ".join(_literal(item, inner) for item in value) + "]"
        return "[\n" + "".join(f"{inner}{_literal(item, inner)},\n" for item in value) + indent + "]"
    if isinstance(value, bytes):
        return f"Uint8Array.from([{', '.join(map(str, value))}])"
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > _MAX_SAFE_INTEGER:
        return f"{value}n"
    return json.dumps(value)
