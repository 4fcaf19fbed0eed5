"""The pages of reports about spaces: a file, with a table of its sections, for each kind."""

from __future__ import annotations

from curate.report.pages.page import Section
from curate.report.pages.spaces import compare, drift, evaluate

# Kind of report, as its report.json names it -> its sections.
SPACE_SECTIONS: dict[str, dict[str, Section]] = {
    "evaluation": evaluate.SECTIONS,
    "comparison": compare.SECTIONS,
    "drift": drift.SECTIONS,
}
