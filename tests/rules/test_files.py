"""What the files themselves must keep to: small, free of any machine, templates without queries."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import jinja2
import pytest
from flask import Flask
from jinja2 import nodes

from portal.domain.trail import Event

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 300
LONGER_FOR_A_REASON = {
    "portal/migrations/versions/0001_tables.py": "every table of the first release, written by the migration tool",
    "portal/models/words.py": "the whole vocabulary of the field, in one place",
    "tests/domain/test_workdays.py": "the golden cases of the working calendar, year by year",
    "tests/domain/test_calendar_orders.py": "every way an uploaded order can be wrong",
}
TEXT = {
    ".py",
    ".md",
    ".html",
    ".txt",
    ".toml",
    ".css",
    ".js",
    ".sh",
    ".json",
    ".yml",
    ".yaml",
    ".ini",
    ".mako",
    ".svg",
    "",
}
# written in pieces, so that this file does not find itself
MACHINE = re.compile(
    "|".join(["/work/", r"\.libr" "ary", r"(?<![A-Za-z])/ro" "ot/", r"\.\./sha" "red", r"/ho" r"me/[a-z]"])
)
REGISTRY = re.compile(
    "|".join([r"pypi\." "org", r"files\.python" "hosted", r"registry\.npm" "js", r"registry\.yarn" "pkg"])
)


def tracked() -> list[Path]:
    """Every file that is, or is about to be, part of the project."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT, capture_output=True, check=True, text=True,
    )  # fmt: skip
    return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]


FILES = tracked()


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def test_no_file_of_code_grows_past_its_size_without_a_reason():
    long = {
        str(path.relative_to(ROOT)): len(lines(path))
        for path in FILES
        if path.suffix in (".py", ".html", ".js") and len(lines(path)) > LONGEST
    }
    assert set(long) - set(LONGER_FOR_A_REASON) == set(), long
    assert set(LONGER_FOR_A_REASON) <= set(long), "no longer longer: take it off the list"


def test_no_file_names_a_path_of_a_machine_or_the_address_of_a_registry():
    found = []
    for path in FILES:
        if path.suffix not in TEXT or path.name == Path(__file__).name:
            continue
        for number, line in enumerate(lines(path), 1):
            if MACHINE.search(line) or REGISTRY.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number} {line.strip()[:100]}")
    assert found == []


def templates() -> list[Path]:
    return [path for path in FILES if path.is_relative_to(ROOT / "templates")]


def test_templates_ask_the_database_nothing(sqlite_app: Flask):
    asked = []
    for path in templates():
        parsed = sqlite_app.jinja_env.parse(path.read_text(encoding="utf-8"))
        for attribute in parsed.find_all(nodes.Getattr):
            if attribute.attr in {"query", "session", "execute", "scalars", "scalar", "select"}:
                owner = attribute.node
                if attribute.attr == "session" or not isinstance(owner, nodes.Name) or owner.name in {"db", "session"}:
                    asked.append(f"{path.relative_to(ROOT)}:{attribute.lineno} .{attribute.attr}")
        for name in parsed.find_all(nodes.Name):
            if name.name in {"db", "select"} and name.ctx == "load":
                asked.append(f"{path.relative_to(ROOT)}:{name.lineno} {name.name}")
    assert asked == []


def test_every_template_can_be_read(sqlite_app: Flask):
    for path in templates():
        try:
            sqlite_app.jinja_env.parse(path.read_text(encoding="utf-8"), str(path))
        except jinja2.TemplateSyntaxError as fault:
            pytest.fail(f"{path.relative_to(ROOT)}:{fault.lineno} {fault.message}")


@pytest.mark.rule("T7")
@pytest.mark.parametrize("event", list(Event))
def test_each_event_has_its_sentence(event: Event):
    sentence = ROOT / "templates" / "trail" / f"{event.value}.html"
    assert sentence.is_file(), f"write templates/trail/{event.value}.html"
    assert re.search(r"[\u4e00-\u9fff]", sentence.read_text(encoding="utf-8"))


@pytest.mark.rule("T7")
def test_no_sentence_is_left_of_an_event_that_is_gone():
    known = {event.value for event in Event}
    left = {path.stem for path in (ROOT / "templates" / "trail").glob("[!_]*.html")} - known
    assert left == set()


def test_every_test_is_a_sentence_and_says_which_rules_it_proves_in_the_one_way():
    marker = re.compile(r"mark\.rule\(([^)]*)\)")
    wrong = []
    for path in FILES:
        if path.is_relative_to(ROOT / "tests") and path.name.startswith("test_"):
            text = path.read_text(encoding="utf-8")
            wrong += [f"{path.name}: {name}" for name in re.findall(r"def (test_\w*)", text) if name.count("_") < 2]
            wrong += [
                f"{path.name}: {arguments}"
                for arguments in marker.findall(text)
                if not re.fullmatch(r'\s*"[A-Z]\d{1,2}"(,\s*"[A-Z]\d{1,2}")*,?\s*', arguments)
            ]
    assert wrong == []
