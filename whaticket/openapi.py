"""What the API document (`/schema`, `/docs`, docs/openapi.yaml) is made of besides the views.

An answer's JSON is built by PostgreSQL or by a `wire` module, so no serializer describes it. Each
`api/shapes.py` does, in few words:

    TAG = shape("Tag", id=INT, name=TEXT, color=null(TEXT))

The client of the tests (whaticket/testing/fixtures.py) holds every answer against the document.
"""

from dataclasses import dataclass, field
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

Shape = dict[str, Any]

INT: Shape = {"type": "integer"}
NUMBER: Shape = {"type": "number"}
TEXT: Shape = {"type": "string"}
FLAG: Shape = {"type": "boolean"}
TIME: Shape = {"type": "string", "format": "date-time"}
# A text of two words, where clients of the contract expect words and not a truth.
SWITCH: Shape = {"type": "string", "enum": ["enabled", "disabled"]}
OBJECT: Shape = {"type": "object", "additionalProperties": True}
# JSON that belongs to a client or to the network; its inside is not ours to promise.
ANY: Shape = {}


@dataclass(slots=True)
class _Named:
    bases: tuple[str, ...]
    fields: dict[str, Shape]
    absent: set[str] = field(default_factory=set)


_shapes: dict[str, _Named] = {}


def shape(name: str, /, *bases: Shape, **fields: Shape) -> Shape:
    """Name an object that answers hold; give what refers to it.

    It has the fields of its bases too. All are always there, save those made `optional`. Raises
    ValueError where two shapes have one name.
    """
    if name in _shapes:
        raise ValueError(f"Two shapes are called {name}.")
    _shapes[name] = _Named(tuple(_name_of(base) for base in bases), fields)
    return ref(name)


def _name_of(reference: Shape) -> str:
    return str(reference["$ref"]).rpartition("/")[2]


def _whole(name: str) -> _Named:
    """A shape with all that its bases give it."""
    whole = _Named((), {})
    for base in (*map(_whole, _shapes[name].bases), _shapes[name]):
        whole.fields |= base.fields
        whole.absent |= base.absent
    return whole


def _described(name: str) -> Shape:
    whole = _whole(name)
    required = [key for key in whole.fields if key not in whole.absent]
    return {"type": "object", "properties": whole.fields, "required": required}


def ref(name: str) -> Shape:
    """Refer to a shape that another app names."""
    return {"$ref": f"#/components/schemas/{name}"}


def null(described: Shape) -> Shape:
    """The same, or null."""
    return {"anyOf": [described, {"type": "null"}]}


def rows(described: Shape) -> Shape:
    """A list of them."""
    return {"type": "array", "items": described}


def of(**fields: Shape) -> Shape:
    """An object that needs no name. All its fields are always there."""
    return {"type": "object", "properties": fields, "required": list(fields)}


def page(rows_are: str, described: Shape) -> Shape:
    """A page of a list, as the contract wraps it."""
    return of(**{rows_are: rows(described), "count": INT, "hasMore": FLAG})


def optional(described: Shape, *names: str) -> Shape:
    """Say that some fields of a named object may be absent."""
    _shapes[_name_of(described)].absent.update(names)
    return described


# What says only that something was done.
SAID = of(message=TEXT)


def query(*names: str) -> list[OpenApiParameter]:
    """Describe parameters of the address; all are texts that may be absent."""
    return [OpenApiParameter(name, OpenApiTypes.STR, OpenApiParameter.QUERY) for name in names]


class Schema(AutoSchema):
    """Names operations after their path, which is unique; the library's own names collide."""

    def get_operation_id(self) -> str:
        words = [self.method.lower(), *self.path.replace("-", "/").split("/")]
        return "_".join(word.strip("{}") for word in words if word)


def finish(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add the shapes, and the one form of every refusal."""
    schemas = result["components"].setdefault("schemas", {})
    schemas["Refusal"] = {
        "type": "object",
        "properties": {
            "error": {"type": "string", "description": "A stable code, such as ERR_NO_PERMISSION."},
            "details": {"type": "object", "description": "What is wrong with which field."},
        },
        "required": ["error"],
        # Facts of some codes stand beside them, such as the `limit` that was passed.
        "additionalProperties": True,
    }
    refusal = {
        "description": "Refused.",
        "content": {"application/json": {"schema": ref("Refusal")}},
    }
    for operations in result["paths"].values():
        for operation in operations.values():
            operation["responses"].setdefault("default", refusal)
    clashes = schemas.keys() & _shapes.keys()
    if clashes:
        raise ValueError(f"Both a serializer and a shape are called {', '.join(sorted(clashes))}.")
    result["components"]["schemas"] = dict(
        sorted({**schemas, **{name: _described(name) for name in _shapes}}.items())
    )
    return result
