"""Who may import whom, and what only one place may do. Read from the source, so that nothing is missed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CODE = [*sorted((ROOT / "portal").rglob("*.py")), *sorted((ROOT / "jobs").rglob("*.py"))]

# room: the rooms it may import besides itself
MAY_IMPORT = {
    "portal.clock": set(),
    "portal.config": set(),
    "portal.extensions": set(),
    "portal.ledger": set(),
    "portal.models": {"portal.extensions", "portal.clock"},
    "portal.domain": {"portal.ledger", "portal.models", "portal.extensions", "portal.clock"},
    "portal.integrations": {"portal.models", "portal.extensions", "portal.config"},
    "portal.web": {
        "portal.domain", "portal.models", "portal.extensions", "portal.clock", "portal.config", "portal.integrations",
    },
    "portal.public": {
        "portal.web", "portal.domain", "portal.models", "portal.extensions", "portal.clock", "portal.config",
        "portal.integrations",
    },
    "portal.backoffice": {
        "portal.web", "portal.domain", "portal.models", "portal.extensions", "portal.clock", "portal.config",
        "portal.integrations",
    },
    "portal.demo": {  # plays the days that have passed, the clock's jobs included
        "jobs", "portal.domain", "portal.models", "portal.extensions", "portal.clock", "portal.config",
        "portal.integrations",
    },
    "portal.migrations": {"portal.models", "portal.extensions"},
    "portal.cli": {
        "portal", "portal.demo", "portal.domain", "portal.models", "portal.extensions", "portal.clock", "portal.config",
        "portal.integrations", "jobs",
    },
    "jobs": {
        "portal", "portal.domain", "portal.models", "portal.extensions", "portal.clock", "portal.config",
        "portal.integrations",
    },
    "portal": {"portal.web", "portal.domain", "portal.extensions", "portal.clock", "portal.config"},
}  # fmt: skip

ALSO = {
    # the contents page: it hangs the two doors in
    "portal/__init__.py": {"portal.public", "portal.backoffice"},
    # moving the demo's clock lets its jobs catch up at once; absent outside the demo
    "portal/public/demo.py": {"jobs"},
}
WEB_LIBRARIES = {"flask", "flask_login", "flask_migrate", "flask_wtf", "htmx_flask", "jinja2", "werkzeug", "wtforms"}


def name_of(path: Path) -> str:
    """Dotted name of a module."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def room_of(module: str) -> str:
    """The room a module lies in: `portal.domain`, `jobs`, or `portal` for the contents page itself."""
    parts = module.split(".")
    return ".".join(parts[:2]) if parts[0] == "portal" and len(parts) > 1 else parts[0]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imported(path: Path) -> Iterator[tuple[str, int]]:
    """Every module that `path` imports, wherever in the file, with the line."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports relatively"
            module = node.module or ""
            if module in ("portal", "jobs"):  # `from portal import clock` names a room
                for alias in node.names:
                    known = (ROOT / module / alias.name).is_dir() or (ROOT / module / f"{alias.name}.py").is_file()
                    yield (f"{module}.{alias.name}" if known else module), node.lineno
            else:
                yield module, node.lineno


def where(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT)}:{line}"


def test_every_room_is_in_the_plan():
    assert {room_of(name_of(path)) for path in CODE} <= set(MAY_IMPORT)


def test_each_room_imports_only_the_rooms_below_it():
    wrong = []
    for path in CODE:
        room = room_of(name_of(path))
        allowed = MAY_IMPORT[room] | {room} | ALSO.get(str(path.relative_to(ROOT)), set())
        for module, line in imported(path):
            if module.split(".")[0] in ("portal", "jobs") and room_of(module) not in allowed:
                wrong.append(f"{where(path, line)} {room} imports {module}")
    assert wrong == []


def test_nouns_and_verbs_know_nothing_of_web_pages():
    wrong = [
        f"{where(path, line)} imports {module}"
        for path in CODE
        if room_of(name_of(path)) in ("portal.models", "portal.domain", "portal.clock")
        for module, line in imported(path)
        if module.split(".")[0] in WEB_LIBRARIES
    ]
    assert wrong == []


@pytest.mark.rule("N4")
def test_only_the_working_calendar_asks_the_holiday_package():
    asking = {
        str(path.relative_to(ROOT))
        for path in CODE
        for module, _ in imported(path)
        if module.split(".")[0] == "chinese_calendar"
    }
    assert asking == {"portal/domain/workdays.py"}


def assigned(node: ast.AST) -> list[ast.expr]:
    """What an assignment gives a value to, tuples taken apart."""
    if isinstance(node, ast.Assign):
        return [
            each for target in node.targets for each in (target.elts if isinstance(target, ast.Tuple) else [target])
        ]
    return [node.target] if isinstance(node, ast.AugAssign | ast.AnnAssign) else []


@pytest.mark.rule("T1")
def test_only_the_workflow_writes_the_status_of_an_application():
    """`.status = ` on anything that may be an application; notices and filings have a status of their own."""
    others = {"form", "notice", "order", "objection", "complaint", "batch", "row", "response", "self", "problem"}
    wrong = []
    for path in CODE:
        if path.name == "workflow.py":
            continue
        for node in ast.walk(tree(path)):
            owners = [
                ast.unparse(t.value) for t in assigned(node) if isinstance(t, ast.Attribute) and t.attr == "status"
            ]
            wrong += [f"{path.name}: {owner}.status =" for owner in owners if owner not in others]
            if isinstance(node, ast.Call):
                named = {keyword.arg for keyword in node.keywords}
                made_with_it = ast.unparse(node.func) == "Application" and "status" in named
                in_disguise = ast.unparse(node.func) == "setattr" and "'status'" in ast.unparse(node)
                if made_with_it or in_disguise:
                    wrong.append(f"{where(path, node.lineno)} {ast.unparse(node)[:60]}")
    assert wrong == []


@pytest.mark.rule("N4")
def test_nobody_but_the_clock_asks_for_the_time():
    # APScheduler counts in the machine's time, also where the demo's clock runs ahead
    allowed = {"portal/clock.py": {"datetime.now"}, "jobs/scheduler.py": {"datetime.now"}}
    asks = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.localtime"}
    wrong = []
    for path in CODE:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                called = ".".join(ast.unparse(node.func).split(".")[-2:])
                if called in asks - allowed.get(str(path.relative_to(ROOT)), set()):
                    wrong.append(f"{where(path, node.lineno)} {called}")
    assert wrong == []


def test_verbs_never_commit_and_never_print():
    wrong = []
    for path in CODE:
        if room_of(name_of(path)) not in ("portal.domain", "portal.models"):
            continue
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                if called.endswith("session.commit") or called == "print":
                    wrong.append(f"{where(path, node.lineno)} {called}")
    assert wrong == []


def _name(node: ast.expr) -> str:
    return ast.unparse(node).split(".")[-1]


@pytest.mark.rule("T1", "T2")
def test_only_the_trail_makes_trail_entries():
    makers = {
        str(path.relative_to(ROOT))
        for path in CODE
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and "TrailEntry" in (_name(node.func), *map(_name, node.args[:1]))
        if _name(node.func) in ("TrailEntry", "insert", "update", "delete", "table", "add")
    }
    assert makers == {"portal/domain/trail.py"}
