"""From a verb's result to a page: whole, or the part htmx asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import Response, g, make_response, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from sqlalchemy.orm.exc import StaleDataError

from portal.domain.errors import RuleViolation, Stale
from portal.extensions import db, only_read
from portal.web.access import settings

Result = TypeVar("Result")
LONGEST_SEARCH = 60
_SHARED = "max-age={0}, stale-while-revalidate={0}, stale-if-error=300"


def page(template: str, *, partial: str | None = None, status: int = 200, **context: Any) -> Response:
    """Render `template`, or its `partial` alone if htmx wants just that."""
    response = make_response(render_template(partial if partial and _wants_part() else template, **context), status)
    if partial:
        response.headers["Vary"] = "HX-Request, HX-Boosted, HX-History-Restore-Request"
    return response


def typed(text: str | None, longest: int = LONGEST_SEARCH) -> str:
    """One line as somebody typed it into an address or a search field: cut, and without what nobody can see."""
    return "".join(char for char in (text or "")[:longest] if char.isprintable()).strip()


def go(endpoint: str, **values: Any) -> Response:
    """See Other: after a POST, so that reloading repeats nothing."""
    return redirect(url_for(endpoint, **values), code=303)  # type: ignore[return-value]


def attempt(form: FlaskForm, act: Callable[[], Result]) -> Result | None:
    """Run `act` and commit; if a rule forbids it, roll back and put the refusal where the form shows its errors.

    Returns None on refusal; `form.status` is then the HTTP status to answer with.
    """
    try:
        result = act()
        db.session.commit()
        return result
    except RuleViolation as refusal:
        db.session.rollback()
        refuse(form, refusal)
        return None
    except StaleDataError:
        db.session.rollback()
        refuse(form, Stale("内容刚刚被他人更新，请核对最新情况后再提交"))
        return None


def succeeds(form: FlaskForm, act: Callable[[], object]) -> bool:
    """`attempt` for an act whose result nobody needs: True if it was done."""
    return attempt(form, lambda: (act(), True)) is not None


def refuse(form: FlaskForm, refusal: RuleViolation) -> None:
    """Show a rule's refusal like any other error of the form."""
    form.status = refusal.status
    field = form._fields.get(refusal.field)
    if field is None:
        form.form_errors.append(refusal.message)
    else:
        field.errors = [*field.errors, refusal.message]


def kept_for(seconds: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Mark a public view whose page is the same for everyone: shared caches and our own may keep it for `seconds`.

    page_cache, which stands in front, gives it its ETag and tells whoever has it already so; a view may set a tag
    itself that knows better than the bytes what its answer stands for.

    Such a page sets no cookie and depends on nothing but its address. A shared cache may show it as long again while it
    asks anew, and for minutes where the portal does not answer: what is on notice stays readable.
    """

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def keeping(*args: Any, **kwargs: Any) -> Response:
            only_read()
            g.kept = True
            response = make_response(view(*args, **kwargs))
            if response.status_code in (200, 410):
                request.environ["portal.keep"] = True
                # the demo's clock jumps: there a browser asks again each time, and mostly hears "not modified"
                keeps = "max-age=0" if settings().demo else _SHARED.format(seconds)
                response.headers["Cache-Control"] = f"public, {keeps}"
            return response

        return keeping

    return decorate


def _wants_part() -> bool:
    htmx = request.headers.get("HX-Request") == "true"
    whole = request.headers.get("HX-Boosted") == "true" or request.headers.get("HX-History-Restore-Request") == "true"
    return htmx and not whole
