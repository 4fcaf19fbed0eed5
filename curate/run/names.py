"""Names of the catalogue in a job, replaced by the paths that they stand for.

Done before anything is read. A path that exists wins over a name. The settings that a
catalogue entry holds say how its source is read; a setting of the job wins over them.
"""

from __future__ import annotations

from curate.catalog.store import named_entry
from curate.schema.job import Job, make_job
from curate.schema.strategies import Similarity, Spec


def resolve_names(job: Job, *, source: bool = True, datapool: bool = True) -> Job:
    """The job with paths in place of names, of its source, datapool and query sets.

    source, datapool  False where these are in memory, so that their words are no names
    Raises RequestError for the name of an experiment, which holds no items, and DataError
    where the catalogue cannot be used.
    """
    catalog = job.data.catalog
    found = job.given()
    if source and (entry := named_entry(job.data.source, catalog)) is not None:
        found = {"name": entry.name, **entry.settings, **found, "source": entry.source}
    if datapool and (entry := named_entry(job.select.datapool, catalog)) is not None:
        found["datapool"] = entry.source
    if any(isinstance(spec, Similarity) for spec in job.select.strategy):
        found["strategy"] = [_resolved(spec, catalog) for spec in job.select.strategy]
    return make_job(found)


def _resolved(spec: Spec, catalog: str | None) -> Spec:
    """The strategy, with the path of its query set if that is a name."""
    entry = named_entry(spec.query, catalog) if isinstance(spec, Similarity) else None
    return spec if entry is None else spec.model_copy(update={"query": entry.source})
