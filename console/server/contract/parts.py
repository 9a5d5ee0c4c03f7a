"""What both APIs' parts of the contract are made with."""

from typing import Any

Json = dict[str, Any]


def answer(description: str, schema: Json, example: Json | None = None) -> Json:
    """A response with a JSON body."""
    content: Json = {"schema": schema}
    if example is not None:
        content["example"] = example
    return {"description": description, "content": {"application/json": content}}


def reference(name: str) -> Json:
    """A schema by its name."""
    return {"$ref": f"#/components/schemas/{name}"}
