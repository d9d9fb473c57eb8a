"""公示中断: notices that were not seen for a while, and what their bureau decides about it (rule N7)."""

from __future__ import annotations

from flask import Blueprint, Response, flash
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from wtforms import RadioField
from wtforms.validators import InputRequired

from portal import clock
from portal.backoffice.forms import explained
from portal.backoffice.notices import find
from portal.domain import permissions, publication_gaps, texts
from portal.domain.permissions import Permission
from portal.extensions import begin_write, db
from portal.models.bureau import bureaus_within
from portal.models.notice import Notice
from portal.models.publication_sighting import notices_to_decide
from portal.models.words import GapDecision
from portal.web import watch_ledger
from portal.web.access import actor, needs
from portal.web.forms import Form, choices
from portal.web.pages import go, page, succeeds

bp = Blueprint("publication_gaps", __name__, url_prefix="/publication-gaps")
ROWS = 100
DECISIONS = {GapDecision.EXTENDED: publication_gaps.extend, GapDecision.ACCEPTED: publication_gaps.accept}


class DecisionForm(Form):
    """What becomes of the window."""

    decision = RadioField("处理", choices=choices(GapDecision), validators=[InputRequired("请选择延长或者认可")])
    reason = explained("理由（将公开）", "请写明理由", texts.GAP)


@bp.get("")
@needs(Permission.SEE_CASES)
def index() -> Response:
    """Notices of this bureau and of those below that wait for a decision, those that end soonest first."""
    query = (
        select(Notice)
        .where(Notice.id.in_(notices_to_decide()), Notice.bureau_id.in_(bureaus_within(actor().bureau_path or "/")))
        .options(joinedload(Notice.bureau))
        .order_by(Notice.ends_at, Notice.id)
        .limit(ROWS)
    )
    return page("backoffice/publication_gaps/index.html", notices=db.session.scalars(query).all(), most=ROWS)


@bp.get("/<string:reference>")
@needs(Permission.SEE_CASES)
def show(reference: str) -> Response:
    """The ledger of one notice, its gaps, and the form to decide about them."""
    return _show(find(reference), DecisionForm(formdata=None))


@bp.post("/<string:reference>/decision")
@needs(Permission.DECIDE)
def decide(reference: str) -> Response:
    """Prolong the window, or let it end as published."""
    notice, form = find(reference), DecisionForm()
    if not form.validate():
        return _show(notice, form, 422)
    act = DECISIONS[GapDecision(form.decision.data)]
    begin_write()
    if not succeeds(form, lambda: act(notice, form.reason.data, actor=actor(), now=clock.now())):
        return _show(notice, form, form.status)
    flash("决定已保存，理由在公示页面公开；公示期届满后由系统继续办理。", "success")
    return go("backoffice.publication_gaps.show", reference=reference)


def _show(notice: Notice, form: DecisionForm, status: int = 200) -> Response:
    waiting = publication_gaps.undecided(notice) if notice.gap_undecided else []
    own = notice.bureau_id == actor().bureau_id
    return page(
        "backoffice/publication_gaps/show.html",
        status=status,
        notice=notice,
        form=form,
        lost=publication_gaps.days_lost(notice, waiting),
        until=publication_gaps.proposal(notice, waiting, now=clock.now()) if waiting else None,
        may_decide=own and permissions.can(actor(), Permission.DECIDE),
        **watch_ledger.build(notice),
    )
