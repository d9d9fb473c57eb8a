"""投诉举报 at the desk that handles them: the list by the day something is due, the page, its files (rules C2, C7)."""

from __future__ import annotations

from flask import Blueprint, Response, request

from portal import clock
from portal.backoffice import complaint_list
from portal.backoffice.complaint_list import ROWS, VIEWS
from portal.backoffice.complaint_page import show_complaint
from portal.domain import complaint_access, dialogue
from portal.domain.errors import NotFound
from portal.domain.permissions import Permission
from portal.extensions import db
from portal.models.complaint import Complaint
from portal.web import complaint_road, uploads
from portal.web.access import actor, needs
from portal.web.pages import page
from portal.web.paging import newest_first

bp = Blueprint("complaints", __name__, url_prefix="/complaints")


@bp.get("")
@needs(Permission.HANDLE_COMPLAINT)
def index() -> Response:
    """What this desk handles itself, soonest due first; nobody else's, above or below (rule C2)."""
    said, own, today = complaint_list.filters(request.args), complaint_access.readable(actor()), clock.today()
    wanted = complaint_list.wanted(said, own, today)
    if said.by_due_day:
        found = complaint_list.load(db.session.scalars(wanted).all())
        next_url, previous_url = complaint_list.later_url(request.path, request.args, found), ""
    else:
        part = newest_first(wanted, Complaint.id, size=ROWS)
        found = complaint_list.load([row.id for row in part.items])
        next_url, previous_url = part.older_url or "", part.newer_url or ""
    found = found[:ROWS]
    return page(
        "backoffice/complaints/index.html",
        partial="backoffice/complaints/_list.html",
        complaints=found,
        said=said,
        views=VIEWS,
        counts=complaint_list.counts(own, today),
        options={name: [(word.value, word.label) for word in words] for name, words in complaint_list.WORDS.items()},
        waiting=complaint_list.waiting_for_a_word(found),
        tones=complaint_road.TONES,
        next_url=next_url,
        previous_url=previous_url,
    )


@bp.get("/<string:number>")
@needs(Permission.HANDLE_COMPLAINT)
def show(number: str) -> Response:
    """One complaint; where it lies on another desk it does not exist."""
    return show_complaint(complaint_access.find(number, actor()))


@bp.get("/<string:number>/files/<int:file_id>")
@needs(Permission.HANDLE_COMPLAINT)
def file(number: str, file_id: int) -> Response:
    """A file of the complaint or of its dialogue, for whoever may read the complaint."""
    found = dialogue.file_of(complaint_access.find(number, actor()), file_id)
    if found is None:
        raise NotFound("没有找到这个附件", rule="C2")
    try:
        return uploads.send(found)
    except FileNotFoundError:
        raise NotFound("附件文件不在存储中，请联系管理人员从备份恢复") from None
