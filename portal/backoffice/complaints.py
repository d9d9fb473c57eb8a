"""投诉举报, as far as late objections become ones (rule O9): the list of whoever handles them."""

from __future__ import annotations

from flask import Blueprint, Response
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from portal.domain.permissions import Permission
from portal.extensions import db
from portal.models.complaint import Complaint
from portal.web.access import actor, needs
from portal.web.pages import page
from portal.web.paging import newest_first

bp = Blueprint("complaints", __name__, url_prefix="/complaints")
ROWS = 50


@bp.get("")
@needs(Permission.HANDLE_COMPLAINT)
def index() -> Response:
    """What this bureau handles itself, newest first; nobody else's, above or below (rule C2)."""
    own = select(Complaint.id).where(Complaint.bureau_id == actor().bureau_id)
    found = newest_first(own, Complaint.id, size=ROWS)
    query = (
        select(Complaint)
        .where(Complaint.id.in_([row.id for row in found.items]))
        .options(joinedload(Complaint.notice), selectinload(Complaint.evidence))
        .order_by(Complaint.id.desc())
    )
    return page(
        "backoffice/complaints/index.html",
        complaints=db.session.scalars(query).unique().all(),
        older_url=found.older_url,
        newer_url=found.newer_url,
    )
