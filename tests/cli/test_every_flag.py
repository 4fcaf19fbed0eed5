"""Every flag of every command runs once on tiny data: none ends in an internal error.

RUNS holds lines of each command that together use each of its flags with a valid value.
The commands and their flags are asked of the command line itself, so a new flag without a
line here fails. In process, for speed: a run is a few hundredths of a second, a report about one.
"""

from __future__ import annotations

import logging
import shlex
import shutil

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import typer.main
from PIL import Image
from typer.testing import CliRunner

from curate.cli.main import app
from curate.errors import RequestError
from process import run

N = 40

# How a source is read, each with the flags that only it can have.
VECTORS = "--ids ids.txt --metric cosine"
TEXTS = (
    "--id-column id --label-column label --text-column text --embedder tfidf "
    "--embedder-options terms=50"
)
TABLE = "--columns a,b --scale standard"
PARQUET = "--vector-column vector"
PICTURES = "--image-column picture --embedder perceptual"
# What is said of how to work, in two lines that go together.
HOW = "--threads 2 --cache {out}/cache --catalog {out}/catalog.sqlite"
SHOWN = "--verbose --log {out}/log"
QUIET = "--no-cache --json --quiet"
REDUCED = "--dims 3 --normalize --whiten --seed 3"
PROJECTED = "--dims 3 --reduction random"
EXPORTED = "--export lightly --name mine --copy-to {out}/copies --link-to {out}/links"


def on_spaces(times, out, own=""):
    """Lines that read `times` spaces by every setting of a space."""
    return [
        f"{' '.join([source] * times)} {flags} {out} {own}"
        for source, flags in (
            ("vectors.npy", f"{VECTORS} --seed 3 --queries 100 {HOW} {SHOWN}"),
            ("texts.csv", f"{TEXTS} {QUIET}"),
            ("texts.csv", TABLE),
            ("table.parquet", PARQUET),
            ("pictures.csv", PICTURES),
        )
    ]


OUT = "--out {out}/made"
RUNS = {
    "select": [
        f"vectors.npy {VECTORS} --n 5 {OUT} {HOW} {SHOWN} {REDUCED} --strategy diversity "
        "--start first --random-draws 20 --queries 100 --map-points 100 --map pacmap --space "
        "--template brief --strict",
        f"texts.csv {TEXTS} --fraction 0.5 {OUT} --no-report {QUIET}",
        f"texts.csv {TABLE} --n 5 {OUT} --no-report --min-distance 0.01 --datapool ids:0",
        f"table.parquet {PARQUET} {PROJECTED} --n 5 {OUT} --no-report",
        f"pictures.csv {PICTURES} --n 5 {OUT} --no-report",
        f"pictures --embedder perceptual --n 3 {OUT} --no-report --follow-links {EXPORTED} "
        "--objects boxes.csv --select-by both",
        f"clips --embedder perceptual --n 3 {OUT} --no-report --frames",
        f"video --embedder perceptual --n 3 {OUT} --no-report --fps 2",
        f"--config job.toml {OUT}",
    ],
    "measure": [
        f"vectors.npy {VECTORS} --selection picked.txt {OUT} {HOW} {SHOWN} {REDUCED} "
        "--random-draws 20 --queries 100 --map-points 100 --map pacmap --space "
        "--template brief --strict --ignore-unknown",
        f"texts.csv {TEXTS} --selection picked.txt {OUT} {QUIET}",
        f"texts.csv {TABLE} --selection picked.txt {OUT} --datapool ids:0",
        f"table.parquet {PARQUET} {PROJECTED} --selection picked.txt {OUT}",
        f"pictures.csv {PICTURES} --id-column id --selection picked.txt {OUT} --ignore-unknown",
        f"pictures --embedder perceptual --selection two.txt {OUT} --follow-links {EXPORTED} "
        "--objects boxes.csv",
        f"clips --embedder perceptual --selection frame.txt {OUT} --frames",
        f"video --embedder perceptual --selection seconds.txt {OUT} --fps 2",
        f"--config job.toml --selection picked.txt {OUT}",
    ],
    "inspect": [
        "vectors.npy --ids ids.txt --catalog {out}/catalog.sqlite " + SHOWN,
        "texts.csv --id-column id --label-column label --text-column text --json --quiet",
        f"texts.csv {TABLE}",
        f"table.parquet {PARQUET}",
        "pictures.csv --image-column picture",
        "pictures --follow-links",
        "clips --frames",
        "video --fps 2",
        "--config job.toml",
    ],
    "embed": [
        f"vectors.npy {VECTORS} {HOW} {SHOWN} {REDUCED} --strict --dtype float16 -o {{out}}/v.npy",
        f"texts.csv {TEXTS} {QUIET} -o {{out}}/v.npy",
        f"texts.csv {TABLE} -o {{out}}/v.npy",
        f"table.parquet {PARQUET} {PROJECTED} -o {{out}}/v.npy",
        f"pictures.csv {PICTURES} -o {{out}}/v.npy",
        "pictures --embedder perceptual --follow-links -o {out}/v.npy",
        "clips --embedder perceptual --frames -o {out}/v.npy",
        "video --embedder perceptual --fps 2 -o {out}/v.npy",
        "--config job.toml -o {out}/v.npy",
    ],
    "evaluate": [*on_spaces(1, OUT), f"texts.csv --labels label {OUT}"],
    "compare": [*on_spaces(2, OUT), f"texts.csv texts.csv --labels label {OUT}"],
    "drift": on_spaces(2, OUT, "--n 2 --clusters 3"),
    "neighbors": [
        *on_spaces(1, "", "--vector query.npy -k 2")[:1],
        *on_spaces(1, "", "--text sea -k 2")[1:2],
        *on_spaces(1, "", "--item 3 --index hnsw")[2:4],
        *on_spaces(1, "", "--image pictures/2.png")[4:],
    ],
    "explore": on_spaces(1, "--out {out}/page.html", "--map pca -k 3 --points 100 --thumbnails 5"),
    "compare-selections": ["run other --out {out}/both --template brief --json"],
    "report": ["run --out {out}/again.pdf --template brief"],
    "init": ["{out}/job.toml"],
    "strategies": [""],
    "schema": ["--markdown"],
    "cache ls": ["--cache {out}/cache"],
    "cache size": ["--cache {out}/cache"],
    "cache clear": ["--cache {out}/cache"],
    "spaces add": [
        "added texts.csv --as data-set --catalog {out}/catalog.sqlite",
        f"--replace v vectors.npy {VECTORS} {HOW} --data-set words --experiment first "
        "--model wide --parameter lr=1 --trained-on words",
        f"t texts.csv {TEXTS} --no-cache",
        f"c texts.csv {TABLE}",
        f"p table.parquet {PARQUET}",
        f"i pictures.csv {PICTURES}",
    ],
    "spaces ls": ["--catalog {out}/catalog.sqlite --as data-set --json"],
    "spaces show": ["words --check --catalog {out}/catalog.sqlite"],
    "spaces rm": ["gone --catalog {out}/catalog.sqlite"],
}


def commands(command, path=()):
    """Every command of the command line, by its words."""
    below = getattr(command, "commands", None)
    if below is None:
        return {" ".join(path): command}
    found = {}
    for name, sub in below.items():
        found |= commands(sub, (*path, name))
    return found


COMMANDS = commands(typer.main.get_command(app))


@pytest.fixture(autouse=True)
def _logging_as_before():
    """Commands replace the handlers of the log, with streams that end with the runner."""
    log = logging.getLogger("curate")
    handlers, level = log.handlers, log.level
    yield
    for handler in log.handlers:
        if handler not in handlers:
            handler.close()
    log.handlers = handlers
    log.setLevel(level)


def invoke(words):
    """Run curate in this process; what it raises is raised here."""
    done = CliRunner().invoke(app, shlex.split(words), catch_exceptions=False)
    assert done.exit_code == 0, f"curate {words}\n{done.output}"
    return done


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """One of each kind of source, all small."""
    folder = tmp_path_factory.mktemp("every-flag")
    rng = np.random.default_rng(5)
    vectors = rng.normal(size=(N, 6)).astype(np.float32)
    np.save(folder / "vectors.npy", vectors)
    np.save(folder / "query.npy", vectors[:1])
    (folder / "ids.txt").write_text("".join(f"{row}\n" for row in range(N)))
    (folder / "picked.txt").write_text("1\n7\n20\n")
    words = ["sea", "hill", "river", "wood", "town"]
    lines = [
        f"{row},{'xy'[row % 2]},{a:.3f},{b:.3f},{' '.join(rng.choice(words, 4))}"
        for row, (a, b) in enumerate(vectors[:, :2])
    ]
    (folder / "texts.csv").write_text("\n".join(["id,label,a,b,text", *lines, ""]))
    ids = [str(row) for row in range(N)]
    pq.write_table(pa.table({"id": ids, "vector": vectors.tolist()}), folder / "table.parquet")
    for place in ("pictures", "clips/one", "clips/two"):
        (folder / place).mkdir(parents=True)
        for number in range(8):
            pixels = rng.integers(0, 255, (24, 24, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / place / f"{number}.png")
    rows = [f"{number},pictures/{number}.png" for number in range(8)]
    (folder / "pictures.csv").write_text("\n".join(["id,picture", *rows, ""]))
    (folder / "two.txt").write_text("1.png\n3.png\n")
    (folder / "seconds.txt").write_text("clip.mp4/000001.000.jpg\n")
    (folder / "frame.txt").write_text("one/1.png\ntwo/3.png\n")
    boxes = [f"{number}.png,1,1,12,12,thing" for number in range(8)]
    (folder / "boxes.csv").write_text("\n".join(["image,x,y,width,height,label", *boxes, ""]))
    (folder / "job.toml").write_text(
        '[data]\nsource = "vectors.npy"\n[select]\nn = 3\n[measure]\nrandom_draws = 20\n'
    )
    write_video(folder / "video" / "clip.mp4", rng)
    catalog = f"--catalog {folder}/catalog.sqlite"
    for line in (
        f"select {folder}/vectors.npy --n 3 --out {folder}/run",
        f"select {folder}/vectors.npy --n 3 --out {folder}/other --strategy random",
        f"spaces add words {folder}/texts.csv --as data-set {catalog}",
        f"spaces add gone {folder}/texts.csv --as data-set {catalog}",
    ):
        invoke(line)
    return folder


def write_video(path, rng):
    """Three seconds of noise, ten frames a second."""
    av = pytest.importorskip("av")
    path.parent.mkdir()
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width = stream.height = 64
        for _ in range(30):
            pixels = rng.integers(0, 255, (64, 64, 3), dtype=np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())


@pytest.mark.parametrize("command", COMMANDS)
def test_every_flag_has_a_line(command):
    """A flag that no line of RUNS uses fails here, by name."""
    used = {word for line in RUNS[command] for word in shlex.split(line)}
    flags = [one.opts for one in COMMANDS[command].params if one.param_type_name == "option"]
    assert [names for names in flags if not used & set(names)] == []


@pytest.mark.parametrize(
    ("command", "line"), [(command, line) for command in RUNS for line in RUNS[command]]
)
def test_every_flag_runs(command, line, data, tmp_path, monkeypatch):
    """No valid value of a flag ends in an internal error, or in any other."""
    monkeypatch.chdir(data)
    shutil.copy(data / "catalog.sqlite", tmp_path)
    invoke(f"{command} {line.format(out=tmp_path)}")


@pytest.mark.parametrize("command", ["evaluate", "explore"])
def test_settings_of_the_environment_are_checked_like_flags(command, tmp_path, monkeypatch):
    """The environment gives text: a number becomes one, and what is none is refused."""
    monkeypatch.chdir(tmp_path)
    np.save(tmp_path / "x.npy", np.random.default_rng(0).normal(size=(30, 3)))
    with monkeypatch.context() as environment:
        environment.setenv("CURATE_THREADS", "1")
        invoke(f"{command} x.npy")
    for name, value in (("threads", "none"), ("seed", "-1"), ("queries", "5")):
        with monkeypatch.context() as environment:
            environment.setenv(f"CURATE_{name.upper()}", value)
            with pytest.raises(RequestError, match=f"^{name} is '{value}'"):
                invoke(f"{command} x.npy")


def test_threads_of_a_space_in_a_real_process(tmp_path):
    """The same through the entry point that users call."""
    np.save(tmp_path / "x.npy", np.random.default_rng(0).normal(size=(30, 3)))
    done = run("evaluate", "x.npy", "--threads", 2, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
