"""What was begun and never sent is forgotten, a day after its ticket ran out, with the files that came with it."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage

from jobs import sweep_tickets
from portal.domain import filings
from portal.extensions import db
from portal.integrations import storage
from portal.models.attachment import Attachment
from portal.models.notice import IntakeTicket
from portal.web import uploads
from tests.builders import MORNING, done, notice
from tests.support.files import SECRET, photograph


@pytest.mark.rule("C7", "O9")
def test_an_abandoned_draft_goes_with_its_originals_after_the_day_it_was_promised(app: Flask):
    published = notice()
    token = done(lambda: filings.begin(published.id, now=MORNING))
    ticket = filings.find_ticket(token)
    with app.test_request_context():
        [photo] = uploads.store([FileStorage(io.BytesIO(photograph(SECRET)), "现场.jpg")])
    done(lambda: filings.keep_files(ticket, 0, [photo], now=MORNING))
    until, where = filings.kept_until(ticket), app.config["PORTAL"].storage_url
    assert until == MORNING + timedelta(hours=26)

    assert sweep_tickets.run(now=until - timedelta(seconds=1)).done == 0
    assert storage.get(where, photo.original_key)

    assert sweep_tickets.run(now=until + timedelta(seconds=1)).done == 1
    for table in (IntakeTicket, Attachment):
        assert db.session.scalar(select(func.count()).select_from(table)) == 0
    with pytest.raises(FileNotFoundError):
        storage.get(where, photo.original_key)


def test_many_abandoned_drafts_go_at_once(app: Flask):
    published = notice()
    for _ in range(3):
        done(lambda: filings.begin(published.id, now=MORNING))
    assert sweep_tickets.run(now=MORNING + timedelta(days=3)).done == 3
