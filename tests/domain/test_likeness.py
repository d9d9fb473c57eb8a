"""Near duplicates are found by a fingerprint: whatever is changed in a copy, and nothing that says something else."""

from __future__ import annotations

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.likeness import LENGTH, companions, fingerprint, grouped, share
from tests.builders import notice, objection

COPY = "本人张三，该项目的合同金额与中标通知书不一致，相差五十二万元，请核对原件后再办理。"
CHANGED = "本人李四，该项目的合同金额与中标通知书不一致，相差五十万元，请核对原件后再办理"
OTHER = "项目经理在施工期间同时担任另一个项目的项目经理，不符合规定，请核查社保记录。"
ALONE = "承包单位没有参与施工，现场另有其人"


@pytest.mark.rule("O5")
def test_copies_with_a_name_or_a_number_changed_are_alike_and_other_matters_are_not():
    prints = [fingerprint(text) for text in (COPY, OTHER, CHANGED, ALONE)]
    assert grouped(prints) == [[0, 2], [1], [3]]
    assert companions(prints) == [1, 0, 1, 0]


def test_what_nobody_reads_makes_no_difference():
    assert fingerprint("合同金额 913.8285 万元，ＡＢＣ！") == fingerprint("合同金额913.8285万元abc")


def test_a_thousand_copies_are_one_group_and_a_stranger_stays_outside():
    prints = [fingerprint(f"{COPY}（第{number}份）") for number in range(1000)]
    groups = grouped([*prints, fingerprint(OTHER)])
    assert sorted(map(len, groups)) == [1, 1000]


def test_texts_without_a_fingerprint_are_like_nobody():
    assert grouped(["", "", fingerprint("？！")]) == [[0], [1], [2]]
    assert share("", "") == 0.0


@given(st.text(max_size=300))
def test_any_text_has_a_fingerprint_of_one_length_that_is_like_itself(text: str):
    print_ = fingerprint(text)
    assert len(print_) == LENGTH
    assert share(print_, print_) in (0.0, 1.0)


@pytest.mark.rule("O3")
def test_the_fingerprint_is_kept_with_each_ground_when_it_is_filed(app: Flask):
    filed = objection(notice(), COPY, OTHER)
    assert [ground.fingerprint for ground in filed.grounds] == [fingerprint(COPY), fingerprint(OTHER)]
