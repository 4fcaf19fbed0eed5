"""`curate compare`: where do spaces over the same items agree?"""

from __future__ import annotations

from typing import Any

from curate.cli.command import command
from curate.cli.evaluate import LABELS, OUT, SPACES, save_space_report
from curate.cli.terminal import Output
from curate.schema.job import SPACE_SETTINGS


@command("compare", settings=SPACE_SETTINGS)
def compare(
    spaces: SPACES,
    *,
    labels: LABELS = None,
    out: OUT = None,
    settings: dict[str, Any],
    output: Output,
) -> None:
    """Compare spaces of the same items: where do they agree?

    Writes report.pdf and report.json.

    Example:  curate compare minilm.npy,ids=ids.txt texts.csv --labels topic
    """
    from curate.report.build.headline import comparison_headline
    from curate.run.spaces.api import compare as compare_spaces

    result = compare_spaces(*spaces, labels=labels, progress=output.progress, **settings)
    save_space_report(result, out, "comparison", comparison_headline(result.report), output)
