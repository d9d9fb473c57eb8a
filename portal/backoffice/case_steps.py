"""One act on a case: its form, its verb, and back to the case's page, with what happened or why not."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, flash

from portal.backoffice.case_forms import CaseForm
from portal.backoffice.case_page import show_case
from portal.domain.errors import RuleViolation
from portal.extensions import begin_write
from portal.models.application import Application
from portal.web.pages import go, refuse, succeeds


def take_step(
    case: Application,
    form: CaseForm,
    key: str,
    act: Callable[[], object],
    done: str,
    *,
    before: Callable[[], object] | None = None,
) -> Response:
    """Check `form`, run `before` outside and `act` inside the transaction, and show the case again.

    Whoever comes second gets 409, what changed meanwhile, and what he had typed.
    """
    number = case.number
    if not form.validate():
        return show_case(case, status=422, failed=form, key=key)
    try:
        if before is not None:
            before()
    except RuleViolation as refusal:
        refuse(form, refusal)
        return show_case(case, status=form.status, failed=form, key=key)
    begin_write()
    if not succeeds(form, act):
        return show_case(case, status=form.status, failed=form, key=key)
    flash(done, "success")
    return go("backoffice.applications.show", number=number)
