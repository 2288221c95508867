"""What the OpenAPI description says beyond what the views say themselves."""

from __future__ import annotations

from typing import Any

from archive.api.problems import MEDIA_TYPE

PROBLEM = {
    "type": "object",
    "description": "Why a request was refused (RFC 9457).",
    "properties": {
        "type": {"type": "string", "description": "The code as a URN."},
        "title": {"type": "string", "description": "The status in words."},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence for a person."},
        "code": {"type": "string", "description": "Stable name of the reason."},
        "errors": {
            "type": "object",
            "description": "Field to sentences about it.",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
        "photograph": {
            "type": "integer",
            "description": "The photograph that has the file already.",
        },
    },
    "required": ["type", "title", "status", "detail", "code"],
}


def describe_problems(result: dict[str, Any], **_generator: Any) -> dict[str, Any]:
    """Give every operation the answer that it has when it refuses."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = PROBLEM
    components["responses"] = {
        "Refused": {
            "description": "Refused, with the reason.",
            "content": {
                MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}
            },
        }
    }
    for operations in result["paths"].values():
        for operation in operations.values():
            operation["responses"]["default"] = {
                "$ref": "#/components/responses/Refused"
            }
    return result
