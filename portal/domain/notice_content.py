"""What a notice says (rule N1), in the one form that is shown, hashed and decided upon (rules N2, N9)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from portal.clock import BEIJING
from portal.domain import personal_data, public_copies
from portal.domain.canonical import canonical_bytes, digest
from portal.domain.errors import RuleViolation
from portal.domain.workdays import Window
from portal.models.application import Application, ApplicationChange
from portal.models.public_copy import PublicCopy
from portal.models.verification import Verification
from portal.models.words import Finding, Kind

FORMAT = 2
"""1: without public copies of the evidence. Notices keep the form they were published in, and stay readable."""
BASIS = (
    "湖南省住房和城乡建设厅《关于进一步做好湖南建筑市场监管平台工程数据信息管理的通知》（2025年2月14日）",
    "建办市函〔2023〕391号",
    "建办市函〔2025〕14号",
)


def build(
    application: Application, reference: str, window: Window, *, copies: Sequence[PublicCopy] = (), now: datetime
) -> dict[str, Any]:
    """The content of a notice: plain data, canonical, complete. Names of persons are not part of it (rule N1).

    copies: the evidence the public may read; its hashes are part of the content, so its hash binds them too (N2).
    """
    project, bureau = application.project, application.bureau
    return {
        "v": FORMAT,
        "reference": reference,
        "application": application.number,
        "title": title(application),
        "kind": application.kind.value,
        "subject": application.subject.value,
        "target_level": application.target_level.value if application.target_level else None,
        "basis": list(BASIS),
        "project": {
            "number": project.number,
            "name": project.name,
            "area_code": project.area_code,
            "sector": project.sector.value,
            "undertaking": project.undertaking.value,
            "owner": project.owner_name,
            "owner_code": project.owner_code,
        },
        "applicant": {"name": application.applicant_name, "code": application.applicant_code},
        "verifications": [_verification(v) for v in application.verifications if v.finding is Finding.TRUE],
        "public_evidence": public_copies.said(copies),
        "changes": [_change(change) for change in application.changes],
        "bureau": {
            "code": bureau.code,
            "name": bureau.name,
            "address": bureau.address,
            "telephone": bureau.telephone,
        },
        "published_at": now.astimezone(BEIJING).isoformat(timespec="seconds"),
        "window": {
            "first_day": window.first_day.isoformat(),
            "last_day": window.last_day.isoformat(),
            "ends_at": window.ends_at.isoformat(),
            "provisional": window.provisional,
        },
    }


def title(application: Application) -> str:
    """关于某项目合同信息修正的公示."""
    sections = "、".join(dict.fromkeys(change.section.label for change in application.changes))
    if application.kind is Kind.LEVEL_UPGRADE:
        what = f"{sections}数据等级提升"
    else:
        what = f"{sections.removesuffix('信息')}信息{application.kind.label}"
    return f"关于{application.project.name}{what}的公示"


def check_no_personal_data(content: dict[str, Any]) -> None:
    """Refuse to publish a telephone or identity number of a person (rule N1). The bureau's own telephone is public."""
    for text in _texts({key: value for key, value in content.items() if key != "bureau"}):
        found = personal_data.find_personal_data(text)
        if found:
            what = personal_data.kinds(found)
            raise RuleViolation(f"公示内容中含有个人信息（{what}），请先删去再发布", rule="N1", field="content")


def public_evidence(content: dict[str, Any]) -> list[dict[str, Any]]:
    """The public copies that a notice names, of whichever form its content is."""
    found: list[dict[str, Any]] = content.get("public_evidence", [])
    return found


def searchable(content: dict[str, Any]) -> list[str]:
    """Names and numbers by which people look for a notice."""
    found = [
        content["title"],
        content["reference"],
        content["application"],
        content["project"]["number"],
        content["project"]["owner"],
        content["applicant"]["name"],
    ]
    for change in content["changes"]:
        found.append(change["entry"])
        found.extend(
            value
            for key, value in change["after"].items()
            if isinstance(value, str) and key.endswith(("_name", "number"))
        )
    return list(dict.fromkeys(text for text in found if text))


def _verification(verification: Verification) -> dict[str, Any]:
    return {
        "method": verification.method.value,
        "matter": verification.matter.value,
        "day": verification.day.isoformat(),
        "department": verification.verifier.department,
        "evidence": [file.sha256 for file in verification.evidence],
    }


def _change(change: ApplicationChange) -> dict[str, Any]:
    return {
        "section": change.section.value,
        "entry": change.entry_number,
        "origin": change.origin.value,
        "level": change.entry.level.value if change.entry else None,
        "before": change.before,
        "before_hash": digest(canonical_bytes(change.before)) if change.before is not None else None,
        "after": change.after,
        "after_hash": digest(canonical_bytes(change.after)),
    }


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
