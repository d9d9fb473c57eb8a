"""Where a filing of any kind begins: at once, or, where very many begin, after a computation or a wait (O1, O4)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime

from flask import Response, request, url_for

from portal.extensions import begin_write, db
from portal.web import proof
from portal.web.pages import go, page


def begin(
    first_step: str, open_ticket: Callable[[datetime], str], *, carried: Collection[tuple[str, str]] = ()
) -> Response:
    """Commit the ticket that `open_ticket` opens, and go to its first step.

    first_step: its endpoint; carried: names and values of the request's form that a second try must bring along.
    """
    begin_write()
    try:
        token = proof.begun(open_ticket)
    except proof.ProofWanted as refusal:
        return page(
            "public/filings/beginning.html",
            status=refusal.status,
            address=url_for(str(request.endpoint), **(request.view_args or {})),
            carried=carried,
            asked=proof.asked_to_begin(),
        )
    db.session.commit()
    return go(first_step, token=token)
