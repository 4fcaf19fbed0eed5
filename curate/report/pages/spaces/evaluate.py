"""The pages of an evaluation."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from curate.report.pages.figures.spaces import pair_panels, spectra
from curate.report.pages.spaces.maps import draw_label_maps
from curate.report.pages.spaces.sheet import SpaceSection, SpaceSheet, how_made, made_section
from curate.report.render.numbers import count, number, percent
from curate.report.render.tables import PAD
from curate.report.words import evaluation
from curate.report.words.evaluation import MEASURE_ROWS, measure_value
from curate.schema.evaluation import EvaluationReport, SpaceEvaluation

Sheet = SpaceSheet[EvaluationReport]

CLASSES_MOST = 60
PAIR_HEIGHT = 190.0
PAIRS_A_PAGE = 3
SPACES_ABREAST = 4  # more would break names and numbers
MAPS_HOW = (
    "Colour and shape are the label, grey all smaller classes. Near points are similar; the axes "
    "have no unit."
)
BASIS = (
    "Recall@K: has an item one of its own label among its K nearest? R-Precision: the fraction of "
    "its R nearest that have its label, R being the number of others of that label. MAP@R: the "
    "same, with early hits counting more. NMI and AMI: do k-means clusters match the labels? AMI "
    "is 0 for chance, NMI is not. Silhouette: from −1 to 1, is an item nearer to its own class?"
)
SHAPE = (
    "Spectral decay ρ is the divergence of the singular values from uniform: 0 if all directions "
    "are used alike. Effective rank: so many equal directions would be as even. Uniformity: more "
    "negative means more evenly spread over the sphere. π intra and inter: mean cosine distance "
    "within a class and between class means; π ratio is the first over the second. Alignment: mean "
    "squared distance of pairs of one class. None of these is good or bad by itself."
)


def draw_summary(sheet: Sheet) -> list[Any]:
    """The table of measures, and the differences."""
    report, style = sheet.report, sheet.style
    several = len(report.spaces) > 1
    story: list[Any] = []
    for start in range(0, len(report.spaces), SPACES_ABREAST):
        story += [style.gap(10)] if start else []
        story.append(_measures(sheet, report.spaces[start : start + SPACES_ABREAST]))
    if several and report.best:
        story.append(sheet.foot("● best where more is better; the rows from π intra on describe."))
    story.append(sheet.foot(evaluation.sampling_note(report, report.spaces[0])))
    story += [style.gap(6), style.paragraph(BASIS, "small")] if report.labels else []
    for one in report.spaces:
        story += [style.paragraph(told, "small") for told in evaluation.undefined_sentences(one)]
    return story


def _measures(sheet: Sheet, spaces: Sequence[SpaceEvaluation]) -> Any:
    """The table of some spaces, a column each."""
    report = sheet.report
    rows: list[list[str]] = []
    quiet: list[int] = []
    for name, row in MEASURE_ROWS.items():
        if all(measure_value(one, name) is None for one in report.spaces):
            continue
        rows.append([row.title, *(_cell(report, one, name) for one in spaces)])
        if name in ("nmi", "ami"):
            quiet += [len(rows), len(rows) + 1]
            rows += _ends(spaces, name)
    return sheet.table(["", *(one.space.name for one in spaces)], rows, quiet=quiet)


def _cell(report: EvaluationReport, one: SpaceEvaluation, name: str) -> str:
    found = measure_value(one, name)
    text = count(int(found)) if name == "rank" and found is not None else number(found)
    best = name in report.best and found == max(
        measure_value(other, name) or 0 for other in report.spaces
    )
    return f"● {text}" if best else text


def _ends(spaces: Sequence[SpaceEvaluation], name: str) -> list[list[str]]:
    """The lowest and the highest of the starts of k-means."""
    return [
        [
            f"  {words} start",
            *(number(end(getattr(one.clusters, name)) if one.clusters else None) for one in spaces),
        ]
        for words, end in (("lowest", min), ("highest", max))
    ]


def draw_differences(sheet: Sheet) -> list[Any]:
    """The best space against every other, metric by metric."""
    rows = [
        [
            MEASURE_ROWS[one.metric].title,
            f"{one.best} − {one.other}",
            number(100 * one.mean),
            number(100 * one.low),
            number(100 * one.high),
            "hardly" if one.low > 0 else "may be",
        ]
        for one in sheet.report.differences
    ]
    head = ["", "spaces", "points", "from", "to", "luck?"]
    return [
        sheet.table(head, rows, text=(0, 1, 5)),
        sheet.foot(
            "Paired bootstrap over the same queries, 2,000 draws: in hundredths, the mean "
            "difference and its middle 95%. It speaks of other queries of these data, not of "
            "other data."
        ),
    ]


def draw_pairs(sheet: Sheet) -> list[Any]:
    """Histograms, then the table."""
    known = [one for one in sheet.report.spaces if one.pairs is not None]
    story: list[Any] = []
    table, told = _pair_table(sheet, known)
    room = sheet.room(sheet.findings["pairs"], SECTIONS["pairs"].how)
    if len(known) <= PAIRS_A_PAGE:  # the table stands below the histograms, on their page
        room -= sheet.height([table, told]) + PAD
    height = min(PAIR_HEIGHT, room / min(len(known), PAIRS_A_PAGE))
    for start in range(0, len(known), PAIRS_A_PAGE):
        some = known[start : start + PAIRS_A_PAGE]
        story.append(sheet.figure(pair_panels(sheet.style, some), height * len(some)))
    return [*story, sheet.style.gap(PAD), table, told]


def _pair_table(sheet: Sheet, known: Sequence[SpaceEvaluation]) -> tuple[Any, Any]:
    """The numbers of the histograms, and how they were measured."""
    head = [
        "",
        "JSD, bits",
        "shuffled, most",
        "AUC",
        "mean, one class",
        "mean, two",
        "pairs of one",
        "pairs of two",
    ]
    rows = [
        [
            one.space.name,
            number(one.pairs.jsd),
            number(max(one.pairs.floor)),
            number(one.pairs.auc),
            number(one.pairs.positive_mean),
            number(one.pairs.negative_mean),
            count(one.pairs.n_positive),
            count(one.pairs.n_negative),
        ]
        for one in known
        if one.pairs is not None
    ]
    exact = all(one.pairs is not None and one.pairs.exact for one in known)
    told = "Exact: all pairs." if exact else "Uniform draws of each kind of pair, each exact."
    return (
        sheet.table(head, rows),
        sheet.foot(
            told,
            f"200 bins from −1 to 1; shuffled: the largest of {len(known[0].pairs.floor)} "  # type: ignore[union-attr]
            "permutations of the labels. AUC: how often a pair of one class is the more similar.",
        ),
    )


def draw_shape(sheet: Sheet) -> list[Any]:
    """Spectra, and what the measures mean."""
    names = ("effective_rank", "rank", "decay", "decay_rest", "uniformity")
    rows = [
        [
            one.space.name,
            count(one.space.dims),
            *(
                count(int(found)) if name == "rank" and found is not None else number(found)
                for name in names
                for found in [measure_value(one, name)]
            ),
        ]
        for one in sheet.report.spaces
    ]
    head = [
        "",
        "dimensions",
        "effective",
        "numerical rank",
        "ρ",
        "ρ, without largest",
        "uniformity",
    ]
    rows_used = sheet.report.spaces[0].spectrum.n_rows
    told = (
        "Exact, over all items."
        if rows_used == sheet.report.items
        else f"Over a uniform sample of {count(rows_used)} items."
    )
    return [
        sheet.figure(spectra(sheet.style, sheet.report.spaces), 300),
        sheet.style.gap(PAD),
        sheet.table(head, rows),
        sheet.foot(
            told,
            "Singular values of the uncentred matrix; those at the rounding of the stored numbers "
            "are left out.",
        ),
        sheet.style.gap(6),
        sheet.style.paragraph(SHAPE, "small"),
    ]


def draw_classes(sheet: Sheet) -> list[Any]:
    """Classes, the worst first, then pairs of classes."""
    one, style = evaluation.best_space(sheet.report), sheet.style
    shown = one.classes[:CLASSES_MOST]
    rows = [
        [
            row.label,
            count(row.items),
            count(row.queries),
            number(row.recall_at_1),
            number(row.r_precision),
        ]
        for row in shown
    ]
    mixed = [[pair.first, pair.second, percent(pair.fraction)] for pair in one.mixed]
    story = []
    if mixed:
        story += [
            style.paragraph("Classes that are mixed up", "heading"),
            sheet.table(["", "and", "of the 8 nearest are of the other"], mixed[:12], text=(0, 1)),
        ]
    left = len(one.classes) - len(shown)
    return [
        *story,
        style.paragraph("Classes, the worst first", "heading"),
        sheet.table(["", "items", "queries", "Recall@1", "R-Precision"], rows),
        sheet.foot(
            evaluation.few_queries_note(one),
            f"{count(left)} more classes are in report.json." if left > 0 else "",
        ),
    ]


def draw_made(sheet: Sheet) -> list[Any]:
    """How to get the same numbers again."""
    return how_made(sheet, [one.space for one in sheet.report.spaces], [])


SECTIONS: dict[str, SpaceSection] = {
    "summary": SpaceSection(
        "Summary",
        "Every space is measured on the same items, and asked the same queries.",
        evaluation.summary_title,
        draw_summary,
    ),
    "differences": SpaceSection(
        "Differences",
        "The best space of each row less the other, in hundredths; hardly luck where the interval "
        "lies above 0.",
        evaluation.differences_title,
        draw_differences,
        short=True,
    ),
    "maps": SpaceSection(
        "Maps",
        MAPS_HOW,
        evaluation.maps_title,
        partial(draw_label_maps, how=MAPS_HOW),
    ),
    "pairs": SpaceSection(
        "Pairs",
        "The less the two histograms overlap, the better one threshold tells classes apart. "
        "Strokes under the axis mark the means.",
        evaluation.pairs_title,
        draw_pairs,
    ),
    "shape": SpaceSection(
        "Shape",
        "A flat line uses all its directions; a steep one could do with fewer.",
        evaluation.shape_title,
        draw_shape,
    ),
    "classes": SpaceSection(
        "Classes",
        "Where the space fails, and what it takes for what.",
        evaluation.classes_title,
        draw_classes,
    ),
    "made": made_section(draw_made),
}
