"""Style sheets and scripts: small, and loaded once."""

from __future__ import annotations

import gzip
import re

import pytest
from flask.testing import FlaskClient

from portal.config import ROOT

TARGET = r'(?:href|src)="(/static/[^"]+)"'


def addresses(client: FlaskClient) -> list[str]:
    return re.findall(TARGET, client.get("/").text)


def test_what_a_page_names_is_compressed_and_may_be_kept_for_ever(sqlite_client: FlaskClient) -> None:
    found = addresses(sqlite_client)
    assert {address.partition("?")[0].rpartition(".")[2] for address in found} == {"css", "js", "svg"}
    for address in found:
        answer = sqlite_client.get(address, headers={"Accept-Encoding": "gzip"})
        plain = sqlite_client.get(address, headers={"Accept-Encoding": "identity"})
        assert (answer.status_code, plain.status_code) == (200, 200)
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert plain.data == (ROOT / address[1:].partition("?")[0]).read_bytes()
        if "Content-Encoding" in answer.headers:  # the smallest are sent as they are
            assert gzip.decompress(answer.data) == plain.data
            assert len(answer.data) < len(plain.data)
        again = sqlite_client.get(address, headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304


@pytest.mark.parametrize("query", ["", "?v=0000000000", "?v=", "?x=1"])
def test_an_address_without_the_present_hash_is_kept_for_minutes_only(sqlite_client: FlaskClient, query: str) -> None:
    answer = sqlite_client.get(f"/static/css/site.css{query}")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert answer.headers["Content-Type"] == "text/css; charset=utf-8"


@pytest.mark.parametrize("path", ["css/none.css", "../portal/config.py", "css/../../pyproject.toml", "css", ""])
def test_nothing_else_is_served(sqlite_client: FlaskClient, path: str) -> None:
    assert sqlite_client.get(f"/static/{path}").status_code == 404


def test_a_file_is_only_read(sqlite_client: FlaskClient) -> None:
    assert sqlite_client.post("/static/css/site.css").status_code == 405
    head = sqlite_client.head("/static/css/site.css")
    assert head.data == b""
    assert int(head.headers["Content-Length"]) > 1000
