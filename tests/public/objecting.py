"""What a citizen does who objects, step by step, for tests that begin where he has done it."""

from __future__ import annotations

import io
import re
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from portal.extensions import db
from portal.models.notice import Notice

REASON = "合同金额与中标通知书不一致"
Files = list[tuple[str, bytes]]


def begin(client: FlaskClient, notice: Notice) -> str:
    """Press the button; the address of the filing."""
    answer = client.post(f"/notices/{notice.reference}/filings")
    assert answer.status_code == 303
    return answer.location


def identify(client: FlaskClient, url: str, mode: str = "anonymous", **typed: Any) -> TestResponse:
    """Send step 1; a file is a pair of name and bytes."""
    return client.post(f"{url}/identity", data=_data({"mode": mode, **typed}), content_type="multipart/form-data")


def argue(
    client: FlaskClient, url: str, *texts: str, files: dict[int, Files] | None = None, **more: Any
) -> TestResponse:
    """Send step 2 with these grounds, and the files of each by its place."""
    data: dict[str, Any] = {f"ground-{at}": text for at, text in enumerate(texts)} | more
    data |= {f"files-{at}": chosen for at, chosen in (files or {}).items()}
    return client.post(f"{url}/grounds", data=_data(data), content_type="multipart/form-data")


def fill_in(client: FlaskClient, url: str, *texts: str, files: dict[int, Files] | None = None, **who: Any) -> None:
    """Steps 1 and 2, both taken."""
    for answer in (identify(client, url, **who), argue(client, url, *(texts or (REASON,)), files=files)):
        assert answer.status_code == 303, answer.text


def send(client: FlaskClient, url: str, **more: str) -> TestResponse:
    """Press the last button."""
    return client.post(url, data=more)


def object_to(client: FlaskClient, notice: Notice, *texts: str, **more: Any) -> TestResponse:
    """The whole way at once; the answer to the last step."""
    url = begin(client, notice)
    fill_in(client, url, *texts, **more)
    return send(client, url)


def upload(client: FlaskClient, url: str, place: int | str, name: str, content: bytes) -> TestResponse:
    """Send one file by itself, as the page's script does as soon as it is chosen."""
    return client.post(
        f"{url}/files/{place}",
        data={"file": (io.BytesIO(content), name)},
        content_type="multipart/form-data",
        headers={"HX-Request": "true"},
    )


def receipt_of(client: FlaskClient, answer: TestResponse) -> tuple[str, str]:
    """Number and code on the receipt a filing led to."""
    assert answer.status_code == 303, answer.text
    shown = client.get(answer.location).text
    number, code = re.findall(r'class="receipt__number" id="[^"]+">([^<]+)<', shown)
    return number, code


def count(model: type) -> int:
    """How many there are."""
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def _data(typed: dict[str, Any]) -> dict[str, Any]:
    """Fields as a form sends them; a pair or a list of pairs of name and bytes are files."""
    data: dict[str, Any] = {}
    for name, value in typed.items():
        pairs = [value] if isinstance(value, tuple) else value
        data[name] = [(io.BytesIO(content), file) for file, content in pairs] if isinstance(pairs, list) else pairs
    return data
