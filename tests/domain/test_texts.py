"""What somebody says in his own words: not less and not more than it takes, and the refusal says how much that is."""

from __future__ import annotations

import pytest

from portal.domain import texts
from portal.domain.errors import RuleViolation
from portal.domain.texts import Length

SHORT = Length(5, 8, "，请另附")


@pytest.mark.parametrize("said", ["一二三四五", "  一二三四五六七八\n"])
def test_a_text_that_is_long_enough_comes_back_without_the_blanks_around_it(said: str) -> None:
    assert texts.require(said, SHORT, "请写明理由", rule="N2") == said.strip()


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("", "请写明理由（不少于5个字），理由将公开"),
        (" 一二三四 ", "请写明理由（不少于5个字），理由将公开"),
        ("一二三四五六七八九", "不超过8字，请另附"),
    ],
)
def test_one_that_is_not_is_refused_with_rule_and_field(said: str, sentence: str) -> None:
    with pytest.raises(RuleViolation) as refusal:
        texts.require(said, SHORT, "请写明理由", "，理由将公开", rule="N2", field="why")
    assert (refusal.value.message, refusal.value.rule, refusal.value.field) == (sentence, "N2", "why")


def test_what_may_be_left_out_may_not_be_too_long_either() -> None:
    assert texts.require(" ", SHORT.optional, "请写明理由", rule="N2") == ""
    assert texts.wrong_with("一二三四五六七八九", SHORT.optional, "") == SHORT.too_long
