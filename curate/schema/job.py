"""The job: one validated description of a run, from flags, a TOML file or Python.

It has five parts, one for each room of the program: data, embed, select, measure, report.
They are the tables of the job file, the groups of options in `curate select --help` and the
keys of `job` in report.json. Flags and keyword arguments stay flat: a setting has the same
name in all of them, and no two parts have a setting of the same name.

A setting is described here only: the command line makes its options, `curate init` its
commented file and docs/job-file.md its tables from the fields below.
Precedence: flag > environment (`CURATE_…`) > job file > default.

Validating a job reads no file and no catalogue.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, NamedTuple, cast

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
)
from pydantic.fields import FieldInfo

from curate.errors import RequestError, did_you_mean
from curate.schema.strategies import AnySpec, Diversity, Spec, Threshold
from curate.schema.strategy_syntax import read_specs, spec_text

JOB_FILE = "curate.toml"
IDS = "ids:"  # before a file of ids, or before ids, that name items of the data
SHIPPED_TEMPLATES = ("full", "brief")  # of reports; `full` is the one with every setting
# Settings that do not change the result: where files are, and how fast the run is.
WITHOUT_EFFECT = ("out", "copy_to", "link_to", "cache", "no_cache", "threads", "strict", "catalog")
# Settings of a command that makes a selection, and of `curate measure`, which is given one.
SELECTING = ("n", "fraction", "strategy", "start", "min_distance", "select_by", "no_report")
MEASURING = ("selection", "ignore_unknown")
# Settings that say how the source is read.
READING = (
    *("id_column", "label_column", "text_column", "vector_column", "image_column"),
    *("columns", "scale", "ids", "follow_links", "frames", "fps"),
)
# Settings that say how a space is read, embedded and measured.
SPACE_SETTINGS = (
    *("metric", "embedder", "embedder_options", "id_column", "label_column", "text_column"),
    *("vector_column", "image_column", "columns", "scale", "ids", "seed", "queries", "threads"),
    *("cache", "no_cache", "catalog"),
)


def _split(given: object) -> object:
    """Names separated by commas, as a tuple without repetitions."""
    written = [given] if isinstance(given, str) else given
    if not isinstance(written, list | tuple):
        return given
    names = [name.strip() for part in written for name in str(part).split(",")]
    return tuple(dict.fromkeys(name for name in names if name))


Names = Annotated[tuple[str, ...], BeforeValidator(_split)]


class Settings(BaseModel):
    """Base of the five parts: frozen, with a description for each setting."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class DataSettings(Settings):
    """What the items are and how they are read."""

    source: str | list[str] = "."
    """What to select from: folder, file or pattern. A folder or archive of images; a file of texts,
    vectors or a table; @FILE with a list of images; a quoted pattern; or several of these, of one
    kind."""
    name: str | None = None
    """What the report calls the data. Default: the name of the folder or file."""
    id_column: str | None = None
    """Column with a unique id for each item."""
    label_column: str | None = None
    """Column with the label of each item."""
    text_column: str | None = None
    """Column with the text of each item."""
    vector_column: str | None = None
    """Column with the vector of each item. In a file that holds several arrays: the name of the
    array."""
    image_column: str | None = None
    """Column with the image of each item. It holds paths, relative to the table, or the images
    themselves."""
    columns: str | None = None
    """Columns that are the vectors as they are. Names or patterns, as in "age,income,sensor_*".
    Texts become one-hot."""
    scale: Literal["none", "standard", "minmax"] = "none"
    """How --columns are scaled: standard or minmax. standard gives each column mean 0 and deviation
    1, minmax the range from 0 to 1. Default: none."""
    ids: str | None = None
    """File with an id for each row of vectors. One id a line, or a table."""
    follow_links: bool = False
    """Follow links that lead out of an image folder."""
    objects: str | None = None
    """File with boxes of objects in the images. A COCO file, or a table with image, x, y, width,
    height and perhaps label and score."""
    frames: bool = False
    """Each folder of images is one video. Its images are the frames. Adds the columns video and
    frame."""
    fps: float | None = Field(default=None, gt=0)
    """Frames a second to take of video files. Default: 1."""
    catalog: str | None = None
    """File of the catalogue of names. Its names stand for paths. Default: in the data folder of
    this platform."""
    strict: bool = False
    """Exit with code 4 if any item was set aside."""

    @field_validator("source")
    @classmethod
    def _single_source(cls, source: str | list[str]) -> str | list[str]:
        """A list of one source is that source."""
        if not source:
            raise ValueError("no source is given")
        return source[0] if isinstance(source, list) and len(source) == 1 else source

    @property
    def sources(self) -> list[str]:
        """`source` as a list, of one or of several."""
        return [self.source] if isinstance(self.source, str) else self.source


class EmbedSettings(Settings):
    """How items become vectors, and which distance compares them."""

    embedder: str = "auto"
    """What embeds the items. One of auto, image-lite, perceptual, text-static, tfidf, onnx:FILE,
    st:NAME, hf:NAME, timm:NAME, openclip:ARCH/TAG, the address of a server (http://… or https://…),
    module:function, or none for vectors."""
    embedder_options: str | None = None
    """Settings of the embedder, as 'size=224'. Written as name=value, separated by spaces, as in
    'size=224 pooling=mean'."""
    metric: Literal["auto", "euclidean", "cosine"] = "auto"
    """Distance: auto, euclidean or cosine. auto leaves it to the embedder; for vectors it is
    Euclidean."""
    dims: int | None = Field(default=None, ge=1)
    """Reduce embeddings to so many dimensions. Distances are Euclidean then, unless --metric says
    otherwise."""
    reduction: Literal["pca", "random"] = "pca"
    """How --dims reduces: pca or random. pca keeps the directions of most variance; random
    projects, for thousands of dimensions."""
    normalize: bool = False
    """Scale every embedding to length 1. This happens before anything else."""
    whiten: bool = False
    """Give every direction the same variance. This happens after --dims, or by itself."""
    cache: str | None = None
    """Folder of the embedding cache. Default: the cache folder of this platform."""
    no_cache: bool = False
    """Neither read nor write the embedding cache."""
    threads: int | None = Field(default=None, ge=1)
    """Threads that work at once. Default: as many as the machine has. Results do not depend on
    it."""


class SelectSettings(Settings):
    """Which items are picked, and in which order."""

    n: int | None = None
    """How many items to select. Either this or --fraction; neither for all that pass a threshold
    or that a budget pays for."""
    fraction: float | None = None
    """Share of the items to select, up to 1. It counts the items that thresholds leave; above 0, at
    most 1."""
    strategy: tuple[AnySpec, ...] = (Diversity(),)
    """How to select; several are combined. As in diversity, weights:score or
    balance:label=uniform,strength=2; `curate strategies` lists them."""
    start: str = "mean"
    """Where to start: mean, first, random or an id. mean is the item nearest the mean of all."""
    min_distance: float = Field(default=0.0, ge=0)
    """No two picks are nearer than this. Items that are too close are passed over."""
    select_by: Literal["images", "objects", "both"] = "images"
    """What is compared: images, objects or both. Objects are those of --objects."""
    datapool: str | None = None
    """Items chosen earlier; they count as selected. A path of items of the same kind as the data,
    the folder or report.json of an earlier run, or ids:FILE or ids:ID|ID of items of the data."""
    selection: str | None = None
    """The selection to measure. Made elsewhere, for `curate measure`: a file of ids in pick order
    (an id a line, or a table with an id column), a report.json, or the folder of a run."""
    ignore_unknown: bool = False
    """Leave out ids that are not in the data. Those of --selection; otherwise they are refused."""
    seed: int = Field(default=0, ge=0)
    """Seed of everything that is random."""

    @field_validator("strategy", mode="before")
    @classmethod
    def _read_strategies(cls, given: Any) -> tuple[Spec, ...]:
        return read_specs(given)

    @property
    def counts_itself(self) -> bool:
        """Whether the strategies know when to stop, so that no n is needed."""
        picking = [spec for spec in self.strategy if not isinstance(spec, Threshold)]
        return not picking or any(spec.counts_itself for spec in picking)


class MeasureSettings(Settings):
    """How much is measured to judge the selection."""

    random_draws: int = Field(default=20, ge=20)
    """Random selections to compare with. At least 20, so that an interval means something."""
    queries: int = Field(default=10_000, ge=100)
    """Measure from at most so many items. Distances are measured from every item, or from a uniform
    sample of so many if there are more."""
    map_points: int = Field(default=5_000, ge=100)
    """Draw at most so many items on the maps. A uniform sample if there are more."""
    map: Literal["pacmap", "umap", "pca-umap", "tsne"] = "pacmap"
    """Map to draw: pacmap, umap, pca-umap or tsne. It stands beside the principal components. umap
    and pca-umap need the extra umap."""
    space: bool = False
    """Also judge the space, as `curate evaluate`. By the label column if there is one. Adds a page
    to the report."""


class ReportSettings(Settings):
    """What is written, and where."""

    out: str | None = None
    """Folder for the report and the selection. Default: reports/ and the name of the data."""
    template: str | None = None
    """Report template: full, brief or a TOML file. brief has two pages; a TOML file of your own
    sets only what it changes. Default: full."""
    no_report: bool = False
    """Only select: no measures and no report. The selection itself is written."""
    export: Names = ()
    """Also write the selection for other tools. lightly, labelstudio, cvat, fiftyone, coco or hf;
    one or several, with commas between them."""
    copy_to: str | None = None
    """New or empty folder to copy the picks to. Subfolders are kept."""
    link_to: str | None = None
    """New or empty folder to link the picks in. Subfolders are kept."""


class Job(BaseModel):
    """A run of `curate select` or `curate measure`, in five parts.

    Paths are as given; in a job file, relative to that file.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    data: DataSettings = Field(default_factory=DataSettings)
    embed: EmbedSettings = Field(default_factory=EmbedSettings)
    select: SelectSettings = Field(default_factory=SelectSettings)
    measure: MeasureSettings = Field(default_factory=MeasureSettings)
    report: ReportSettings = Field(default_factory=ReportSettings)

    def flat(self) -> dict[str, Any]:
        """Every setting by its name, in the order of SETTINGS."""
        return {name: self._value(name) for name in SETTINGS}

    def given(self) -> dict[str, Any]:
        """The settings that were given when the job was made, defaults left out."""
        return {
            name: self._value(name)
            for name, setting in SETTINGS.items()
            if name in getattr(self, setting.part).model_fields_set
        }

    def changed(self) -> dict[str, Any]:
        """The settings that have an effect on the result and differ from their default.

        Strategies are given as text.
        """
        return {
            name: [spec_text(spec) for spec in value] if name == "strategy" else value
            for name, setting in SETTINGS.items()
            if name not in WITHOUT_EFFECT and (value := self._value(name)) != setting.field.default
        }

    def updated(self, **settings: Any) -> Job:
        """A copy with these settings, by their flat names. Raises RequestError as make_job does."""
        return make_job(self.given() | settings)

    def _value(self, name: str) -> Any:
        return getattr(getattr(self, SETTINGS[name].part), name)


class Setting(NamedTuple):
    """Where a setting is in a job: the name of its part, and its field there."""

    part: str
    field: FieldInfo


PARTS: Mapping[str, type[Settings]] = {
    name: cast(type[Settings], part.annotation) for name, part in Job.model_fields.items()
}
SETTINGS: Mapping[str, Setting] = {
    name: Setting(part, field)
    for part, model in PARTS.items()
    for name, field in model.model_fields.items()
}


def make_job(flat: Mapping[str, Any]) -> Job:
    """The job with these settings, by their flat names; the others have their defaults.

    Raises RequestError that names the setting, says what was got and what it means.
    """
    unknown = sorted(set(flat) - set(SETTINGS))
    if unknown:
        raise RequestError(
            f"a job has no setting {unknown[0]!r}: {did_you_mean(unknown[0], SETTINGS)}"
        )
    try:
        return Job.model_validate(in_parts(flat))
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][1])
        raise RequestError(
            f"{name} is {flat.get(name)!r}: {first['msg'].lower()}. It means: {describe(name)}"
        ) from None


def in_parts(flat: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Flat settings, sorted into the parts of a job; names that no part has are left out."""
    return {
        part: {name: flat[name] for name in model.model_fields if name in flat}
        for part, model in PARTS.items()
    }


def check_space_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of a space that are given, in the types of a job's fields.

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
    typed = make_job({name: value for name, value in given.items() if name not in in_memory}).flat()
    return {name: value if name in in_memory else typed[name] for name, value in given.items()}


def describe(name: str) -> str:
    """The one description of a setting, by its flat name, on one line."""
    return " ".join((SETTINGS[name].field.description or "").split())


def describe_part(part: str) -> str:
    """What a part of a job is for, in one line: the title of its group of options."""
    return PARTS[part].__doc__ or ""


def resolve_k(settings: SelectSettings, available: int, left_out: str = "") -> int:
    """How many items to pick out of `available` ones; `left_out` says why there are so few.

    Raises RequestError unless exactly one of n and fraction is given and in its range.
    """
    if settings.n is None and settings.fraction is None and settings.counts_itself:
        return available
    if (settings.n is None) == (settings.fraction is None):
        got = "neither" if settings.n is None else "both"
        raise RequestError(f"got {got} of --n and --fraction: pass exactly one of them.")
    if available == 0:
        raise RequestError(
            f"no item is left to select from{left_out}: give other data, a smaller datapool or "
            "wider conditions."
        )
    if settings.n is not None:
        if not 1 <= settings.n <= available:
            raise RequestError(
                f"cannot select {settings.n} of {available} items{left_out}: --n must be between 1 "
                f"and {available}. Pass --n {available} to keep everything."
            )
        return settings.n
    assert settings.fraction is not None
    if not 0 < settings.fraction <= 1:
        raise RequestError(
            f"--fraction is {settings.fraction}: it must be above 0 and at most 1, as in "
            "--fraction 0.1."
        )
    return max(1, round(settings.fraction * available))
