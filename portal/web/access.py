"""The gate of the back office: who is signed in, and what his duties allow (rules A3, A5). Deny by default."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from flask import Flask, Response, current_app, flash, g, redirect, request, session, url_for
from flask_login import current_user, logout_user
from sqlalchemy import select

from portal import clock
from portal.config import Settings
from portal.domain import accounts, permissions
from portal.domain.actor import Actor
from portal.domain.errors import NotFound
from portal.domain.permissions import Permission
from portal.extensions import db, login_manager
from portal.models.account import Account
from portal.models.application import Application, applications_within

View = Callable[..., Any]


def init_app(app: Flask) -> None:
    """Note when each request arrived, and tell the sign-in library how to find an account."""
    # first of all: the check against forged requests reads the body, and a large upload takes its time
    app.before_request_funcs.setdefault(None, []).insert(0, _note_arrival)
    login_manager.user_loader(_live_account)


def _note_arrival() -> None:
    # before any of the body is read: rule O1 decides by the arrival of the request
    g.arrived_at = clock.now()


def _live_account(remembered: str) -> Account | None:
    """The account of a session, unless that session was ended or another one began."""
    account_id, _, key = remembered.partition(":")
    if not account_id.isdigit() or not key or key == "None":
        return None
    return db.session.scalar(
        select(Account).where(Account.id == int(account_id), Account.session_key == key, Account.active)
    )


def settings() -> Settings:
    """The installation's settings."""
    found: Settings = current_app.config["PORTAL"]
    return found


def needs(permission: Permission) -> Callable[[View], View]:
    """Let only signed-in officers in whose duties allow `permission`; others get the sign-in page or a plain
    refusal.
    """

    def gate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if not current_user.is_authenticated or _idle_too_long():
                return _to_sign_in()
            permissions.require(actor(), permission)
            return view(*args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]  # the route test reads it
        return guarded

    return gate


def open_to_all(view: View) -> View:
    """Say of a back-office view that it needs no account: only signing in."""
    view.permission = None  # type: ignore[attr-defined]
    return view


def signed_in(view: View) -> View:
    """Let any signed-in officer in, whatever his duties."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if not current_user.is_authenticated or _idle_too_long():
            return _to_sign_in()
        return view(*args, **kwargs)

    guarded.permission = "signed_in"  # type: ignore[attr-defined]
    return guarded


def actor() -> Actor:
    """The signed-in officer as the one who acts; worked out once per request."""
    if "actor" not in g:
        g.actor = accounts.actor_of(current_user)
    found: Actor = g.actor
    return found


def application(number: str) -> Application:
    """The case with this number within the actor's bureau and below; outside it does not exist (rule A5)."""
    path = actor().bureau_path or "/"
    found = db.session.scalar(applications_within(path).where(Application.number == number[:40]))
    if found is None:
        raise NotFound("没有找到这个申请，请核对编号", rule="A5")
    return found


def _idle_too_long() -> bool:
    """End a session that nobody used for the idle time (rule A6); otherwise note that it is used."""
    now = clock.now().timestamp()
    seen = session.get("seen", 0)
    if now - seen > timedelta(minutes=settings().idle_minutes).total_seconds() and not settings().demo:
        logout_user()
        flash("您长时间没有操作，请重新登录")
        return True
    session["seen"] = now
    return False


def _to_sign_in() -> Response:
    target = url_for("backoffice.sessions.new", next=request.full_path if request.method == "GET" else None)
    response = redirect(target, code=303)
    if request.headers.get("HX-Request"):
        response.headers["HX-Redirect"] = target
    return response  # type: ignore[return-value]
