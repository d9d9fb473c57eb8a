"""The ten sections of a record (rule S1): what each holds, how it is read, shown, compared and doubted.

An entry's content is a flat dict in canonical form: dates as YYYY-MM-DD, decimals as plain strings ("913.8285"),
choices as their code, whole numbers as int, yes/no as bool, nothing as None. Every key of the section's schema is
present.
"""

from portal.domain.sections.checks import Doubt, Entry, doubts
from portal.domain.sections.entries import (
    Content,
    FieldChange,
    FieldProblem,
    diff,
    display,
    is_empty,
    parse,
    section_date,
)
from portal.domain.sections.schema import SCHEMAS, Field, FieldType, field_of, schema, section_date_field

__all__ = [
    "SCHEMAS",
    "Content",
    "Doubt",
    "Entry",
    "Field",
    "FieldChange",
    "FieldProblem",
    "FieldType",
    "diff",
    "display",
    "doubts",
    "field_of",
    "is_empty",
    "parse",
    "schema",
    "section_date",
    "section_date_field",
]
