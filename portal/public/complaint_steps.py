"""The steps of a complaint: their pages, what each still lacks, and keeping what was typed and uploaded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, redirect, request, url_for

from portal import clock
from portal.domain import complaint_routing, complaints, filings
from portal.domain.errors import NotFound, RuleViolation
from portal.extensions import begin_write, db
from portal.models.attachment import Attachment
from portal.models.notice import IntakeTicket
from portal.models.words import ComplaintTarget, Purpose
from portal.public import complaint_targets
from portal.public.complaint_forms import ContentForm, TargetForm, identity_of, picked, subject_of
from portal.public.forms import PublicForm
from portal.web import uploads
from portal.web.pages import go, page, refuse

Draft = dict[str, Any]
STEPS = ("对象", "身份", "内容", "核对")
PAGES = ("target", "identity", "content", "check")


def ticket_of(token: str) -> IntakeTicket:
    """The ticket of a complaint under way. Raises NotFound, and AlreadyFiled if it was sent."""
    ticket = filings.open_ticket(token)
    if ticket.purpose is not Purpose.COMPLAINT:
        raise NotFound("没有找到这次填写，请从投诉举报页面重新开始")
    return ticket


def keep(ticket: IntakeTicket, said: Draft) -> None:
    """Store what was typed so far with the ticket, and commit."""
    begin_write()
    filings.keep_draft(ticket, {name: value for name, value in said.items() if value})
    db.session.commit()


def keep_content(ticket: IntakeTicket, form: ContentForm, said: Draft, dropped: int) -> None:
    """Store the text and what was uploaded, take out the file `dropped`, and commit. A file that cannot be taken
    becomes an error of the form; the others stay.
    """
    uploaded = []
    try:
        uploaded = uploads.store(request.files.getlist("files"))
    except RuleViolation as refusal:
        refuse(form, refusal)
    begin_write()
    filings.keep_draft(ticket, {name: value for name, value in said.items() if value})
    try:
        filings.keep_files(ticket, 0, uploaded, now=clock.now())
    except filings.AlreadyFiled:
        raise
    except RuleViolation as refusal:
        refuse(form, RuleViolation(refusal.message, rule=refusal.rule, field="files"))
    filings.drop_file(ticket, dropped)
    db.session.commit()


def kept(ticket: IntakeTicket) -> list[Attachment]:
    """What was uploaded so far."""
    return [file for files in filings.kept_files(ticket).values() for file in files]


def fits(form: PublicForm, look: Callable[[], object]) -> bool:
    """Whether a rule allows what was typed; if not, its refusal stands in the form."""
    try:
        look()
    except RuleViolation as refusal:
        refuse(form, refusal)
        return False
    return True


def check_target(said: Draft) -> None:
    """Raise RuleViolation while the draft does not say what it is about, clearly enough to send it somewhere."""
    subject = subject_of(said)
    if subject is None:
        if not said.get("matter"):
            raise RuleViolation("请选择反映什么问题", rule="C1", field="matter")
        raise RuleViolation("请查找并选择反映的对象，或者选择工作人员、其他并写明情况", rule="C1", field="target")
    complaints.check_subject(subject)
    complaint_routing.route(subject)


def gap(said: Draft) -> str:
    """The first step that still lacks something; empty if nothing is missing."""
    looks: dict[str, Callable[[], object]] = {
        "target": lambda: check_target(said),
        "identity": lambda: complaints.check_identity(identity_of(said)),
        "content": lambda: complaints.check_text(str(said.get("text", ""))),
    }
    return next((step for step, look in looks.items() if not fits(PublicForm(), look)), "")


def go_on(token: str, said: Draft) -> Response:
    """To the first step that lacks something, or to the last look."""
    return go(f"public.complaints.{gap(said) or 'check'}", token=token)


def back_to(token: str, step: str, place: str) -> Response:
    """To a place on the page of a step."""
    return redirect(url_for(f"public.complaints.{step}", token=token, _anchor=place), code=303)  # type: ignore[return-value]


def target_page(token: str, said: Draft, form: TargetForm, status: int = 200) -> Response:
    """Step 1, with what was found or picked."""
    pick, words = picked(said), str(said.get("q", ""))
    asks_place = pick is not None and pick.target is ComplaintTarget.COMPANY
    if asks_place and pick and pick.bureau and not form.place.data:
        form.place.data = str(pick.bureau.id)
    hits = complaint_targets.search(words) if words and pick is None else []
    return step_page("target", token, said, form, status, pick=pick, asks_place=asks_place, hits=hits, words=words)


def step_page(name: str, token: str, said: Draft, form: PublicForm, status: int = 200, **more: Any) -> Response:
    """The page of one step."""
    return page(
        f"public/complaints/{name}.html",
        status=status,
        token=token,
        said=said,
        form=form,
        steps=STEPS,
        step=PAGES.index(name),
        files_said_before=uploads.SAID_BEFORE,
        **more,
    )


def check_page(ticket: IntakeTicket, token: str, said: Draft, form: PublicForm, status: int = 200) -> Response:
    """Step 4: everything once more, who will handle it, who will not learn of it, and until when (rules C2, C3)."""
    subject = subject_of(said)
    assert subject is not None  # nothing is missing any more
    today = clock.today()
    return step_page(
        "check",
        token,
        said,
        form,
        status,
        pick=picked(said),
        subject=subject,
        identity=identity_of(said),
        routing=complaint_routing.route(subject),
        kept=kept(ticket),
        accept_days=complaints.days("accept_days", subject.matter, today),
        accept_by=complaints.last_day("accept_days", subject.matter, today),
    )
