"""What all parts of report.json have in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """Base of every part: each field has its docstring, numbers are finite.

    What a later minor version adds is passed over.
    """

    model_config = ConfigDict(
        extra="ignore",
        frozen=True,
        from_attributes=True,
        use_attribute_docstrings=True,
        allow_inf_nan=False,
    )
