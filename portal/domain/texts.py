"""What somebody has to put in his own words, such as a reason: how short and how long each may be, and the refusal."""

from __future__ import annotations

from dataclasses import dataclass, replace

from portal.domain.errors import RuleViolation

ATTACH = "，较长的内容请作为附件上传"


@dataclass(frozen=True, slots=True)
class Length:
    """How many characters a text has, blanks around it not counted. `instead` is what to do about a longer one."""

    shortest: int
    longest: int
    instead: str = ""

    @property
    def too_long(self) -> str:
        """What is said about a longer one, by the form and by the verb."""
        return f"不超过{self.longest}字{self.instead}"

    @property
    def optional(self) -> Length:
        """The same where nothing need be said."""
        return replace(self, shortest=0)


REASON = Length(5, 1000)
OPINION = Length(5, 2000)
PUBLISHED_REASON = Length(10, 1000)
"""Why the record or the applicant's time is touched out of turn."""
NOTE = REASON.optional
EXCEPTION = Length(10, 2000)
GAP = Length(5, 250)
"""Stands within the sentence that says why a window was moved."""
CLAUSE = Length(5, 300)
GROUND = Length(5, 4000, ATTACH)
RECHECK = Length(5, 4000)
MESSAGE = Length(2, 4000, ATTACH)
COMPLAINT = Length(10, 8000, ATTACH)
COMPLAINED_ABOUT = Length(2, 500)
OUTCOME = Length(20, 4000, "，较长的内容请作为附件答复")


def require(text: str, length: Length, asked: str, then: str = "", *, rule: str, field: str = "reason") -> str:
    """The text without blanks around it. Raises RuleViolation if it is too short or too long.

    asked: the request for it; then: what follows the number in that sentence, e.g. "，理由将公开".
    """
    said = text.strip()
    if problem := wrong_with(said, length, asked, then):
        raise RuleViolation(problem, rule=rule, field=field)
    return said


def wrong_with(said: str, length: Length, asked: str, then: str = "") -> str:
    """The sentence that says what is wrong with its length; empty if nothing is."""
    if len(said) < length.shortest:
        return f"{asked}（不少于{length.shortest}个字）{then}"
    return length.too_long if len(said) > length.longest else ""
