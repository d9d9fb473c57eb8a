"""A page that only reads: one connection for all it asks, and nothing it could change."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from portal.extensions import begin_write, db, only_read, reading
from portal.models.bureau import Bureau
from tests import builders


def test_a_page_that_only_reads_asks_by_one_connection_and_gives_it_back(app: Flask) -> None:
    builders.bureau()
    db.session.remove()
    resting = db.engine.pool.checkedout()  # type: ignore[attr-defined]
    with app.app_context(), app.test_request_context("/"):
        only_read()
        by_connection = reading().execute(select(Bureau.id)).all()
        by_session = list(db.session.scalars(select(Bureau)))
        assert db.session.connection() is reading()
        assert {row.id for row in by_connection} == {bureau.id for bureau in by_session}
        assert db.engine.pool.checkedout() == resting + 1  # type: ignore[attr-defined]
    assert db.engine.pool.checkedout() == resting  # type: ignore[attr-defined]


def test_a_page_that_said_it_only_reads_cannot_begin_to_write(app: Flask) -> None:
    with app.app_context(), app.test_request_context("/"):
        only_read()
        with pytest.raises(RuntimeError, match="only reads"):
            begin_write()
