"""身份方式 of an objection: a person, a unit with its seal, in confidence or nobody, and where it is kept (O2, C7)."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.domain import identity_vault
from portal.extensions import db
from portal.integrations import storage
from portal.models.attachment import Attachment
from portal.models.notice import IntakeTicket, Notice
from portal.models.objection import Objection
from portal.models.trail_entry import TrailEntry
from portal.models.vault_entry import VaultEntry
from portal.models.words import IdentityMode
from portal.web import uploads
from tests import builders
from tests.builders import at
from tests.public.conftest import SetClock
from tests.public.objecting import argue, begin, count, fill_in, identify, receipt_of, send, upload
from tests.public.reading import words
from tests.support.files import JPEG, PDF, photograph

PERSON: dict[str, Any] = {"name": "王小明", "phone": "139 0731 0000"}
UNIT: dict[str, Any] = {"kind": "unit", "name": "湖南某某建设有限公司", "code": "91430000183764483Y"}


@pytest.fixture
def notice(client: FlaskClient, time_is: SetClock) -> Notice:
    """A notice somebody may object to."""
    time_is("2026-10-09 10:00")
    return builders.notice(published_at=at("2026-09-30 10:00"))


@pytest.mark.rule("O2", "C7")
@pytest.mark.parametrize("mode", list(IdentityMode), ids=str)
def test_name_and_telephone_live_in_the_vault_alone(client: FlaskClient, notice: Notice, mode: IdentityMode) -> None:
    url = begin(client, notice)
    fill_in(client, url, mode=mode.value, **PERSON)
    receipt_of(client, send(client, url))

    objection = db.session.scalars(select(Objection)).one()
    entries = db.session.scalars(select(VaultEntry)).all()
    assert objection.identity_mode is mode
    if mode is IdentityMode.ANONYMOUS:
        assert not entries
        assert objection.vault_entry_id is None
    else:
        assert identity_vault.look(entries[0]) == PERSON
    bodies = b"".join(db.session.scalars(select(TrailEntry.body)))
    assert "王小明".encode() not in bodies
    assert b"0731 0000" not in bodies
    assert db.session.scalars(select(IntakeTicket.draft)).one() is None


@pytest.mark.rule("O2", "C7")
@pytest.mark.parametrize("mode", ["real_name", "confidential"])
def test_a_unit_gives_its_code_and_a_stamped_page_that_only_the_vault_leads_to(
    app: Flask, client: FlaskClient, notice: Notice, mode: str
) -> None:
    url = begin(client, notice)
    page = photograph("某某建设公司的手机")
    fill_in(client, url, mode=mode, **UNIT, seal=("某某建设公司公章.jpg", page))
    shown = words(client.get(url + "/check").text)
    assert "91430000183764483Y，已上传盖章说明" in shown
    kept = db.session.scalars(select(Attachment)).one()
    assert kept.name == "盖章说明.jpg"  # the file's own name tells who it is
    receipt_of(client, send(client, url))

    known = identity_vault.look(db.session.scalars(select(VaultEntry)).one())
    assert (known["name"], known["code"], known["kind"]) == (UNIT["name"], UNIT["code"], "unit")
    assert count(Attachment) == 0  # it is no evidence
    sealed = storage.get(app.config["PORTAL"].storage_url, known["seal"])
    assert page not in sealed
    assert uploads.original(Attachment(store_key=known["seal"], original_key=known["seal"])) == page


@pytest.mark.rule("O2")
def test_the_stamped_page_is_kept_over_an_error_replaced_by_another_and_taken_out(
    app: Flask, client: FlaskClient, notice: Notice
) -> None:
    url = begin(client, notice)
    answer = identify(client, url, "real_name", **{**UNIT, "code": ""}, seal=("a.pdf", PDF))
    assert answer.status_code == 422
    assert "请填写统一社会信用代码" in answer.text
    assert "盖章说明.pdf" in answer.text
    assert "盖章说明.jpg" in upload(client, url, "seal", "b.jpg", JPEG).text
    assert count(Attachment) == 1
    kept = db.session.scalars(select(Attachment)).one()
    file_id, where = kept.id, kept.original_key
    assert len(list((Path(urlparse(app.config["PORTAL"].storage_url).path) / "sealed").iterdir())) == 1
    assert storage.get(app.config["PORTAL"].storage_url, where)
    assert identify(client, url, "real_name", **UNIT, remove=str(file_id)).location == url + "/identity#seal"
    assert count(Attachment) == 0
    with pytest.raises(FileNotFoundError):
        storage.get(app.config["PORTAL"].storage_url, where)
    answer = identify(client, url, "real_name", **UNIT)
    assert answer.status_code == 422
    assert "请上传加盖公章的说明" in answer.text


@pytest.mark.rule("O2", "C7")
def test_who_becomes_anonymous_leaves_nothing_of_his_name_in_the_draft(client: FlaskClient, notice: Notice) -> None:
    url = begin(client, notice)
    identify(client, url, "real_name", **UNIT, phone="13907310000", seal=("a.pdf", PDF))
    identify(client, url, "anonymous", **UNIT, phone="13907310000")
    assert UNIT["name"] not in client.get(url + "/identity").text
    assert "盖章说明.pdf" not in client.get(url + "/identity").text
    assert count(Attachment) == 0
    argue(client, url, "合同金额与实际不符")
    receipt_of(client, send(client, url))
    assert count(VaultEntry) == 0


@pytest.mark.rule("O2")
@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"mode": "real_name"}, "实名提出请填写姓名或单位名称"),
        ({"mode": "confidential", "name": "  "}, "实名提出请填写姓名或单位名称"),
        ({"mode": "real_name", "name": "王小明"}, "请填写能联系到您的电话号码"),
        ({"mode": "real_name", "name": "王小明", "phone": "没有"}, "请填写能联系到您的电话号码"),
        ({"mode": "real_name", **UNIT, "code": "91430000183764483X"}, "的校验码不符"),
        ({"mode": "real_name", **UNIT, "code": "123"}, "应为18位"),
        ({"mode": "real_name", **UNIT}, "请上传加盖公章的说明"),
        ({"mode": "nobody"}, "不是有效的选择"),
        ({"kind": "machine"}, "不是有效的选择"),
        ({"name": "名" * 61}, "姓名或单位名称不超过60个字"),
        ({"mode": "real_name", **UNIT, "seal": ("a.exe", b"MZ\x90\x00" * 9)}, "“a.exe”的实际格式不在允许范围内"),
    ],
)
def test_what_a_name_lacks_is_said_and_nothing_goes_on(
    client: FlaskClient, notice: Notice, typed: dict[str, Any], said: str
) -> None:
    answer = identify(client, begin(client, notice), **typed)
    assert answer.status_code == 422
    assert said in answer.text
    assert count(VaultEntry) == 0
