"""DOOR 2: signed-in staff, behind one gate. Nothing here knows the public pages."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, url_for
from flask_login import current_user

from portal.models.words import Role


def init_app(app: Flask) -> None:
    """Register the back office."""
    from portal.backoffice import (
        applications,
        attachments,
        calendar,
        complaints,
        desk,
        exceptions,
        imports,
        notices,
        records,
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
        verifications,
        notices,
        rulings,
        records,
        imports,
        calendar,
        exceptions,
        complaints,
        supervision_cases,
        attachments,
    ):
        side.register_blueprint(door.bp)
    side.context_processor(_officer)
    app.register_blueprint(side)


def _officer() -> dict[str, Any]:
    """What stands around an officer's page: who he is, where he searches, how he leaves. No query is made for it."""
    around: dict[str, Any] = {"home_url": url_for("backoffice.desk.index")}
    if current_user.is_authenticated:
        duties = "、".join(role.label for role in Role if role in current_user.role_set)
        around |= {
            "staff": {"name": current_user.display_name, "bureau": current_user.bureau.name, "duties": duties},
            "search_url": url_for("backoffice.desk.find"),
            "sign_out_url": url_for("backoffice.sessions.destroy"),
        }
    return around
