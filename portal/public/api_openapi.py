"""The description of the open interface (OpenAPI 3.1), made from its table of routes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from portal.models import words
from portal.public.api_models import Problem

if TYPE_CHECKING:
    from portal.public.api import Route

REFUSALS = {400: "参数有误", 404: "没有找到", 405: "接口只能查询", 503: "系统正忙"}
ABOUT = (
    "公开、只读、不需要密钥。时间带时区，日期为北京时间。列表按next翻页。"
    "回答带ETag，请用If-None-Match节省流量。出错时回答application/problem+json（RFC 9457）。"
)
TITLE = "湖南省工程数据信息公示与监督平台开放接口"


def description(routes: Iterable[Route], terms: str) -> dict[str, Any]:
    """The whole document, as plain data. terms: where it is said how the answers may be used."""
    routes = list(routes)
    models: set[type[BaseModel]] = {Problem}
    for route in routes:
        models |= {route.answer} | ({route.query} if route.query else set())
    ordered = sorted(models, key=lambda model: model.__name__)
    # as they are answered: a member with a default is always there
    _, schemas = models_json_schema(
        [(model, "serialization") for model in ordered], ref_template="#/components/schemas/{model}"
    )
    defined = schemas["$defs"]
    for name, schema in defined.items():
        if meanings := _meanings(name):
            schema["description"] = meanings
    asked = {route.query.__name__ for route in routes if route.query}
    return {
        "openapi": "3.1.0",
        "info": {"title": TITLE, "version": "1", "description": ABOUT, "termsOfService": terms},
        "paths": {f"/api/v1{route.path}": {"get": _operation(route, defined)} for route in routes},
        "components": {"schemas": {name: schema for name, schema in defined.items() if name not in asked}},
    }


def parameters(model: type[BaseModel], defined: dict[str, Any]) -> list[dict[str, Any]]:
    """The query parameters a model stands for. One left out counts as not asked, so that none is ever null."""
    found = []
    for name, schema in defined[model.__name__]["properties"].items():
        options = [option for option in schema.get("anyOf", [schema]) if option.get("type") != "null"]
        only = {key: value for key, value in options[0].items() if key not in ("title", "description")}
        if schema.get("default") is not None:
            only["default"] = schema["default"]
        found.append(
            {
                "name": name,
                "in": "query",
                "required": name in _needed(model),
                "description": schema.get("description", ""),
                "schema": only,
            }
        )
    return found


def asked_by(model: type[BaseModel]) -> list[tuple[str, str, bool]]:
    """The same for people: name, what it is and may be, whether it is needed."""
    schema = model.model_json_schema()
    said = []
    for name, each in schema["properties"].items():
        kinds = [option["$ref"].rpartition("/")[2] for option in each.get("anyOf", []) if "$ref" in option]
        choices = "：" + _meanings(kinds[0]) if kinds else ""
        said.append((name, each["description"] + choices, name in _needed(model)))
    return said


def _meanings(name: str) -> str:
    """What each value of a vocabulary means; empty for what is none."""
    vocabulary = getattr(words, name, None)
    if not (isinstance(vocabulary, type) and issubclass(vocabulary, words.Word)):
        return ""
    return "，".join(f"{word.value}（{word.label}）" for word in vocabulary)


def _needed(model: type[BaseModel]) -> set[str]:
    return {field.alias or name for name, field in model.model_fields.items() if field.is_required()}


def _operation(route: Route, defined: dict[str, Any]) -> dict[str, Any]:
    parts = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": said,
            "example": example,
            "schema": {"type": "string", "minLength": 1},
        }
        for name, (said, example) in route.parts.items()
    ]
    return {
        "operationId": route.view.__name__,
        "summary": route.title,
        "parameters": parts + (parameters(route.query, defined) if route.query else []),
        "responses": {
            "200": {
                "description": route.title,
                "headers": {"ETag": {"schema": {"type": "string"}}},
                "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{route.answer.__name__}"}}},
            },
            "304": {"description": "与If-None-Match相同，没有变化"},
            **{str(status): _refusal(said) for status, said in REFUSALS.items()},
        },
    }


def _refusal(said: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": said, "content": {"application/problem+json": {"schema": schema}}}
