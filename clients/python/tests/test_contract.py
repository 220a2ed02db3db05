"""The typed dicts say what the server's own description says: every key, whether it is always there, and its type."""

from __future__ import annotations

import types
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import httpx
import pytest
from gateway import URL

from filmgate import contract, orders
from filmgate._typing import NotRequired, Required

SCHEMAS: dict[str, Any] = httpx.get(f"{URL}/openapi.json").json()["components"]["schemas"]
NAMES = [
    *("BaseResponse", "Caps", "Cost", "CreateVideoRequest", "CreateVideoResponse", "DeleteVideoResponse"),
    *("CreatedTicket", "CreateTicketRequest"),
    *("DownloadVideoResponse", "DryRunResponse", "ListModelsResponse", "ListVideosResponse", "Period"),
    *("Publication", "PublishRequest", "QueryVideoResponse", "Sums", "UnpublishResponse", "UploadedImage"),
    *("UsageResponse", "Video", "VideoEvent", "VideoModel", "VisitorVideo", "WebhookEvent"),
]
NOT_OURS = (
    *("Account", "ApiKey", "ChangeAccountRequest", "ChangeKeyRequest", "CreateAccountRequest"),
    *("CreateKeyRequest", "CreatedApiKey", "HeldTask", "ListAccountsResponse", "ListHeldResponse"),
    *("ListKeysResponse", "ResolveHeldRequest", "ResolveHeldResponse", "Spending"),
    *("Healthy", "NotHealthy", "OEmbedResponse", "MiniMaxStyleError", "OpenAIStyleError"),
    *("ListWebhookDeliveriesResponse", "WebhookDelivery", "WebhookSecret"),
    *("DeployHook", "ListDeployHooksResponse"),
    *("MiniMaxV1Order", "MiniMaxV1Created", "MiniMaxV1Task", "MiniMaxV1File"),
    *("MiniMaxV2Order", "MiniMaxV2Created", "MiniMaxV2Task", "MiniMaxV2Query", "MiniMaxV2List"),
    *("MiniMaxV2Deleted", "MiniMaxV2Error"),
    *("UploadedVideo", "UploadedAudio"),
    *("OpenAICreateVideoRequest", "OpenAICreateVideoResponse"),
)
"""What the operator's routes, other programs, dialects and the client's own reading of errors are about."""


def described(schema: dict[str, Any]) -> Any:
    """A schema as plain data that can be compared; an optional None is told apart by `nullable`."""
    if "$ref" in schema:
        return described(SCHEMAS[schema["$ref"].rsplit("/", 1)[1]])
    if "allOf" in schema:
        return described(schema["allOf"][0])
    if "anyOf" in schema:
        (one,) = [one for one in schema["anyOf"] if one.get("type") != "null"]
        return described(one)
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    (kind,) = [one for one in kinds if one != "null"]
    if "enum" in schema:
        return ("one of", frozenset(value for value in schema["enum"] if value is not None))
    if kind == "array":
        return ("list", described(schema["items"]))
    if kind == "object" and "properties" in schema:
        required = schema.get("required", [])
        return {name: (name in required, described(one)) for name, one in schema["properties"].items()}
    return ("map", described(schema["additionalProperties"])) if kind == "object" else kind


def written(annotation: Any) -> Any:
    """A type of ours as the same data."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        (inner,) = [one for one in arguments if one is not type(None)]
        return written(inner)
    if origin in (Required, NotRequired):
        return written(arguments[0])
    if origin is Literal:
        return ("one of", frozenset(arguments))
    if origin is list:
        return ("list", written(arguments[0]))
    if origin is dict:
        return ("map", written(arguments[1]))
    if hasattr(annotation, "__required_keys__"):
        required = annotation.__required_keys__
        return {name: (name in required, written(one)) for name, one in hints(annotation).items()}
    return {str: "string", int: "integer", float: "number", bool: "boolean"}[annotation]


def hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind, include_extras=True)


def nullable(schema: dict[str, Any]) -> set[str]:
    return {
        name
        for name, one in schema["properties"].items()
        if "null" in one.get("type", []) or {"type": "null"} in one.get("anyOf", [])
    }


def takes_none(kind: Any) -> set[str]:
    return {
        name
        for name, one in hints(kind).items()
        if type(None) in get_args(one) or any(type(None) in get_args(part) for part in get_args(one))
    }


@pytest.mark.parametrize("name", NAMES)
def test_is_what_the_server_describes(name: str) -> None:
    kind = getattr(contract, name)
    assert written(kind) == described(SCHEMAS[name])
    assert takes_none(kind) == nullable(SCHEMAS[name])


def test_every_schema_has_a_typed_dict_or_is_not_for_callers() -> None:
    assert set(SCHEMAS) - {*NAMES, *NOT_OURS} == {"ModelName"}
    assert set(get_args(contract.ModelName)) == set(SCHEMAS["ModelName"]["enum"])


@pytest.mark.parametrize("kind", [orders.VideoOrder, orders.VideoQuoteRequest, orders.ImageVideoOrder])
def test_every_kind_of_order_has_the_fields_of_a_create(kind: Any) -> None:
    assert set(hints(kind)) == set(hints(contract.CreateVideoRequest))
