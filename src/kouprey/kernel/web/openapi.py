"""The REST interface described by its own doors: OpenAPI 3.1 for programs, rows for pages and references."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

from kouprey.kernel.web.api import FORM, JSON, path_fields
from kouprey.kernel.web.door import Contract, Door
from kouprey.kernel.web.once import HEADER

_REF = "#/components/schemas/{name}"
PROBLEM = "application/problem+json"
EVERYWHERE = {
    400: "What was sent cannot be understood; `field` names where.",
    401: "Nobody is identified.",
    403: "Whoever asks may not do this.",
    404: "There is no such thing, or whoever asks may not know that there is.",
    409: "A rule says no.",
    413: "More bytes than are taken at once.",
    415: "The body is of a kind that is not taken.",
    422: "The key was used for another request.",
    429: "More at the same time than one asker is given.",
    500: "A bug.",
    503: "Not just now.",
}


class Problem(Struct, kw_only=True):
    """RFC 9457: `title` what happened, `detail` why, `remedy` what to do; `code` is stable, `request` is in the log.

    Further members depend on the code: `field` (where in what was sent), `because` (the grounds of a decision, with
    agreement and clause).
    """

    type: str
    title: str
    status: int
    detail: str
    remedy: str
    code: str
    request: str


class Endpoint(NamedTuple):
    """One endpoint of the interface."""

    method: str
    path: str
    door: Door
    contract: Contract


def endpoints(doors: Iterable[Door]) -> list[Endpoint]:
    """Those of `doors` that are of the interface, by group, in the order of the doors."""
    found = [Endpoint(door.methods[0], door.path, door, door.contract) for door in doors if door.contract]
    order = list(dict.fromkeys(each.contract.group for each in found))
    return sorted(found, key=lambda each: order.index(each.contract.group))


def document(doors: Iterable[Door], *, server: str) -> dict[str, Any]:
    """The OpenAPI 3.1 document; `server` is the origin at which the interface is reached."""
    listed = endpoints(doors)
    kinds = [kind for each in listed for kind in (each.contract.takes, each.contract.gives) if kind is not None]
    shapes, components = msgspec.json.schema_components([*kinds, Problem], ref_template=_REF)
    schemas = dict(zip(map(repr, [*kinds, Problem]), shapes, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for each in listed:
        paths.setdefault(_plain(each.path), {})[each.method.lower()] = _operation(each, schemas, components)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Kouprey",
            "version": "1",
            "description": "Everything a page of this node can do. Failures are application/problem+json.",
        },
        "servers": [{"url": server}],
        "security": [{"bearer": []}, {"basic": []}],
        "tags": [{"name": group} for group in dict.fromkeys(each.contract.group for each in listed)],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "basic": {"type": "http", "scheme": "basic"},
            },
        },
    }


def _operation(each: Endpoint, schemas: Mapping[str, Any], components: Mapping[str, Any]) -> dict[str, Any]:
    contract = each.contract
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in path_fields(each.path)
    ]
    said: dict[str, Any] = {
        "operationId": operation_id(each),
        "summary": contract.summary,
        "tags": [contract.group],
        "x-roles": list(each.door.roles),
        "x-pages": list(contract.does),
    }
    if contract.takes is not None:
        schema = schemas[repr(contract.takes)]
        if each.method in ("GET", "DELETE") or contract.brings:
            parameters += list(_query(schema, components))
        else:
            kinds = (JSON, FORM) if contract.form else (JSON,)
            said["requestBody"] = {"content": {kind: {"schema": schema} for kind in kinds}}
    if contract.brings:
        raw = {"schema": {"type": "string", "format": "binary"}}
        said["requestBody"] = {"required": True, "content": dict.fromkeys(contract.brings, raw)}
    if contract.effect:
        text = {"type": "string", "maxLength": 200}
        parameters.append({"name": HEADER, "in": "header", "required": False, "schema": text})
    if parameters:
        said["parameters"] = parameters
    said["responses"] = _responses(each, schemas)
    return said


def _responses(each: Endpoint, schemas: Mapping[str, Any]) -> dict[str, Any]:
    contract = each.contract
    success: dict[str, Any] = {"description": "Done." if contract.effect else "What was asked for."}
    if contract.gives is not None:
        success["content"] = {kind: {"schema": schemas[repr(contract.gives)]} for kind in contract.media}
    elif contract.status != 204:
        # What is JSON is described where it comes from: documents of other standards.
        success["content"] = {
            kind: {"schema": {} if kind.endswith("json") else {"type": "string"}} for kind in contract.media
        }
    problem = {PROBLEM: {"schema": schemas[repr(Problem)]}}
    by_status: dict[int, list[str]] = {}
    for code, status in contract.fails.items():
        by_status.setdefault(status, []).append(code)
    told = {
        str(status): {"description": f"By `code`: {', '.join(sorted(codes))}.", "content": problem}
        for status, codes in sorted(by_status.items())
    }
    rest = " ".join(f"{status}: {text}" for status, text in EVERYWHERE.items())
    return {str(contract.status): success, **told, "default": {"description": rest, "content": problem}}


def _query(schema: Mapping[str, Any], components: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    name = str(schema["$ref"]).rpartition("/")[2]
    shape = components[name]
    for field, kind in shape.get("properties", {}).items():
        required = field in shape.get("required", ())
        yield {"name": field, "in": "query", "required": required, "schema": kind}


def operation_id(each: Endpoint) -> str:
    """A name for generated clients: the method and the words of the path."""
    words = re.findall(r"[a-z]+", each.path.partition("/v1/")[2])
    return "_".join([each.method.lower(), *words])


def _plain(path: str) -> str:
    return re.sub(r"\{(\w+):\w+\}", r"{\1}", path)


def fields_of(kind: type[Struct] | None) -> list[tuple[str, str, str]]:
    """(name, type in words, "required" or its value when absent) of what an endpoint takes."""
    if kind is None:
        return []
    (shape,), components = msgspec.json.schema_components([kind], ref_template=_REF)
    body = components[str(shape["$ref"]).rpartition("/")[2]]
    needed = body.get("required", ())
    return [
        (name, _words(schema), "required" if name in needed else msgspec.json.encode(schema.get("default")).decode())
        for name, schema in body.get("properties", {}).items()
    ]


def _words(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "enum" in schema:
        return " or ".join(map(str, schema["enum"]))
    if "anyOf" in schema:
        return " or ".join(_words(each) for each in schema["anyOf"])
    if schema.get("type") == "array":
        items = schema.get("items")
        return f"list of {_words(items)}" if isinstance(items, dict) and items else "list"
    return str(schema.get("type", "anything"))
