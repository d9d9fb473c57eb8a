"""`portal rules`: keeps docs/rules.md true, by looking where the code and the tests name each rule."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from portal.config import ROOT

DOCUMENT = ROOT / "docs" / "rules.md"
BUILT, IN_PART, LATER = "built", "in part", "later"

_ROW = re.compile(r"^\| (?P<id>[A-Z]\d{1,2}) \| (?P<text>.*) \| (?P<source>.*) \| (?P<state>.*?) \|(?P<where>[^|]*)\|$")
_RANGE = re.compile(r"\b([A-Z])(\d{1,2})[–-](?:\1)(\d{1,2})\b")
_ID = re.compile(r"\b[A-Z]\d{1,2}\b")
_MARK = re.compile(r"\bmark\.rule\(([^)]*)\)")
_TEMPLATE_COMMENT = re.compile(r"\{#.*?#\}", re.S)


@dataclass(frozen=True, slots=True)
class Places:
    """Files that name a rule, relative to the project: those that decide by it, and those that prove it."""

    code: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()


@click.command("rules", short_help="更新或核对 docs/rules.md")
@click.option("--check", is_flag=True, help="只核对，不改写；不一致时退出码为1")
def rules_command(check: bool) -> None:
    """按代码和测试中的规则编号更新 docs/rules.md 的“where”一栏。"""
    written = DOCUMENT.read_text(encoding="utf-8")
    found = places(ROOT)
    fresh = rewritten(written, found)
    faults = contradictions(fresh, found)
    if check and fresh != written:
        faults.insert(0, "docs/rules.md is stale: run `portal rules`")
    if not check and fresh != written:
        DOCUMENT.write_text(fresh, encoding="utf-8")
        click.echo("docs/rules.md rewritten")
    for fault in faults:
        click.echo(fault, err=True)
    if faults:
        raise SystemExit(1)


def places(root: Path) -> dict[str, Places]:
    """For each rule id that is named anywhere below `root`: where."""
    code: dict[str, set[str]] = {}
    tests: dict[str, set[str]] = {}
    for path in _files(root, ("portal", "jobs"), ".py"):
        _note(code, _ids(" ".join(_prose(path))), path, root)
    for path in _files(root, ("templates",), ".html"):
        _note(code, _ids(" ".join(_TEMPLATE_COMMENT.findall(path.read_text(encoding="utf-8")))), path, root)
    for path in _files(root, ("tests",), ".py"):
        marked = " ".join(_MARK.findall(path.read_text(encoding="utf-8")))
        _note(tests, set(_ID.findall(marked)), path, root)
    return {
        rule: Places(tuple(sorted(code.get(rule, ()))), tuple(sorted(tests.get(rule, ()))))
        for rule in code.keys() | tests.keys()
    }


def rewritten(document: str, found: Mapping[str, Places]) -> str:
    """The document with its last column as it should be."""
    lines = []
    for line in document.splitlines():
        row = _ROW.match(line)
        if row:
            kept = " | ".join(row[part] for part in ("id", "text", "source", "state"))
            line = f"| {kept} | {_where(row['state'], found.get(row['id'], Places()))} |"
        lines.append(line)
    return "\n".join(lines) + "\n"


def contradictions(document: str, found: Mapping[str, Places]) -> list[str]:
    """Where the document says more or less than the code: a rule called built that nothing decides or proves, a rule
    that is proved but said to come later, a test of a rule that does not exist.
    """
    states = {row["id"]: row["state"] for line in document.splitlines() if (row := _ROW.match(line))}
    faults = [f"{rule} has an unknown state: {state}" for rule, state in states.items()
              if state not in (BUILT, IN_PART, LATER)]  # fmt: skip
    for rule, state in states.items():
        there = found.get(rule, Places())
        if state == BUILT and not (there.code and there.tests):
            faults.append(f"{rule} is called built, but {'no test' if there.code else 'no code'} names it")
        if state == LATER and there.tests:
            faults.append(f"{rule} is said to come later, but {there.tests[0]} proves it")
    faults += [f"{there.tests[0]} marks {rule}, which is no rule" for rule, there in found.items()
               if there.tests and rule not in states]  # fmt: skip
    return sorted(faults)


def _where(state: str, there: Places) -> str:
    if state == LATER:
        return "comes later"
    code = ", ".join(f"`{path}`" for path in there.code) or "—"
    tests = ", ".join(f"`{path}`" for path in there.tests) or "no test yet"
    return f"{code}; proved by {tests}"


def _files(root: Path, folders: tuple[str, ...], suffix: str) -> Iterator[Path]:
    for folder in folders:
        for path in (root / folder).rglob(f"*{suffix}"):
            if path != Path(__file__):  # what is an example here is not a decision
                yield path


def _note(found: dict[str, set[str]], ids: set[str], path: Path, root: Path) -> None:
    for rule in ids:
        found.setdefault(rule, set()).add(path.relative_to(root).as_posix())


def _ids(prose: str) -> set[str]:
    """Rule ids in prose; `N1–N3` means all three."""
    spread = _RANGE.sub(lambda m: " ".join(f"{m[1]}{n}" for n in range(int(m[2]), int(m[3]) + 1)), prose)
    return set(_ID.findall(spread))


def _prose(path: Path) -> Iterator[str]:
    """Comments, docstrings, and text that is a rule's id and nothing else, such as rule="N3"."""
    source = path.read_text(encoding="utf-8")
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.string
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.value.value
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and _ID.fullmatch(node.value):
            yield node.value
