"""Numbers of companies, projects, entries and permits (rule S10), and personal data in free text (rule N1)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric, uscc

from portal.domain import identifiers
from portal.domain.cleaning import Cleaned
from portal.domain.personal_data import find_personal_data, is_identity_number, mask_personal_data, masked

REAL = [
    "91530702219210897C",
    "91530700713494135Y",
    "915300002165234762",
    "91130108601248693C",
    "91530800218350951Y",
    "91140100772520823F",
    "9114010072592573X2",
    "91430000183764483Y",
    "91110000600037341L",
]
LETTER_INITIAL = "N2430102MF1234567H"  # constructed; both check characters are right
SAMPLE_IDENTITY = "11010519491231002X"  # the sample the standard GB 11643 itself prints


def reasons(cleaned: Cleaned[str]) -> str:
    return " ".join(problem.message for problem in cleaned.problems)


@pytest.mark.rule("S10")
@pytest.mark.parametrize("code", [*REAL, LETTER_INITIAL])
def test_real_credit_codes_pass_also_one_that_begins_with_a_letter(code: str) -> None:
    assert identifiers.check_uscc(code) == Cleaned(code)
    assert identifiers.check_uscc(f" {code[:2]} {code[2:8]}-{code[8:].lower()} ").value == code


@pytest.mark.rule("S10")
@pytest.mark.parametrize("code", [*REAL, LETTER_INITIAL])
def test_one_wrong_or_swapped_character_is_found(code: str) -> None:
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    for other in set(alphabet) - {code[17]}:
        assert not identifiers.check_uscc(code[:17] + other).ok
    for at in range(17):
        swapped = code[:at] + code[at + 1] + code[at] + code[at + 2 :]
        assert swapped == code or not identifiers.check_uscc(swapped).ok


@pytest.mark.rule("S10")
@pytest.mark.parametrize(
    "bad", [REAL[0][:17], REAL[0] + "1", "I" + REAL[0][1:], "9O" + REAL[0][2:], "9153070A219210897C"]
)
def test_wrong_lengths_and_letters_that_never_occur_are_refused(bad: str) -> None:
    assert not identifiers.check_uscc(bad).ok


@pytest.mark.rule("S10")
def test_a_right_check_character_over_a_wrong_organisation_code_is_refused() -> None:
    body = "91430102" + "MF123456" + "0"  # the organisation code's own check character should be 7
    weights = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    check = alphabet[-sum(w * alphabet.index(c) for w, c in zip(weights, body, strict=True)) % 31]
    assert "组织机构代码校验码不符" in reasons(identifiers.check_uscc(body + check))


@pytest.mark.rule("S10")
@given(st.from_regex(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}", fullmatch=True))
def test_whatever_passes_here_passes_the_known_library_unless_it_begins_with_a_letter(code: str) -> None:
    if identifiers.check_uscc(code).ok and code[:2].isdigit():
        assert uscc.is_valid(code)


@pytest.mark.rule("S10")
@pytest.mark.parametrize("code", ["13221006-9", "58181204-9", "00710520-0", "19467047-4", "MA1JX99U-3"])
def test_old_organisation_codes_are_taken_with_a_warning(code: str) -> None:
    cleaned = identifiers.check_company_code(code.replace("-", ""))
    assert cleaned.value == code
    assert "旧的9位" in reasons(cleaned)
    wrong = code[:-1] + ("1" if code[-1] != "1" else "2")
    assert not identifiers.check_company_code(wrong).ok


@pytest.mark.rule("S10")
def test_a_registration_number_is_told_from_a_credit_code_cut_short() -> None:
    assert "旧的15位" in reasons(identifiers.check_company_code("141002000008664"))
    assert "截断" in reasons(identifiers.check_company_code("914200001775660"))


@pytest.mark.rule("S10")
@pytest.mark.parametrize(
    ("number", "doubt"),
    [
        ("4403071705099904", ""), ("4412021809060003", ""), ("1410021605130102.0", "小数"), ("4331011702150012", ""),
        ("4419002010100005", "市级"), ("1301012106180001", "市辖区"), ("4413521804270201", "功能区"),
         ("4690031807250001", "省直辖"),
        ("2019-510703-39-03-340353", "项目代码"), ("2016-330100-48-01-028683-000", "项目代码"),
    ],
)  # fmt: skip
def test_project_numbers_are_judged_by_area_and_date_alone(number: str, doubt: str) -> None:
    cleaned = identifiers.check_project_number(number)
    assert cleaned.value == number.removesuffix(".0")
    assert doubt in reasons(cleaned)
    assert bool(doubt) == bool(cleaned.problems)


@pytest.mark.rule("S10")
@pytest.mark.parametrize(
    "number", ["9900001705099904", "4301041713399904", "430104170509990", "43010417050999041", "项目一号", 4.3e15]
)
def test_impossible_project_numbers_are_refused(number: object) -> None:
    assert not identifiers.check_project_number(number).ok


@pytest.mark.rule("S3", "S10")
def test_the_area_in_a_number_is_the_default_for_routing() -> None:
    assert identifiers.area_of("4301041705099904") == "430104"
    assert identifiers.area_of("2016-430104-48-01-028683-000") == "430104"
    assert identifiers.area_of("HZ001") is None
    parsed = identifiers.parse_project_number("1301012106180001")
    assert parsed is not None
    assert parsed.issued == date(2021, 6, 18)
    assert "不是湖南省现行" in reasons(identifiers.check_project_number("4311211705099904", areas={"431181"}))


@pytest.mark.rule("S10")
def test_an_entry_hung_onto_another_project_is_warned_about_and_free_numbers_are_let_be() -> None:
    elsewhere = identifiers.check_node_number("4419002009290102-JX-009", "4419002010100005")
    assert elsewhere.ok
    assert "属于项目4419002009290102" in reasons(elsewhere)
    assert not identifiers.check_node_number("4419002010100005-SX-001", "4419002010100005").problems
    assert not identifiers.check_node_number("云海（2017）中字第023号", "4419002010100005").problems


@pytest.mark.rule("S10")
def test_permits_are_judged_by_length_area_and_date() -> None:
    number = "430200201701240302"
    assert identifiers.check_permit_number(number, date(2017, 1, 24)) == Cleaned(number)
    assert "不一致" in reasons(identifiers.check_permit_number(number, date(2017, 1, 25)))
    assert not identifiers.check_permit_number("430200201713240302").ok
    assert not identifiers.check_permit_number("990200201701240302").ok
    assert not identifiers.check_permit_number(430200201701240302.0).ok
    for old in ("5328012018112002010110", "[2010]施[朝]建字0009号"):
        assert identifiers.check_permit_number(old).value == old
        assert "不是18位" in reasons(identifiers.check_permit_number(old))


@pytest.mark.rule("S10")
@given(st.one_of(st.none(), st.text(), st.integers(), st.floats(), st.text("0123456789-ABCX. ", max_size=30)))
def test_no_checker_ever_raises_and_checking_twice_changes_nothing(raw: object) -> None:
    for check in (
        identifiers.check_company_code, identifiers.check_project_number, identifiers.check_node_number,
        identifiers.check_permit_number, identifiers.check_uscc,
    ):  # fmt: skip
        once = check(raw)
        if once.value is not None:
            assert check(once.value).value == once.value


@pytest.mark.rule("N1")
def test_personal_data_in_free_text_is_found_and_masked() -> None:
    text = f"联系人13800138000或 138-0013-8001，身份证{SAMPLE_IDENTITY}，电话0731-88950065，邮箱abc.def@example.com"
    assert [found.kind for found in find_personal_data(text)] == ["mobile", "mobile", "identity", "landline", "email"]
    hidden = mask_personal_data(text)
    assert "138******00" in hidden
    assert "110*************2X" in hidden
    for secret in ("13800138000", "138-0013-8001", SAMPLE_IDENTITY, "88950065", "abc.def"):
        assert secret not in hidden
    assert not find_personal_data(hidden)
    assert [found.kind for found in find_personal_data("１３８００１３８０００")] == ["mobile"]
    assert find_personal_data("办公电话0731-88950065", allowed=frozenset({"073188950065"})) == []


@pytest.mark.rule("N1")
@pytest.mark.parametrize(
    "text",
    [
        *REAL,
        "4403071705099904",
        "430200201701240302",
        "2019-510703-39-03-340353",
        "道路长1389.5米，投资13800万元",
        "GF-2013-0201",
    ],
)
def test_codes_and_quantities_are_not_taken_for_personal_data(text: str) -> None:
    assert find_personal_data(f"编号{text}，") == []


@pytest.mark.rule("N1")
def test_identity_numbers_are_told_by_their_check_character_as_the_known_library_does() -> None:
    assert is_identity_number(SAMPLE_IDENTITY)
    assert ric.is_valid(SAMPLE_IDENTITY)
    assert not is_identity_number(SAMPLE_IDENTITY[:-1] + "1")
    assert not is_identity_number("110105194913310020")
    assert masked(SAMPLE_IDENTITY) == "110*************2X"
    assert masked("1234567") == "*******"


@given(st.text())
def test_masking_never_raises_and_keeps_the_length(text: str) -> None:
    assert len(mask_personal_data(text)) <= len(text)
