"""Every address of the portal: who may ask for it, how it is written, and that asking changes nothing."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable
from typing import Any

import pytest

from portal.config import Settings
from portal.domain.permissions import Permission
from tests.conftest import application

PART = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)?")
TYPED = re.compile(r"<(int|string|path|date):[a-z_]+>(\.[a-z0-9]+)?")
WITHOUT_ACCOUNT = {"backoffice.sessions.new", "backoffice.sessions.create"}


@pytest.fixture(scope="module")
def routes(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Any, Callable[..., Any]]]:
    """Every rule of the application with its view; no database is asked."""
    folder = tmp_path_factory.mktemp("routes")
    with application(Settings.for_tests(f"sqlite:///{folder / 'none.sqlite'}", folder)) as app:
        return [(rule, app.view_functions[rule.endpoint]) for rule in app.url_map.iter_rules()]


@pytest.fixture(scope="module")
def office(routes):
    """The rules of the back office."""
    return [(rule, view) for rule, view in routes if rule.rule.startswith("/office")]


@pytest.mark.rule("A3")
def test_every_page_of_the_back_office_names_the_duty_it_needs(office):
    unmarked = [
        f"{rule.endpoint} ({inspect.getsourcefile(view)})" for rule, view in office if not hasattr(view, "permission")
    ]
    assert not unmarked, f"no permission mark: {unmarked}"
    assert len(office) > 30


def test_a_page_is_open_only_if_it_is_for_signing_in(office):
    open_to_all = {rule.endpoint for rule, view in office if view.permission is None}
    assert open_to_all == WITHOUT_ACCOUNT


def test_every_permission_guards_something(office):
    used = {view.permission for _, view in office}
    assert not set(Permission) - used, "a permission that no page needs"


def test_addresses_are_nouns_in_kebab_case_with_typed_parts(office):
    faults = []
    for rule, _ in office:
        for part in filter(None, rule.rule.split("/")):
            if not (TYPED if "<" in part else PART).fullmatch(part):
                faults.append(rule.rule)
    assert not faults


def test_what_changes_something_is_posted(office):
    for rule, view in office:
        writes = {"begin_write", "attempt", "take_step"} & _called(view)
        if writes:
            assert "POST" in rule.methods, f"{rule.rule} writes"
            assert "GET" not in rule.methods, f"{rule.rule} can be fetched, and writes: {writes}"


def test_no_page_that_is_fetched_commits(routes):
    for rule, view in routes:
        if "GET" in rule.methods and rule.endpoint != "static":
            assert "commit" not in _called(view), f"{rule.rule} commits on a GET"


def test_nothing_of_the_back_office_lies_outside_its_gate(routes):
    outside = [rule.rule for rule, _ in routes if "backoffice" in rule.endpoint and not rule.rule.startswith("/office")]
    assert not outside


def _called(view: Callable[..., Any]) -> set[str]:
    """Names of everything the view itself calls."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(view))))
    calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return {func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "") for func in calls}
