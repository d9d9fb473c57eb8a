"""开放接口 /api/v1, read-only. One table of routes; checks, answers and the description come from it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Response, request
from pydantic import BaseModel, ValidationError
from sqlalchemy.exc import InterfaceError, OperationalError
from werkzeug.exceptions import HTTPException

from portal.domain.errors import NotFound, RuleViolation
from portal.extensions import csrf, db
from portal.public import api_answers, api_asked, api_models, api_projects
from portal.public.api_asked import Query
from portal.public.api_openapi import description
from portal.public.api_query import BadQuery
from portal.web.addresses import absolute
from portal.web.errors import TEXTS
from portal.web.pages import kept_for

bp = Blueprint("api", __name__, url_prefix="/api/v1")
SECONDS_KEPT = 30
NO_SUCH_ADDRESS = "接口没有这个地址，请对照“数据开放”页面的说明。"
ALLOWED = "GET, HEAD, OPTIONS"
UNCHANGING = ["POST", "PUT", "PATCH", "DELETE", "TRACE", "QUERY"]


@dataclass(frozen=True, slots=True)
class Route:
    """One address: its view, what it is for, what it takes and answers."""

    path: str
    """With its parts in braces, as the description of the interface writes it."""
    view: Callable[..., BaseModel]
    title: str
    answer: type[BaseModel]
    query: type[Query] | None = None
    parts: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Of the path: name to what it is and an example."""
    sample: dict[str, str] = field(default_factory=dict)
    """Of the query: what an example asks; an empty value stands for today."""
    seconds: int = SECONDS_KEPT


ROUTES = (
    Route(
        "/notices",
        api_answers.notices,
        "公示列表",
        api_models.Notices,
        api_asked.NoticeQuery,
        sample={"status": "open", "limit": "5"},
    ),
    Route(
        "/notices/{reference}",
        api_answers.notice,
        "一条公示的全部内容",
        api_models.NoticeDetail,
        parts={"reference": ("公示编号", "GS430181-2026-00001")},
    ),
    Route(
        "/notices/{reference}/window",
        api_answers.window,
        "一条公示的公示期，逐日说明",
        api_models.Window,
        parts={"reference": ("公示编号", "GS430181-2026-00001")},
    ),
    Route(
        "/projects",
        api_projects.projects,
        "工程项目列表",
        api_models.Projects,
        api_asked.ProjectQuery,
        sample={"limit": "5"},
    ),
    Route(
        "/projects/{number}",
        api_projects.project,
        "一个项目的业绩档案",
        api_models.ProjectDetail,
        parts={"number": ("项目编号", "4301812206150001")},
    ),
    Route("/bureaus", api_answers.bureaus, "全部部门", api_models.Bureaus, seconds=600),
    Route(
        "/working-days",
        api_answers.working_days,
        "工作日历",
        api_models.Days,
        api_asked.DaysQuery,
        sample={"from": "", "days": "14"},
    ),
    Route(
        "/windows/{published}",
        api_answers.window_of_day,
        "某日发布的公示，公示期怎么算",
        api_models.Window,
        parts={"published": ("发布日", "2026-09-30")},
    ),
    Route("/scoreboard", api_answers.scoreboard, "各部门办理情况", api_models.Scoreboard, seconds=600),
)


def _answering(route: Route) -> Callable[..., Response]:
    """The view of a route: read what is asked, answer, all as typed."""

    @kept_for(route.seconds)
    def view(**parts: str) -> Response:
        asked = (_read(route.query),) if route.query else ()
        if route.query is None and request.args:
            raise BadQuery(f"这个地址不带参数，请去掉{'、'.join(sorted(request.args))[:60]}。")
        return _json(route.view(*asked, **parts))

    return view


for _route in ROUTES:
    _path = _route.path.replace("{", "<").replace("}", ">")
    _name = _route.view.__name__
    bp.add_url_rule(_path, _name, _answering(_route), methods=["GET"])


@bp.get("/openapi.json")
@kept_for(600)
def openapi() -> Response:
    """The description of the interface (OpenAPI 3.1), made from the table above."""
    return _plain_json(description(ROUTES, absolute("public.open_data.index") + "#terms"))


@bp.route("/", defaults={"rest": ""})
@bp.route("/<path:rest>")
def no_such_address(rest: str) -> Response:
    """Anything else that is asked for."""
    raise NotFound(NO_SUCH_ADDRESS)


@bp.route("/", defaults={"rest": ""}, methods=UNCHANGING)
@bp.route("/<path:rest>", methods=UNCHANGING)
@csrf.exempt  # nothing is changed whatever is sent
def read_only(rest: str) -> Response:
    """Nothing can be changed here."""
    response = _problem(405, "接口只能查询，请用GET。")
    response.headers["Allow"] = ALLOWED
    return response


@bp.after_request
def _for_every_site(response: Response) -> Response:
    """Pages of other sites may read this too: it is public, and no cookie goes with it."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = "ETag"
    if request.method == "OPTIONS":
        response.status_code = 204
        response.headers["Allow"] = response.headers["Access-Control-Allow-Methods"] = ALLOWED
        response.headers["Access-Control-Allow-Headers"] = "If-None-Match"
        response.headers["Access-Control-Max-Age"] = "86400"
    return response


@bp.errorhandler(RuleViolation)
def _refused(refusal: RuleViolation) -> Response:
    db.session.rollback()
    return _problem(refusal.status, refusal.message)


@bp.errorhandler(HTTPException)
def _http(error: HTTPException) -> Any:
    return error if error.code is None or error.code < 400 else _problem(error.code)


@bp.errorhandler(OperationalError)
@bp.errorhandler(InterfaceError)
def _busy(_error: Exception) -> Response:
    db.session.rollback()
    response = _problem(503)
    response.headers["Retry-After"] = "60"
    return response


def _read(model: type[Query]) -> Query:
    """What the address asks, checked. Raises BadQuery that names the parameter."""
    known = {named.alias or name for name, named in model.model_fields.items()}
    for name, values in request.args.lists():
        if name not in known:
            raise BadQuery(f"没有“{name[:40]}”这个参数，可用的有：{'、'.join(sorted(known))}。")
        if len(values) > 1:
            raise BadQuery(f"参数{name}只能出现一次。")
    try:
        return model.model_validate(request.args.to_dict())
    except ValidationError as fault:
        name = str(fault.errors()[0]["loc"][0])
        schema = model.model_json_schema()["properties"][name]
        said = "缺少必需的" if fault.errors()[0]["type"] == "missing" else "不认识的"
        raise BadQuery(f"{said}参数{name}（{schema.get('description', '')}），请对照接口说明填写。") from None


def _json(answer: BaseModel) -> Response:
    return Response(answer.model_dump_json(by_alias=True), mimetype="application/json")


def _plain_json(answer: Any) -> Response:
    return Response(json.dumps(answer, ensure_ascii=False), mimetype="application/json")


def _problem(status: int, detail: str = "") -> Response:
    title, text = TEXTS.get(status, TEXTS[400 if status < 500 else 500])
    problem = api_models.Problem(title=title, status=status, detail=detail or text)
    return Response(problem.model_dump_json(), status=status, mimetype="application/problem+json")
