"""Somebody who fills in a complaint step by step, and what is looked up afterwards."""

from __future__ import annotations

import io
import re
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from portal.extensions import db
from portal.models.complaint import Complaint
from tests.complaints import TEXT
from tests.public.reading import words
from tests.support.files import pdf

PDF, OTHER_PDF = pdf(), pdf(pages=2)
USCC = "91430000183764483Y"


class Filer:
    """Somebody who fills in the steps; nothing is kept in his browser but the address."""

    def __init__(self, client: FlaskClient, **brought: str) -> None:
        self.client = client
        begun = client.post("/complaints", data=brought)
        assert begun.status_code == 303
        self.url = begun.location.removesuffix("/target")

    def send(self, step: str, files: dict[str, tuple[str, bytes]] | None = None, /, **typed: str) -> TestResponse:
        """Send one step; files by field."""
        data: dict[str, Any] = dict(typed)
        data |= {field: (io.BytesIO(content), name) for field, (name, content) in (files or {}).items()}
        return self.client.post(f"{self.url}/{step}", data=data, content_type="multipart/form-data")

    def see(self, step: str) -> str:
        """The words of a step's page."""
        answer = self.client.get(f"{self.url}/{step}")
        assert answer.status_code == 200, (answer.status_code, answer.location)
        return words(answer.text)

    def pick(self, q: str, key: str) -> TestResponse:
        """Search and choose a hit."""
        self.send("target", matter="false_record", q=q, find="1")
        assert f'value="{key}"' in self.client.get(f"{self.url}/target").text
        return self.send("target", matter="false_record", q=q, pick=key)

    def fill(self, matter: str = "staff_conduct", text: str = TEXT) -> None:
        """Everything, anonymously, about what was brought along or picked."""
        assert self.send("target", matter=matter).location.endswith("/identity")
        assert self.send("identity", mode="anonymous").location.endswith("/content")
        assert self.send("content", text=text).location.endswith("/check")

    def file(self, **typed: str) -> TestResponse:
        """Press the last button."""
        return self.client.post(self.url, data=typed)

    def receipt(self) -> tuple[str, str]:
        """Number and code on the receipt."""
        shown = self.client.get(f"{self.url}/receipt").text
        number, code = re.findall(r'class="receipt__number" id="[^"]+">([^<]+)<', shown)
        return number, code


def count(model: type) -> int:
    """How many there are."""
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def only() -> Complaint:
    """The one complaint there is."""
    return db.session.scalars(select(Complaint)).one()
