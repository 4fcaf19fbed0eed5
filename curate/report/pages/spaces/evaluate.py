"""The pages of an evaluation: one or several spaces, measured on the same items."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from curate.report.pages.figures.map_grids import label_maps, label_maps_height
from curate.report.pages.figures.spaces import pair_panels, spectra
from curate.report.pages.page import PageContext, Section
from curate.report.pages.spaces.shared import (
    how_made,
    how_made_section,
    map_methods,
    map_quality_table,
    outside_frames,
)
from curate.report.render.numbers import count, number, percent
from curate.report.render.tables import PAD
from curate.report.words import evaluation
from curate.report.words.evaluation import MEASURE_ROWS, measure_value
from curate.schema.evaluation import EvaluationReport, PairSimilarities, SpaceEvaluation

EvaluationPage = PageContext[EvaluationReport]

CLASSES_MOST, MIXED_MOST = 60, 12
PAIRS_HEIGHT, SPECTRA_HEIGHT = 190.0, 300.0
PAIRS_ON_PAGE = 3
SPACES_IN_TABLE = 4  # more would break names and numbers
SHAPE_MEASURES = ("effective_rank", "rank", "decay", "decay_rest", "uniformity")
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


def draw_summary(page: EvaluationPage) -> list[Any]:
    """The table of measures, and what they mean."""
    report, style = page.report, page.style
    story: list[Any] = []
    for start in range(0, len(report.spaces), SPACES_IN_TABLE):
        story += [style.gap(10)] if start else []
        story.append(_measures(page, report.spaces[start : start + SPACES_IN_TABLE]))
    if len(report.spaces) > 1 and report.best:
        story.append(
            page.caption("● best where more is better; the rows from π intra on only describe.")
        )
    story.append(page.caption(evaluation.sampling_note(report, report.spaces[0])))
    story += [style.gap(6), style.paragraph(BASIS, "small")] if report.labels else []
    for space in report.spaces:
        sentences = evaluation.undefined_sentences(space, page.short_name)
        story += style.paragraph_list(sentences, "small")
    return story


def _measures(page: EvaluationPage, spaces: Sequence[SpaceEvaluation]) -> Any:
    """The table of some spaces, a column each."""
    report = page.report
    rows: list[list[str]] = []
    quiet: list[int] = []
    for name, row in MEASURE_ROWS.items():
        if all(measure_value(space, name) is None for space in report.spaces):
            continue
        rows.append([row.title, *(_cell(report, space, name) for space in spaces)])
        if name in ("nmi", "ami"):
            quiet += [len(rows), len(rows) + 1]
            rows += _starts(spaces, name)
    head = ["", *(page.short_name(space.space.name) for space in spaces)]
    return page.table(head, rows, quiet=quiet)


def _cell(report: EvaluationReport, space: SpaceEvaluation, name: str) -> str:
    value = measure_value(space, name)
    text = count(int(value)) if name == "rank" and value is not None else number(value)
    best = max(measure_value(other, name) or 0 for other in report.spaces)
    return f"● {text}" if name in report.best and value == best else text


def _starts(spaces: Sequence[SpaceEvaluation], name: str) -> list[list[str]]:
    """The lowest and the highest of the starts of k-means."""
    return [
        [
            f"  {word} start",
            *(
                number(pick(getattr(space.clusters, name)) if space.clusters else None)
                for space in spaces
            ),
        ]
        for word, pick in (("lowest", min), ("highest", max))
    ]


def draw_differences(page: EvaluationPage) -> list[Any]:
    """The best space against every other, metric by metric."""
    rows = [
        [
            MEASURE_ROWS[difference.metric].title,
            f"{page.short_name(difference.best)} − {page.short_name(difference.other)}",
            number(100 * difference.mean),
            number(100 * difference.low),
            number(100 * difference.high),
            "hardly" if difference.low > 0 else "may be",
        ]
        for difference in page.report.differences
    ]
    head = ["", "spaces", "points", "from", "to", "luck?"]
    return [
        page.table(head, rows, text=(0, 1, 5)),
        page.caption(
            "Paired bootstrap over the same queries, 2,000 draws: in hundredths, the mean "
            "difference and its middle 95%. It speaks of other queries of these data, not of "
            "other data."
        ),
    ]


def draw_maps(page: EvaluationPage) -> list[Any]:
    """Maps of the same items, coloured by label."""
    report, style = page.report, page.style
    many = len(report.map_labels)
    without_map = len(report.spaces) - len(report.maps)
    below = [
        style.gap(PAD),
        map_quality_table(page, report.maps),
        page.caption(
            "At k = 10: 1 would be a map that shows the neighbours of the space.",
            map_methods(report.maps),
            f"All {count(many)} items."
            if many == report.items
            else f"A uniform sample of {count(many)} of {count(report.items)} items.",
            outside_frames(report.maps),
            f"Without a map here: {count(without_map)} more." if without_map else "",
            "A map is a picture: no number of this report is measured on it.",
        ),
    ]
    tall = min(
        label_maps_height(style.width, len(report.maps), report.map_labels),
        page.free_height("maps") - page.height(below),
    )
    figure = label_maps(style, report.maps, report.map_labels, page.short_name)
    return [page.figure(figure, tall), *below]


def draw_pairs(page: EvaluationPage) -> list[Any]:
    """Histograms, then the table."""
    spaces = [(space, space.pairs) for space in page.report.spaces if space.pairs is not None]
    below = [page.style.gap(PAD), *_pairs_table(page, spaces)]
    room = page.free_height("pairs")
    if len(spaces) <= PAIRS_ON_PAGE:  # the table stands below the histograms, on their page
        room -= page.height(below)
    height = min(PAIRS_HEIGHT, room / min(len(spaces), PAIRS_ON_PAGE))
    story: list[Any] = []
    for start in range(0, len(spaces), PAIRS_ON_PAGE):
        group = [space for space, _ in spaces[start : start + PAIRS_ON_PAGE]]
        figure = pair_panels(page.style, group, page.short_name)
        story.append(page.figure(figure, height * len(group)))
    return [*story, *below]


def _pairs_table(
    page: EvaluationPage, spaces: Sequence[tuple[SpaceEvaluation, PairSimilarities]]
) -> list[Any]:
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
            page.short_name(space.space.name),
            number(pairs.jsd),
            number(max(pairs.floor)),
            number(pairs.auc),
            number(pairs.positive_mean),
            number(pairs.negative_mean),
            count(pairs.n_positive),
            count(pairs.n_negative),
        ]
        for space, pairs in spaces
    ]
    exact = all(pairs.exact for _, pairs in spaces)
    return [
        page.table(head, rows),
        page.caption(
            "Exact: all pairs."
            if exact
            else "Uniform draws of each kind of pair, each measured exactly.",
            f"200 bins from −1 to 1; shuffled: the largest of {len(spaces[0][1].floor)} "
            "permutations of the labels. AUC: how often a pair of one class is the more similar.",
        ),
    ]


def draw_shape(page: EvaluationPage) -> list[Any]:
    """Spectra, and what the measures mean."""
    report, style = page.report, page.style
    rows = []
    for space in report.spaces:
        values = {name: measure_value(space, name) for name in SHAPE_MEASURES}
        cells = [
            count(int(value)) if name == "rank" and value is not None else number(value)
            for name, value in values.items()
        ]
        rows.append([page.short_name(space.space.name), count(space.space.dims), *cells])
    head = [
        "",
        "dimensions",
        "effective",
        "numerical rank",
        "ρ",
        "ρ, without largest",
        "uniformity",
    ]
    n_rows = report.spaces[0].spectrum.n_rows
    return [
        page.figure(spectra(style, report.spaces, page.short_name), SPECTRA_HEIGHT),
        style.gap(PAD),
        page.table(head, rows),
        page.caption(
            "Exact, over all items."
            if n_rows == report.items
            else f"Over a uniform sample of {count(n_rows)} items.",
            "Singular values of the uncentred matrix; those below the rounding of the stored "
            "numbers are left out.",
        ),
        style.gap(6),
        style.paragraph(SHAPE, "small"),
    ]


def draw_classes(page: EvaluationPage) -> list[Any]:
    """Pairs of classes that are mixed up, then the classes, the worst first."""
    best, style = evaluation.best_space(page.report), page.style
    classes = best.classes[:CLASSES_MOST]
    rows = [
        [
            page.short_name(part.label),
            count(part.items),
            count(part.queries),
            number(part.recall_at_1),
            number(part.r_precision),
        ]
        for part in classes
    ]
    mixed = [
        [page.short_name(pair.first), page.short_name(pair.second), percent(pair.fraction)]
        for pair in best.mixed[:MIXED_MOST]
    ]
    story = []
    if mixed:
        story += [
            style.paragraph("Classes that are mixed up", "heading"),
            page.table(["", "and", "of the 8 nearest are of the other"], mixed, text=(0, 1)),
        ]
    left = len(best.classes) - len(classes)
    return [
        *story,
        style.paragraph("Classes, the worst first", "heading"),
        page.table(["", "items", "queries", "Recall@1", "R-Precision"], rows),
        page.caption(
            evaluation.few_queries_note(best),
            f"{count(left)} more classes are in report.json." if left > 0 else "",
        ),
    ]


def draw_how_made(page: EvaluationPage) -> list[Any]:
    """How to get the same numbers again."""
    return how_made(page, [space.space for space in page.report.spaces])


SECTIONS: dict[str, Section] = {
    "summary": Section(
        "Summary",
        evaluation.summary_title,
        draw_summary,
        "Every space is measured on the same items, with the same queries.",
    ),
    "differences": Section(
        "Differences",
        evaluation.differences_title,
        draw_differences,
        "The best space of each row less the other, in hundredths; hardly luck where the interval "
        "lies above 0.",
        below_last=lambda _: True,
    ),
    "maps": Section(
        "Maps",
        evaluation.maps_title,
        draw_maps,
        "Colour and shape are the label, grey all smaller classes. Near points are similar; the "
        "axes have no unit.",
    ),
    "pairs": Section(
        "Pairs",
        evaluation.pairs_title,
        draw_pairs,
        "The less the two histograms overlap, the better one threshold tells classes apart. "
        "Strokes under the axis mark the means.",
    ),
    "shape": Section(
        "Shape",
        evaluation.shape_title,
        draw_shape,
        "A flat line uses all directions; for a steep line fewer would be enough.",
    ),
    "classes": Section(
        "Classes",
        evaluation.classes_title,
        draw_classes,
        "Where the space fails, and which classes it mixes up.",
    ),
    "made": how_made_section(draw_how_made),
}
