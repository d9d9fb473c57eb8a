"""docs/rules.md says of every rule where it is decided and proved, and says so truly."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from portal.cli import rules
from portal.cli.rules import Places, contradictions, places, rewritten, rules_command


def test_the_rulebook_is_true_to_the_code():
    outcome = CliRunner().invoke(rules_command, ["--check"])
    assert outcome.exit_code == 0, outcome.output


def test_a_stale_or_boastful_rulebook_is_found_out():
    row = "| N3 | the window | notice | built | old |\n| N7 | watched | ours | later | comes later |\n"
    found = {"N3": Places(("portal/a.py",), ("tests/b.py",)), "Z9": Places((), ("tests/c.py",))}
    fresh = rewritten(row, found)
    assert fresh.splitlines()[0].endswith("| `portal/a.py`; proved by `tests/b.py` |")
    assert contradictions(fresh, found) == ["tests/c.py marks Z9, which is no rule"]
    assert contradictions(fresh, {"N7": Places((), ("tests/d.py",))}) == [
        "N3 is called built, but no code names it",
        "N7 is said to come later, but tests/d.py proves it",
    ]


def test_rules_are_found_in_comments_docstrings_arguments_and_template_comments(tmp_path: Path):
    for folder in ("portal", "jobs", "templates", "tests"):
        (tmp_path / folder).mkdir()
    (tmp_path / "portal" / "a.py").write_text(
        '"""Windows (rules N1–N3, N5)."""\nx = 1  # O1: so it is\nraise_("S4", "about T9 in a sentence")\n'
    )
    (tmp_path / "templates" / "b.html").write_text("{# the history\n (rule T7) #}<p>V1</p>")
    mark = "@pytest.mark." + 'rule("N3", "O1")\n'  # in two pieces, or this file would be taken for a proof
    (tmp_path / "tests" / "test_c.py").write_text(mark)
    found = places(tmp_path)
    assert {rule for rule, there in found.items() if there.code} == {"N1", "N2", "N3", "N5", "O1", "S4", "T7"}
    assert found["N3"] == Places(("portal/a.py",), ("tests/test_c.py",))


def test_every_chapter_and_rule_is_there_once():
    ids = [
        row["id"] for line in rules.DOCUMENT.read_text(encoding="utf-8").splitlines() if (row := rules._ROW.match(line))
    ]
    counts = {"S": 10, "V": 7, "N": 10, "O": 9, "L": 6, "P": 2, "C": 7, "E": 3, "I": 4, "A": 6, "T": 7}
    assert ids == [f"{chapter}{number}" for chapter, count in counts.items() for number in range(1, count + 1)]
