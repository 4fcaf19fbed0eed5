"""What the strategies may be told that select alone: they cannot be combined, only filtered."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from curate.select.spec import Spec


class FacilityLocation(Spec):
    """Each pick lowers the mean coverage distance most. Lazy greedy, exact up to 20,000 items;
    above, on a uniform sample of as many, or of ten a pick."""

    name: Literal["facility-location"] = "facility-location"
    when = "every item should have a pick near it on average; dense regions get more picks"
    cost = "n²·d, at most that of the sample"
    example = "facility-location"


class KMedoids(Spec):
    """Facility location's picks, exchanged for others as long as that lowers the mean coverage
    distance (FasterPAM); above 20,000 items on a uniform sample of as many.
    Needs pip install "curate-select[kmedoids]"."""

    name: Literal["k-medoids"] = "k-medoids"
    when = "the mean coverage distance is all that counts, and the data are not too many"
    cost = "n²·d time and 4·n² bytes, at most those of the sample"
    example = "k-medoids"


class Deduplicate(Spec):
    """Keeps items until every other one is closer than a distance to a kept one. Without n it
    keeps as many as that takes. dropped.csv has the kept one of each dropped item."""

    name: Literal["deduplicate"] = "deduplicate"
    distance: float = Field(gt=0)
    """Items closer than this to a kept one are dropped; 1e-9 drops exact duplicates alone."""
    when = "near-duplicates should go, and nothing else"
    cost = "a fraction of n·k·d, k being what is kept"
    example = "deduplicate:distance=0.1"
    main = "distance"

    @property
    def counts_itself(self) -> bool:
        return True


class Sequence(Spec):
    """Whole runs of consecutive items, as different as possible by their mean embeddings. n counts
    items; what is less than a run, at the end of a group or of n, is left out."""

    name: Literal["sequence"] = "sequence"
    length: int = Field(ge=1)
    """How many consecutive items, in the order of the source, are a run."""
    column: str | None = Field(default=None, min_length=1)
    """Column whose value is the same all through a run: the video, or the folder."""
    when = "frames of video are of use only with their neighbours"
    cost = "as diversity, of n / length means"
    example = "sequence:length=10,column=video"
    main = "length"
