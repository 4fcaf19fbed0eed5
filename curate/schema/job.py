"""One validated description of a run, whether it came from flags, TOML or Python.

This is the only place where a setting is described: the command line makes its options,
`curate init` its commented file and the README its table from the fields below.
Precedence: flag > environment (`CURATE_…`) > job file > default.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
)

from curate.catalog.store import with_names
from curate.errors import RequestError, did_you_mean
from curate.schema.strategies import AnySpec, Diversity, Spec, Threshold
from curate.schema.strategy_syntax import read_specs, spelled

JOB_FILE = "curate.toml"
IDS = "ids:"  # before a file of ids, or ids, that name items of the data
# Settings that change nothing in the result: where things lie and how fast it goes.
SHIPPED_TEMPLATES = ("full", "brief")  # of reports; `full` is the one with every setting
WITHOUT_EFFECT = ("out", "copy_to", "link_to", "cache", "no_cache", "threads", "strict", "catalog")
# Settings of a selection that is made, and of one that is measured.
SELECTING = ("n", "fraction", "strategy", "start", "min_distance", "select_by", "no_report")
# Settings that say how the source is read.
READING = (
    *("id_column", "label_column", "text_column", "vector_column", "image_column"),
    *("columns", "scale", "ids", "follow_links", "frames", "fps"),
)
MEASURING = ("selection", "ignore_unknown")
# Settings that say how a space is read, embedded and measured.
SPACE_SETTINGS = (
    *("metric", "embedder", "embedder_options", "id_column", "label_column", "text_column"),
    *(
        "vector_column",
        "image_column",
        "columns",
        "scale",
        "ids",
        "seed",
        "queries",
        "threads",
        "cache",
        "no_cache",
        "catalog",
    ),
)


def _split(given: object) -> object:
    """Names that are written with commas between them, as single ones, each once."""
    written = [given] if isinstance(given, str) else given
    if not isinstance(written, list | tuple):
        return given
    names = [name.strip() for part in written for name in str(part).split(",")]
    return tuple(dict.fromkeys(name for name in names if name))


Names = Annotated[tuple[str, ...], BeforeValidator(_split)]


class Job(BaseModel):
    """A run of `curate select`. Paths are as given; in a job file, relative to that file."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    source: str | list[str] = "."
    """What to select from: a folder or archive of images, a file of texts, vectors or a table,
    @FILE with a list of images, a quoted pattern; or several of these, of one kind."""
    n: int | None = None
    """How many items to select. Either this or --fraction; neither for all that pass a threshold
    or that a budget pays for."""
    fraction: float | None = None
    """Which share of the items to select, of those that thresholds leave; above 0, at most 1."""
    out: str | None = None
    """Folder for the report and the selection. Default: reports/ and the name of the data."""

    export: Names = ()
    """Also write the selection for other tools: lightly, labelstudio, cvat, fiftyone, coco, hf; one
    or several, with commas between them."""
    copy_to: str | None = None
    """New or empty folder to copy the picked files to, with their subfolders."""
    link_to: str | None = None
    """New or empty folder to link to the picked files from, with their subfolders."""

    name: str | None = None
    """What the report calls the data. Default: the name of the folder or file."""

    strategy: tuple[AnySpec, ...] = (Diversity(),)
    """How to select, as in diversity, weights:score or balance:label=uniform,strength=2; several
    are combined. `curate strategies` lists them."""
    start: str = "mean"
    """Where diversity starts: mean (the item nearest the mean), first, random, or an id."""
    min_distance: float = Field(default=0.0, ge=0)
    """No pick is nearer than this to another: items that are too close are passed over."""
    metric: Literal["auto", "euclidean", "cosine"] = "auto"
    """Distance between embeddings; auto leaves it to the embedder, Euclidean for vectors."""
    datapool: str | None = None
    """Items chosen earlier, which count as selected: a path of items of the same kind as the data,
    the folder or report.json of an earlier run, or ids:FILE or ids:ID|ID of items of the data."""
    selection: str | None = None
    """A selection made elsewhere, for `curate measure`: a file of ids in pick order (an id a line,
    or a table with an id column), a report.json, or the folder of a run."""
    ignore_unknown: bool = False
    """Leave out ids of --selection that are not in the data, instead of refusing them."""
    embedder: str = "auto"
    """What makes the embeddings: auto, image-lite, perceptual, text-static, tfidf, onnx:FILE,
    st:NAME, hf:NAME, timm:NAME, openclip:ARCH/TAG, the address of a server (http://… or
    https://…), module:function, or none for vectors."""
    embedder_options: str | None = None
    """Settings of the embedder, name=value separated by spaces, as in 'size=224 pooling=mean'."""
    dims: int | None = Field(default=None, ge=1)
    """Reduce embeddings to so many dimensions. Distances are Euclidean then, unless --metric says
    otherwise."""
    reduction: Literal["pca", "random"] = "pca"
    """How --dims reduces: pca keeps the directions of most variance; random projects, for
    thousands of dimensions."""
    normalize: bool = False
    """Scale every embedding to length 1, before anything else."""
    whiten: bool = False
    """Give every direction the same variance, after --dims or by itself."""

    id_column: str | None = None
    """Column with a unique id for each item."""
    label_column: str | None = None
    """Column with the label of each item."""
    text_column: str | None = None
    """Column with the text of each item."""
    vector_column: str | None = None
    """Column (or array of a file that holds several) with the vector of each item."""
    image_column: str | None = None
    """Column with the image of each item: its path, relative to the table, or the image itself."""
    columns: str | None = None
    """Columns that are the vectors as they are: names or patterns, as in "age,income,sensor_*".
    Texts become one-hot."""
    scale: Literal["none", "standard", "minmax"] = "none"
    """What becomes of the numbers in --columns: standard gives each column mean 0 and deviation 1,
    minmax the range from 0 to 1."""
    ids: str | None = None
    """File with an id for each row of a file of vectors: one a line, or a table."""

    follow_links: bool = False
    """Follow links that lead out of a folder of images."""

    objects: str | None = None
    """Boxes of objects in the images: a COCO file, or a table with image, x, y, width, height and
    perhaps label and score."""
    select_by: Literal["images", "objects", "both"] = "images"
    """What diversity compares: images, the objects in them, or both."""

    frames: bool = False
    """Each folder of images is a video, its images the frames: adds the columns video and frame."""
    fps: float | None = Field(default=None, gt=0)
    """Frames a second to take of video files. Default: 1."""

    seed: int = Field(default=0, ge=0)
    """Seed of everything that is random."""
    random_draws: int = Field(default=20, ge=20)
    """Random selections to compare with; at least 20, so that an interval means something."""
    queries: int = Field(default=10_000, ge=100)
    """Distances are measured from every item, or from a uniform sample of so many if there are
    more."""
    map_points: int = Field(default=5_000, ge=100)
    """Items drawn on the 2-D maps; a uniform sample if there are more."""
    map: Literal["pacmap", "umap", "pca-umap", "tsne"] = "pacmap"
    """Which map stands beside the principal components; umap and pca-umap need the extra umap."""
    space: bool = False
    """Also judge the space, as `curate evaluate` does, by the label column if there is one: adds a
    page to the report."""

    threads: int | None = Field(default=None, ge=1)
    """Threads that work at once. Default: as many as the machine has. Results do not depend on
    it."""
    template: str | None = None
    """Report template: full, brief (two pages), or a TOML file of your own with the settings that
    it changes. Default: full."""
    cache: str | None = None
    """Folder of the embedding cache. Default: the cache folder of this platform."""
    no_cache: bool = False
    """Neither read nor write the embedding cache."""
    catalog: str | None = None
    """File of the catalogue, whose names stand for paths. Default: in the data folder of this
    platform."""
    no_report: bool = False
    """Only select: write the selection, measure nothing and draw no report."""
    strict: bool = False
    """End with exit code 4 if any item had to be set aside."""

    @field_validator("source")
    @classmethod
    def _one_is_no_list(cls, source: str | list[str]) -> str | list[str]:
        if not source:
            raise ValueError("no source is given")
        return source[0] if isinstance(source, list) and len(source) == 1 else source

    @property
    def sources(self) -> list[str]:
        """`source` as a list, of one or of several."""
        return [self.source] if isinstance(self.source, str) else self.source

    @field_validator("strategy", mode="before")
    @classmethod
    def _in_any_spelling(cls, given: Any) -> tuple[Spec, ...]:
        return read_specs(given)

    @property
    def counts_itself(self) -> bool:
        """Whether the strategies know when to stop, so that no n is needed."""
        picking = [spec for spec in self.strategy if not isinstance(spec, Threshold)]
        return not picking or any(spec.counts_itself for spec in picking)

    def changed(self) -> dict[str, Any]:
        """The settings that make the result what it is and differ from their default, as text."""
        return {
            name: [spelled(spec) for spec in value] if name == "strategy" else value
            for name, setting in type(self).model_fields.items()
            if name not in WITHOUT_EFFECT and (value := getattr(self, name)) != setting.default
        }


def make_job(settings: dict[str, Any]) -> Job:
    """The job with these settings.

    A source that is no path may be a name of the catalogue.
    Raises RequestError that names the setting, says what was got and what it means.
    """
    settings = with_names(settings)
    unknown = sorted(set(settings) - set(Job.model_fields))
    if unknown:
        raise RequestError(
            f"a job has no setting {unknown[0]!r}: {did_you_mean(unknown[0], Job.model_fields)}"
        )
    return _validated(settings)


def check_space_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of a space that are given, in the types of a Job's fields.

    The command line and the environment give text, so `threads` comes in as "2". None means
    not given. Ids that are in memory, beside an array, stay as they are.
    Raises RequestError as make_job does, also for a setting that a space does not have.
    """
    for name in settings:
        if name not in SPACE_SETTINGS:
            raise RequestError(
                f"there is no setting {name!r}: {did_you_mean(name, SPACE_SETTINGS)}"
            )
    given = {name: value for name, value in settings.items() if value is not None}
    in_memory = {"ids"} if not isinstance(given.get("ids", ""), str) else set()
    job = _validated({name: value for name, value in given.items() if name not in in_memory})
    return {
        name: value if name in in_memory else getattr(job, name) for name, value in given.items()
    }


def _validated(settings: Mapping[str, Any]) -> Job:
    try:
        return Job.model_validate(settings)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        raise RequestError(
            f"{name} is {settings.get(name)!r}: {first['msg'].lower()}. It means: {describe(name)}"
        ) from None


def describe(name: str) -> str:
    """The one description of a setting, on one line."""
    return " ".join((Job.model_fields[name].description or "").split())


def resolve_k(job: Job, available: int, left_out: str = "") -> int:
    """How many items `job` asks for, out of `available` ones; `left_out` says why so few.

    Raises RequestError unless exactly one of n and fraction is given and in its range.
    """
    if job.n is None and job.fraction is None and job.counts_itself:
        return available
    if (job.n is None) == (job.fraction is None):
        got = "neither" if job.n is None else "both"
        raise RequestError(f"got {got} of --n and --fraction: pass exactly one of them.")
    if available == 0:
        raise RequestError(
            f"no item is left to select from{left_out}: give other data, a smaller datapool or "
            "wider conditions."
        )
    if job.n is not None:
        if not 1 <= job.n <= available:
            raise RequestError(
                f"cannot select {job.n} of {available} items{left_out}: --n must be between 1 and "
                f"{available}. Pass --n {available} to keep everything."
            )
        return job.n
    assert job.fraction is not None
    if not 0 < job.fraction <= 1:
        raise RequestError(
            f"--fraction is {job.fraction}: it must be above 0 and at most 1, as in --fraction 0.1."
        )
    return max(1, round(job.fraction * available))
