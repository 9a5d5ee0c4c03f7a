"""What both APIs' parts of the contract are made with."""

from typing import Any, Final, get_args

Json = dict[str, Any]

TEXT: Final[Json] = {"type": "string"}
TEXT_OR_NULL: Final[Json] = {"type": ["string", "null"]}
YES_OR_NO: Final[Json] = {"type": "boolean"}
UUID: Final[Json] = {"type": "string", "format": "uuid"}
TIME: Final[Json] = {"type": "string", "format": "date-time", "description": "ISO 8601; answered in UTC."}
ANY: Final[Json] = {}  # any JSON value


def answer(description: str, schema: Json, example: Json | None = None) -> Json:
    """A response with a JSON body."""
    content: Json = {"schema": schema}
    if example is not None:
        content["example"] = example
    return {"description": description, "content": {"application/json": content}}


def reference(name: str) -> Json:
    """A schema by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def nullable(schema: Json) -> Json:
    """The same type, or null."""
    return {**schema, "type": [schema["type"], "null"]}


def object_with(description: str, properties: Json, *required: str, closed: bool = False) -> Json:
    """An object; one that is `closed` has no other properties."""
    schema: Json = {"type": "object", "description": description, "properties": properties}
    if required:
        schema["required"] = list(required)
    if closed:
        schema["additionalProperties"] = False
    return schema


def object_of(properties: Json) -> Json:
    """An object that always has all of these."""
    return {"type": "object", "required": list(properties), "properties": properties}


def choice(values: Any) -> Json:
    """One of the texts of a Literal."""
    return {"type": "string", "enum": list(get_args(values))}
