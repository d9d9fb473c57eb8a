"""DOOR 1: anyone. Nothing here knows the back office."""

from __future__ import annotations

from flask import Blueprint, Flask


def init_app(app: Flask) -> None:
    """Register the public pages."""
    from portal.public import (
        alerts,
        api,
        application_acts,
        applications,
        circulars,
        companies,
        complaint_acts,
        complaints,
        demo,
        exports,
        feeds,
        filings,
        home,
        limits,
        notices,
        open_data,
        posters,
        progress,
        projects,
        public_evidence,
        receipts,
        records,
        scoreboard,
        sitemap,
        watch,
    )

    side = Blueprint("public", __name__)
    for door in (home, notices, posters, public_evidence, watch, records, projects, companies, circulars, scoreboard):
        side.register_blueprint(door.bp)
    for door in (limits, filings, complaints, complaint_acts, applications, application_acts, progress, receipts):
        side.register_blueprint(door.bp)
    for door in (feeds, exports, alerts, open_data, api, sitemap):  # read by machines, or sent by mail
        side.register_blueprint(door.bp)
    if app.config["PORTAL"].demo:
        side.register_blueprint(demo.bp)
    app.register_blueprint(side)
