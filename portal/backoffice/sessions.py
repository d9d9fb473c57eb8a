"""登录和退出 (rule A6, as far as built): one message for every refusal, one live session per account."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, request, session, url_for
from flask_login import current_user, login_user, logout_user
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from portal import clock
from portal.domain import accounts
from portal.extensions import begin_write, db
from portal.models.account import Account
from portal.web.access import open_to_all, signed_in
from portal.web.forms import Form
from portal.web.pages import go, page, typed

bp = Blueprint("sessions", __name__)
REFUSED = "用户名或密码不正确，或者账号暂时不能登录。连续输错会锁定一段时间，请稍后再试，或联系本单位账号管理员。"


class SignInForm(Form):
    """Name and password."""

    username = StringField(
        "用户名", validators=[InputRequired("请填写用户名"), Length(max=40, message="用户名不超过40个字")]
    )
    password = PasswordField(
        "密码", validators=[InputRequired("请填写密码"), Length(max=200, message="密码不超过200位")]
    )
    next = HiddenField()


@bp.get("/session/new")
@open_to_all
def new() -> Response:
    """The sign-in page."""
    if current_user.is_authenticated:
        return redirect(_own_path(request.args.get("next")), code=303)  # type: ignore[return-value]
    return page("backoffice/sessions/new.html", form=SignInForm(data={"next": typed(request.args.get("next"), 500)}))


@bp.post("/session")
@open_to_all
def create() -> Response:
    """Begin the account's one live session."""
    form = SignInForm()
    if not form.validate():
        return page("backoffice/sessions/new.html", form=form, status=422)
    # slow on purpose, so before the transaction: meanwhile nobody waits for the database
    account_id, fits = accounts.password_fits(form.username.data, form.password.data)
    begin_write()
    account = db.session.get(Account, account_id) if account_id is not None else None
    welcome = account is not None and accounts.sign_in(account, fits, now=clock.now())
    db.session.commit()
    if account is None or not welcome:
        form.form_errors.append(REFUSED)
        return page("backoffice/sessions/new.html", form=form, status=422)
    session.clear()  # nothing a stranger may have put into this browser's session survives
    login_user(account, remember=False)
    session["seen"] = clock.now().timestamp()
    return redirect(_own_path(form.next.data), code=303)  # type: ignore[return-value]


@bp.post("/session/end")
@signed_in
def destroy() -> Response:
    """End the live session."""
    account_id = current_user.id
    begin_write()
    accounts.sign_out(db.session.get_one(Account, account_id), now=clock.now())
    db.session.commit()
    logout_user()
    session.clear()
    flash("您已退出登录", "success")
    return go("backoffice.sessions.new")


def _own_path(wanted: str | None) -> str:
    """`wanted` if it is a plain path of this back office, otherwise the desk: no link leads anybody elsewhere."""
    path = wanted or ""
    plain = path.isprintable() and "\\" not in path and "//" not in path.partition("?")[0] and ".." not in path
    return path if plain and len(path) <= 500 and path.startswith("/office/") else url_for("backoffice.desk.index")
