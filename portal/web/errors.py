"""Every refusal and every failure as a page in Chinese that says what to do next; never a bare 500."""

from __future__ import annotations

import logging
from typing import Any

from flask import Flask, Response, request, url_for
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from portal.domain.errors import RuleViolation
from portal.extensions import db
from portal.web import uploads
from portal.web.pages import page

log = logging.getLogger(__name__)

TEXTS = {
    400: ("请求有误", "服务器看不懂这个请求。请返回上一页检查填写的内容后重试。"),
    403: ("没有权限", "您的岗位没有此项权限，请联系本单位账号管理员。"),
    404: ("没有找到", "没有找到您要的内容。请核对地址或编号，也可以从公示列表查找。"),
    405: ("不能这样访问", "这个地址不支持这种操作，请从页面上的按钮进入。"),
    409: ("现在不能办理", "内容已被他人更新，请刷新页面查看最新情况后再办理。"),
    413: ("提交的内容太大", "请压缩文件，或者分次提交。已保存的内容都还在，可以返回继续。"),
    414: ("地址太长", "请缩短查询内容后重试。"),
    415: ("格式不支持", "请使用页面上的表单提交。"),
    422: ("内容需要修改", "请按提示修改后重新提交。"),
    429: ("操作太频繁", "请稍等几分钟再试。"),
    500: ("暂时不能办理", "系统遇到问题，已记录并通知管理人员。您填写的内容没有被提交，请稍后重试。"),
    503: ("系统正忙", "系统正忙，本次操作没有生效。请稍候一分钟刷新重试，已填写的内容请先保留。"),
}


LEADS_ON = {
    **dict.fromkeys(("records", "projects", "companies"), ("查找项目和企业", "public.records.index")),
    "alerts": ("订阅公示提醒", "public.alerts.new"),
    "circulars": ("查看全部通报", "public.circulars.index"),
    "complaints": ("提交投诉举报", "public.complaints.new"),
    "progress": ("查询进度", "public.progress.new"),
}
"""First part of the address: where one goes on from a page that could not be shown, if not from the list of notices."""


def init_app(app: Flask) -> None:
    """Say who answers for what went wrong."""
    app.register_error_handler(RuleViolation, _rule)
    app.register_error_handler(CSRFError, _forgery)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(StaleDataError, _stale)
    app.register_error_handler(OperationalError, _busy)
    app.register_error_handler(InterfaceError, _busy)
    app.register_error_handler(UnicodeError, _unreadable)
    if not app.testing:
        app.register_error_handler(Exception, _unexpected)


def _show(status: int, message: str | None = None) -> Response:
    title, text = TEXTS.get(status, TEXTS[400 if status < 500 else 500])
    office = request.path.startswith("/office")
    response = page(
        "errors/error.html",
        status=status,
        title=title,
        message=message or text,
        next_steps=[("返回工作台", "/office/")] if office else [_leads_on(), ("返回首页", "/")],
        code=status,
        layout="backoffice/base.html" if office else "public/base.html",
    )
    if status in (429, 503):
        response.headers["Retry-After"] = "60"
    return response


def _leads_on() -> tuple[str, str]:
    """Where what was looked for may be found."""
    part = request.path.split("/")[1]
    text, endpoint = LEADS_ON.get(part, ("查看公示列表", "public.notices.index"))
    return text, url_for(endpoint)


def _rule(refusal: RuleViolation) -> Response:
    db.session.rollback()
    return _show(refusal.status, refusal.message)


def _forgery(_error: CSRFError) -> Response:
    return _show(400, "页面已过期，为安全起见没有提交。请返回上一页刷新后重新提交，已填写的内容可先复制保存。")


def _http(error: HTTPException) -> Any:
    if error.code is None or error.code < 400:
        return error
    return _show(error.code, uploads.too_much() if error.code == 413 else None)


def _stale(_error: StaleDataError) -> Response:
    db.session.rollback()
    return _show(409)


def _busy(error: Exception) -> Response:
    log.warning("database unavailable: %s", error)
    db.session.rollback()
    return _show(503)


def _unreadable(_error: UnicodeError) -> Response:
    return _show(400)


def _unexpected(error: Exception) -> Response:
    log.exception("unexpected error at %s", request.path, exc_info=error)
    db.session.rollback()
    return _show(500)
