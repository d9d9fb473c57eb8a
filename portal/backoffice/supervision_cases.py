"""监督线索: what verifications found to be falsified (rule V5)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response
from sqlalchemy import select

from portal.domain.permissions import Permission
from portal.models.application import Application
from portal.models.bureau import Bureau, bureaus_within
from portal.models.project import Project
from portal.models.supervision_case import SupervisionCase
from portal.web.access import actor, needs
from portal.web.pages import page
from portal.web.paging import newest_first

bp = Blueprint("supervision_cases", __name__, url_prefix="/supervision-cases")
ROWS = 50


@bp.get("")
@needs(Permission.SEE_CASES)
def index() -> Response:
    """Suspicions of the bureau and of those below, newest first."""
    query: Any = (
        select(
            SupervisionCase.id,
            SupervisionCase.number,
            SupervisionCase.reason,
            SupervisionCase.opened_at,
            Application.number.label("application_number"),
            Application.applicant_name,
            Project.name.label("project_name"),
            Bureau.area_name.label("bureau_name"),
        )
        .join(Application, SupervisionCase.application_id == Application.id)
        .join(Project, Application.project_id == Project.id)
        .join(Bureau, SupervisionCase.bureau_id == Bureau.id)
        .where(SupervisionCase.bureau_id.in_(bureaus_within(actor().bureau_path or "/")))
    )
    found = newest_first(query, SupervisionCase.id, size=ROWS)
    return page(
        "backoffice/supervision_cases/index.html",
        rows=found.items,
        older_url=found.older_url,
        newer_url=found.newer_url,
    )
