"""Parameters and schemas of the contract as HTML: what a value is, what bounds it, and what is in it."""

from html import escape
from typing import Any, Final

import msgspec

Json = dict[str, Any]

_MANY_VALUES: Final = 4


def prose(text: str) -> str:
    """Escaped text, `code` in backquotes marked as such."""
    parts = escape(text).split("`")
    return "".join(f"<code>{part}</code>" if index % 2 else part for index, part in enumerate(parts))


class Fields:
    """Tables of one document's fields. A named schema is a link to its own place on the page."""

    def __init__(self, document: Json) -> None:
        self._document = document

    def resolved(self, item: Json) -> Json:
        """What a reference leads to; anything else is itself."""
        if "$ref" not in item:
            return item
        found: Any = self._document
        for part in item["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        assert isinstance(found, dict)
        return found

    def parameters(self, parameters: list[Json]) -> str:
        """A table of an operation's parameters; "" without any."""
        rows = []
        for given in parameters:
            parameter = self.resolved(given)
            schema = {**parameter["schema"], "description": parameter.get("description", "")}
            required = parameter.get("required", False)
            rows.append(self._row(parameter["name"], schema, required=required, place=parameter["in"]))
        return _table(rows)

    def table(self, schema: Json, opened: tuple[str, ...] | None = None) -> str:
        """A table of an object's properties; "" when it has none of its own.

        With `opened`, what a property refers to unfolds in place, but for those names: they stand around it.
        """
        required = set(schema.get("required", ()))
        properties = schema.get("properties", {})
        return _table(
            [self._row(name, field, required=name in required, opened=opened) for name, field in properties.items()]
        )

    def kind(self, schema: Json) -> str:
        """What a value is, in a few words of HTML."""
        if "$ref" in schema:
            name = _name(schema)
            return f'<a href="#schema-{escape(name)}">{escape(name)}</a>'
        if "const" in schema:
            return f"<code>{escape(_json(schema['const']))}</code>"
        choices = schema.get("anyOf") or schema.get("oneOf")
        if choices and all("required" not in choice or "properties" in choice for choice in choices):
            return " or ".join(dict.fromkeys(self.kind(choice) for choice in choices))
        kind = schema.get("type", "any JSON value")
        if isinstance(kind, list):
            return " or ".join(self.kind({**schema, "type": name}) if name != "null" else name for name in kind)
        if kind == "array":
            return f"array of {self.kind(schema.get('items', {}))}"
        if kind == "object" and isinstance(schema.get("additionalProperties"), dict):
            return f"object, each value {self.kind(schema['additionalProperties'])}"
        return escape(f"{kind} ({schema['format']})" if "format" in schema else str(kind))

    def nested(self, schema: Json, opened: tuple[str, ...] | None = None) -> str:
        """What is inside a value, to unfold."""
        found = ""
        told = set()
        for name, part in self._parts(schema):
            if name and (opened is None or name in opened or name in told):
                continue
            told.add(name)
            inside = None if opened is None else (*opened, *([name] if name else []))
            table = self.table(part, inside)
            if table:
                summary = f"Fields of {escape(name)}" if name else "Fields"
                found += f"<details><summary>{summary}</summary>{table}</details>"
            elif name:  # one that only names others
                found += self.nested(part, inside)
        return found

    def _parts(self, schema: Json) -> list[tuple[str, Json]]:
        """The objects that a value is, or is made of, with their names."""
        if "$ref" in schema:
            return [(_name(schema), self.resolved(schema))]
        if "properties" in schema:
            return [("", schema)]
        inner = [*schema.get("anyOf", []), *schema.get("oneOf", [])]
        inner += [schema[key] for key in ("items", "additionalProperties") if isinstance(schema.get(key), dict)]
        return [part for item in inner for part in self._parts(item)]

    def _row(
        self, name: str, schema: Json, *, required: bool, place: str = "", opened: tuple[str, ...] | None = None
    ) -> str:
        where = f'<span class="place">{escape(place)}</span>' if place else ""
        mark = '<span class="required">required</span>' if required else ""
        kinds = ", ".join([self.kind(schema), *_bounds(schema)])
        description = schema.get("description", "")
        said = f"<p>{prose(description)}</p>" if description else ""
        row = (
            f'<tr><th scope="row"><code>{escape(name)}</code>{where}{mark}</th>'
            f'<td><p class="kind">{kinds}</p>{said}{_values(schema)}</td></tr>'
        )
        inside = self.nested(schema, opened)
        return row + (f'<tr class="inside"><td colspan="2">{inside}</td></tr>' if inside else "")


def _table(rows: list[str]) -> str:
    return f'<table class="fields"><tbody>{"".join(rows)}</tbody></table>' if rows else ""


def _name(schema: Json) -> str:
    return str(schema["$ref"].rpartition("/")[2])


def _bounds(schema: Json) -> list[str]:
    """The limits of a value, in words."""
    said = [
        _between(schema.get("minLength"), schema.get("maxLength"), "characters"),
        _between(schema.get("minItems"), schema.get("maxItems"), "items"),
        _between(schema.get("minProperties"), schema.get("maxProperties"), "keys"),
        _between(schema.get("minimum"), schema.get("maximum"), ""),
        f"more than {schema['exclusiveMinimum']}" if "exclusiveMinimum" in schema else "",
        f"default <code>{escape(_json(schema['default']))}</code>" if "default" in schema else "",
    ]
    return [text for text in said if text]


def _between(least: float | None, most: float | None, unit: str) -> str:
    """`1–256 characters`, `at most 500 items`, `0–100`; "" without a bound that says anything."""
    if most is not None:
        is_span = bool(least) or (least == 0 and not unit)
        bounds = f"{least:,.15g}–{most:,.15g}" if is_span else f"at most {most:,.15g}"
    elif least is None or (unit and least == 0):
        return ""
    elif unit and least == 1:
        return "not empty"
    else:
        bounds = f"at least {least:,.15g}"
    return f"{bounds} {unit}".strip()


def _values(schema: Json) -> str:
    """The values that a text may have."""
    choices = [schema, *schema.get("anyOf", [])]
    listed = next((choice["enum"] for choice in choices if "enum" in choice), None)
    if listed is None:
        return ""
    joint = " " if len(listed) > _MANY_VALUES else " or "
    return f'<p class="values">{joint.join(f"<code>{escape(str(value))}</code>" for value in listed)}</p>'


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
