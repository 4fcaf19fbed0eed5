"""Twelve small jobs, how their inputs are made, and what of their output is recorded.

A job is a list of command lines. They run one after the other in a workspace, a folder with

  samples/   the samples of this repository
  made/      tiny inputs, made below by arithmetic alone
  NAME/      what the job NAME writes

so that no path in any output depends on where the workspace is. A record has five parts:

  ids          file of ids -> the ids, in order
  values       JSON file, page or table -> path -> value: every number, id and label
  pdf_numbers  PDF -> every number on its pages
  pdf_text     PDF -> the text of each page; for people, never compared
  settings     report.json -> its key `job`; for people, never compared

Left out are sentences, and what depends on time, place or versions. Of an array of more than
LONG numbers a summary is kept: length, first values, sum and sum of squares.
"""

from __future__ import annotations

import base64
import csv
import gzip
import itertools
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from PIL import Image
from pypdf import PdfReader

from tree import ROOT

FOLDER = Path(__file__).resolve().parent
LONG, FIRST = 1_000, 20

Record = dict[str, dict[str, Any]]

DEFINITIONS = "made/definitions.csv"
TEXTS = ["--text-column", "text", "--id-column", "id"]
UNLABELLED = ["made/unlabelled.csv", *TEXTS, "--label-column", "topic"]
TWO_SPACES = [
    f"{DEFINITIONS},name=static",
    f"{DEFINITIONS},name=tfidf,embedder=tfidf",
    *TEXTS,
    "--labels",
    "topic",
]

JOBS: dict[str, list[list[str]]] = {
    # images with labels, by cosine distance; equal items, outliers, every page of the PDF
    "images": [["select", "samples/clipart", "--n", "100", "--out", "images"]],
    # two sources; a product of factors behind a threshold, on columns that curate computes
    "combined": [
        [
            *("select", "samples/clipart/animals", "samples/clipart/tools", "--n", "40"),
            *("--strategy", "diversity", "--strategy", "typicality:strength=0.5"),
            *("--strategy", "balance:source=uniform", "--strategy", "weights:contrast"),
            *("--strategy", "threshold:sharpness>500", "--out", "combined"),
        ]
    ],
    # texts, with the page that judges their space
    "texts": [
        [
            *("select", DEFINITIONS, *TEXTS, "--label-column", "topic", "--n", "80"),
            *("--space", "--out", "texts"),
        ]
    ],
    # vectors with ids, by cosine distance; more items than some measures and the maps take
    "words": [
        [
            *("select", "samples/words/vectors.npy", "--ids", "samples/words/words.txt"),
            *("--fraction", "0.1", "--metric", "cosine", "--map-points", "1500"),
            *("--out", "words"),
        ]
    ],
    # Euclidean distance, a reduction, and items that were chosen before
    "datapool": [
        [
            *("select", "made/words.npy", "--ids", "made/words.txt", "--n", "120"),
            *("--metric", "euclidean", "--dims", "16", "--datapool", "made/pool.npy"),
            *("--out", "datapool"),
        ]
    ],
    # boxes in images, one of them outside its image
    "objects": [
        [
            *("select", "samples/clipart/animals", "--n", "20", "--objects", "made/boxes.csv"),
            *("--select-by", "both", "--out", "objects"),
        ]
    ],
    # folders of frames, of which whole runs are selected
    "frames": [
        [
            *("select", "made/frames", "--frames", "--n", "24", "--embedder", "perceptual"),
            *("--strategy", "sequence:length=4,column=video", "--out", "frames"),
        ]
    ],
    "evaluate": [["evaluate", *TWO_SPACES, "--out", "evaluate"]],
    "compare": [["compare", *TWO_SPACES, "--out", "compare"]],
    "drift": [
        ["drift", "samples/clipart/animals", "samples/clipart/food", "--n", "10", "--out", "drift"]
    ],
    # the page of a run
    "explore": [
        ["select", "samples/clipart/food", "--n", "15", "--no-report", "--out", "explore/picks"],
        [
            *("measure", "samples/clipart/food", "--selection", "explore/picks/selected.txt"),
            *("--out", "explore/run"),
        ],
        ["explore", "explore/run", "--out", "explore/page.html"],
    ],
    # two selections side by side, of texts of which some have no label and some are set aside
    "comparison": [
        ["select", *UNLABELLED, "--n", "40", "--out", "comparison/diverse"],
        [
            *("select", *UNLABELLED, "--n", "40", "--strategy", "random", "--no-report"),
            *("--out", "comparison/picked"),
        ],
        [
            *("measure", *UNLABELLED, "--selection", "comparison/picked/selected.txt"),
            *("--template", "brief", "--out", "comparison/measured"),
        ],
        [
            *("compare-selections", "comparison/diverse", "comparison/measured"),
            *("--out", "comparison/both"),
        ],
    ],
}


# --- inputs ---------------------------------------------------------------------------------


def make_workspace(folder: Path) -> Path:
    """`folder` with samples/ and made/ in it."""
    (folder / "samples").symlink_to(ROOT / "samples", target_is_directory=True)
    made = folder / "made"
    made.mkdir()
    _make_texts(made)
    _make_vectors(made)
    _make_boxes(made / "boxes.csv")
    _make_frames(made / "frames")
    return folder


def _make_texts(made: Path) -> None:
    """700 definitions; and 300, of which some have no label, no text or the id of another."""
    source = ROOT / "samples" / "definitions" / "definitions.csv"
    with source.open(encoding="utf-8", newline="") as stream:
        head, *rows = itertools.islice(csv.reader(stream), 701)
    _write_table(made / "definitions.csv", [head, *rows])
    fewer = [
        [id_, "" if at in (50, 120) else text, "" if at % 6 == 0 else topic, words]
        for at, (id_, text, topic, words) in enumerate(rows[:300])
    ]
    fewer[200][0] = fewer[10][0]
    _write_table(made / "unlabelled.csv", [head, *fewer])


def _make_vectors(made: Path) -> None:
    """1,200 of the word vectors with their words; and a datapool of 25 words, moved a little."""
    vectors = np.load(ROOT / "samples" / "words" / "vectors.npy")
    words = (ROOT / "samples" / "words" / "words.txt").read_text(encoding="utf-8").split("\n")
    np.save(made / "words.npy", vectors[:1200])
    (made / "words.txt").write_text("\n".join(words[:1200]) + "\n", encoding="utf-8")
    pool = vectors[:1200:50].copy()  # (24, d)
    pool[1:] += np.float32(0.125)  # the first one equals an item of the data
    np.save(made / "pool.npy", pool)


def _make_boxes(file: Path) -> None:
    """Up to two boxes in two of three pictures of animals, in pixels, and one box outside."""
    folder = ROOT / "samples" / "clipart" / "animals"
    rows: list[list[Any]] = [["image", "x", "y", "width", "height", "label"]]
    for at, path in enumerate(sorted(folder.iterdir())):
        with Image.open(path) as image:
            width, height = image.size
        if at % 3:
            rows.append([path.name, 0, 0, width // 2, height // 2, "corner"])
        if at % 3 == 2:
            rows.append([path.name, width // 4, height // 4, width // 2, height // 2, "middle"])
    rows.append([rows[1][0], 100_000, 100_000, 5, 5, "corner"])
    _write_table(file, rows)


def _make_frames(folder: Path) -> None:
    """Three videos of 24 frames: a square that moves over a ground that changes."""
    for video, colour in enumerate([(220, 40, 40), (40, 180, 60), (50, 60, 220)]):
        path = folder / f"video{video}"
        path.mkdir(parents=True)
        for number in range(24):
            pixels = np.full((48, 64, 3), 250 - 7 * number, dtype=np.uint8)
            x, y = 2 * number, (video + 1) * number % 30
            pixels[y : y + 16, x : x + 12 + 2 * video] = colour
            Image.fromarray(pixels).save(path / f"frame{number:03}.png")


def _write_table(file: Path, rows: list[list[Any]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(rows)


# --- running --------------------------------------------------------------------------------


def run_job(name: str, workspace: Path) -> Record:
    """Run the commands of a job as processes of their own, and record what they wrote."""
    for words in JOBS[name]:
        done = subprocess.run(
            [sys.executable, "-m", "curate", *words],
            cwd=workspace,
            env=_environment(),
            capture_output=True,
            text=True,
            timeout=300,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        if done.returncode != 0:
            raise AssertionError(f"curate {' '.join(words)} ended with {done.stderr}")
    return record_of(workspace / name)


def _environment() -> dict[str, str]:
    """The code of this checkout, unless PYTHONPATH names another one first.

    No settings of the user; cache and catalogue are those of the workspace, where it runs.
    """
    own = {name: value for name, value in os.environ.items() if not name.startswith("CURATE_")}
    return own | {
        "PYTHONPATH": os.pathsep.join(filter(None, [own.get("PYTHONPATH"), str(ROOT)])),
        "PYTHONHASHSEED": "0",
        "CURATE_CACHE": "cache",
        "CURATE_CATALOG": "catalog.sqlite",
    }


# --- from an output folder to a record ------------------------------------------------------

# Keys of JSON that are left out, whatever holds them.
VOLATILE = {
    "job",  # settings, among them places; kept aside
    "timings",
    "made",  # of reports about spaces: command, versions, time, host
    "command",
    "versions",
    "created",
    "host",
    "schema_version",
    "curate",  # its version, in compare.json
    "version",  # the same on the page of `curate explore`
    "run",  # where a compared run is
    "pictures",  # of the page: JPEG bytes, which depend on the library
}
SENTENCES = {"note", "notes", "finding", "formula", "reason", "detail", "undefined", "title"}
ID_FILES = {"selected.txt", "cover.txt"}
ARRAYS = {"u2": "<u2", "u4": "<u4", "i4": "<i4", "f4": "<f4", "f8": "<f8"}


def record_of(folder: Path) -> Record:
    """What is recorded of all that lies in `folder`, in subfolders too."""
    record: Record = {"ids": {}, "values": {}, "pdf_numbers": {}, "pdf_text": {}, "settings": {}}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        if path.name in ID_FILES:
            record["ids"][name] = path.read_text(encoding="utf-8").splitlines()
        elif path.name in ("report.json", "compare.json"):
            tree = json.loads(path.read_text(encoding="utf-8"))
            record["values"][name] = flattened(tree)
            if "job" in tree:
                record["settings"][name] = tree["job"]
        elif path.name == "items.parquet":
            record["values"][name] = flattened(pq.read_table(path).to_pydict())
        elif path.suffix == ".html":
            record["values"][name] = flattened(embedded_in(path))
        elif path.suffix == ".pdf":
            pages = [page.extract_text() for page in PdfReader(path).pages]
            record["pdf_text"][name] = pages
            record["pdf_numbers"][name] = numbers_in(pages)
    return record


def flattened(tree: Any, path: str = "") -> dict[str, Any]:
    """Path -> value for all that is compared; a list of plain values is one value."""
    if isinstance(tree, dict):
        if path.endswith("reasons"):  # phrase -> count: only the counts
            return {path: sorted(tree.values())}
        if set(tree) == {"type", "data"}:  # an array on the page of `curate explore`
            raw = np.frombuffer(base64.b64decode(tree["data"]), ARRAYS[tree["type"]])
            return {path: _short([None if value != value else value for value in raw.tolist()])}
        found: dict[str, Any] = {}
        for key, value in tree.items():
            if key not in VOLATILE and key not in SENTENCES:
                found |= flattened(value, f"{path}.{key}" if path else key)
        return found
    if isinstance(tree, list) and any(isinstance(value, dict | list) for value in tree):
        found = {}
        for at, value in enumerate(tree):
            found |= flattened(value, f"{path}[{at}]")
        return found
    return {path: _short(tree) if isinstance(tree, list) else tree}


def _short(values: list[Any]) -> Any:
    """The values; of many numbers, with gaps or without, only a summary."""
    numbers = [value for value in values if value is not None]
    if len(values) <= LONG or not all(isinstance(value, int | float) for value in numbers):
        return values
    array = np.array(numbers, dtype=np.float64)
    return {
        "length": len(values),
        "gaps": len(values) - len(numbers),
        "first": values[:FIRST],
        "sum": float(array.sum()),
        "sum_of_squares": float((array**2).sum()),
    }


def embedded_in(page: Path) -> Any:
    """The data that a page of `curate explore` holds."""
    html = page.read_text(encoding="utf-8")
    found = re.search(r"<script[^>]*>\s*(\{.*?)</script>", html, re.DOTALL)
    assert found is not None, f"{page} holds no data"
    return json.loads(found[1])


NUMBER = re.compile(r"[-−]?[0-9][0-9,]*(?:\.[0-9]+)?%?")


def numbers_in(pages: list[str]) -> list[str]:
    """Every word of the text that is a number, sorted; not the page number at the foot.

    Versions (1.2.3) and file names have no numbers in this sense.
    """
    found = []
    for page in pages:
        text = re.sub(r"\n\d+ of \d+\s*$", "", page)
        for word in text.split():
            bare = word.strip("()[]:;,.…+±σ=")
            if NUMBER.fullmatch(bare):
                found.append(bare.replace("−", "-"))
    return sorted(found)


# --- files of records -----------------------------------------------------------------------


def recording(name: str) -> Path:
    """Where the record of a job is kept."""
    return FOLDER / f"{name}.json.gz"


def save(record: Record, file: Path) -> None:
    """The same bytes for the same record: keys are sorted and no time is stored."""
    text = json.dumps(record, sort_keys=True, ensure_ascii=False, separators=(",", ":"), indent=0)
    with (
        file.open("wb") as raw,
        gzip.GzipFile("", "wb", compresslevel=9, fileobj=raw, mtime=0) as packed,
    ):
        packed.write(text.encode())


def load(file: Path) -> Record:
    with gzip.open(file, "rt", encoding="utf-8") as stream:
        record: Record = json.load(stream)
    return record
