"""DOOR 2: signed-in staff, behind one gate. Nothing here knows the public pages."""

from __future__ import annotations

from flask import Blueprint, Flask


def init_app(app: Flask) -> None:
    """Register the back office."""
    from portal.backoffice import (
        applications,
        attachments,
        calendar,
        circulars,
        complaint_acts,
        complaints,
        deficiencies,
        desk,
        escalations,
        exceptions,
        imports,
        messages,
        notices,
        public_evidence,
        publication_gaps,
        rechecks,
        records,
        remedies,
        rulings,
        sessions,
        supervision_cases,
        verifications,
    )

    side = Blueprint("backoffice", __name__, url_prefix="/office")
    for door in (
        sessions,
        desk,
        applications,
        deficiencies,
        verifications,
        notices,
        public_evidence,
        rulings,
        rechecks,
        escalations,
        publication_gaps,
        messages,
        records,
        remedies,
        circulars,
        imports,
        calendar,
        exceptions,
        complaints,
        complaint_acts,
        supervision_cases,
        attachments,
    ):
        side.register_blueprint(door.bp)
    app.register_blueprint(side)
