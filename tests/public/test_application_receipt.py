"""回执 of an application: the code typed back before leaving the page (rule O4)."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from portal.extensions import db
from portal.models.application import ApplicationReceipt
from tests import builders
from tests.public.conftest import SetClock
from tests.public.test_applications_online import begun, filed


@pytest.mark.rule("O4")
def test_the_code_written_down_is_typed_back_and_the_application_stays(
    sqlite_client: FlaskClient, time_is: SetClock
) -> None:
    time_is("2026-09-30 10:00")
    address = begun(sqlite_client, builders.entry())
    typed_back = f"{address}/receipt/code"
    assert sqlite_client.post(typed_back, data={"code": "x"}).location == address  # not sent in yet
    number, code = filed(sqlite_client, address, c_amount="913.8285")

    assert f'action="{typed_back}#kept"' in sqlite_client.get(f"{address}/receipt").text
    right = sqlite_client.post(typed_back, data={"code": code.lower().replace("-", " ")})
    assert (right.status_code, "查询码正确" in right.text) == (200, True)
    for typed, said in (("", "请对照您抄下的内容"), ("ABCDE-FGHJK-MNPQR-STVWX", "请对照检查")):
        wrong = sqlite_client.post(typed_back, data={"code": typed})
        assert (wrong.status_code, said in wrong.text, code in wrong.text) == (422, True, True)
    assert number in sqlite_client.get(typed_back).text  # come back to by its address
    assert len(db.session.scalars(db.select(ApplicationReceipt)).all()) == 1
