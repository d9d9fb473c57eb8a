"""What a filing needs before it is one: who files, and what its draft keeps (rules O2, O3)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from portal.domain import filings
from portal.domain.attachments import StoredFile
from portal.domain.filings import Ground, Identity
from portal.models.words import IdentityMode
from tests.builders import MORNING, done, notice
from tests.domain.office import refused

PHOTO = StoredFile("现场照片.jpg", "image/jpeg", 2048, "b" * 64, "bb/" + "b" * 64)


@pytest.mark.rule("O2")
@pytest.mark.parametrize(
    ("person", "field"),
    [
        ({"phone": "13800000001"}, "name"),
        ({"name": "测试甲"}, "phone"),
        ({"name": "测试甲", "phone": "12345六"}, "phone"),
        ({"name": "测试甲", "phone": "1" * 21}, "phone"),
        ({"name": "某公司", "kind": "unit"}, "code"),
        ({"name": "某公司", "kind": "unit", "code": "91430000183764483X"}, "code"),
        ({"name": "某公司", "kind": "unit", "code": "91430000183764483Y"}, "seal"),
    ],
)
def test_a_real_name_needs_what_the_rule_says(sqlite_app: Flask, person: dict[str, str], field: str):
    for mode in (IdentityMode.REAL_NAME, IdentityMode.CONFIDENTIAL):
        first = next(filings.wrong_with_identity(Identity(mode, person)))
        assert (first.rule, first.field) == ("O2", field)
    assert not list(filings.wrong_with_identity(Identity(IdentityMode.ANONYMOUS, person)))


@pytest.mark.rule("O2")
def test_a_unit_with_name_code_and_seal_needs_no_telephone(sqlite_app: Flask):
    unit = {"name": "某公司", "kind": "unit", "code": "91430000183764483Y", "seal": "sealed/1"}
    assert not list(filings.wrong_with_identity(Identity(IdentityMode.REAL_NAME, unit)))


@pytest.mark.rule("O2", "O3")
def test_everything_that_is_wrong_is_said_at_once(sqlite_app: Flask):
    nothing = Identity(IdentityMode.REAL_NAME, {"kind": "unit"})
    assert [problem.field for problem in filings.wrong_with_identity(nothing)] == ["name", "code", "seal"]
    said = [Ground("短"), Ground(""), Ground("也短"), Ground("这一条够长了")]
    assert [problem.field for problem in filings.wrong_with_grounds(said)] == ["ground-0", "ground-2"]


@pytest.mark.rule("O3")
def test_the_files_of_a_draft_follow_their_grounds_and_are_kept_once(app: Flask):
    published = notice()
    token = done(lambda: filings.begin(published.id, now=MORNING))
    ticket = filings.find_ticket(token)

    def keep(ground: int, *names: str) -> None:
        files = [replace(PHOTO, name=name) for name in names]
        done(lambda: filings.keep_files(ticket, ground, files, now=MORNING))

    def kept() -> dict[int, list[str]]:
        return {at: [file_.name for file_ in files] for at, files in filings.kept_files(ticket).items()}

    for ground, names in ((0, "ab"), (0, "a"), (1, "a"), (2, "cc"), (filings.SEAL, "s"), (filings.SEAL, "t")):
        keep(ground, *names)
    assert kept() == {0: ["a", "b"], 1: ["a"], 2: ["c"], filings.SEAL: ["t"]}
    before = filings.state(ticket)
    done(lambda: filings.drop_ground(ticket, 1))
    assert kept() == {0: ["a", "b"], 1: ["c"], filings.SEAL: ["t"]}
    assert filings.state(ticket) != before
    done(lambda: filings.drop_ground(ticket, filings.SEAL))
    assert kept() == {0: ["a", "b"], 1: ["c"]}
    keep(2, *"defghij")
    refused(lambda: keep(3, "k"), rule="O3")
