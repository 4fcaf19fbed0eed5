"""Help for tests of reading: one way to check a refusal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from curate.data import ReadOptions, read
from curate.errors import CurateError

Refused = Callable[..., str]


@pytest.fixture
def refused() -> Refused:
    """Reading fails with exactly `error`; one line that has `words` and ends with what to do."""

    def check(error: type[CurateError], source: Path, *words: str, **options: Any) -> str:
        with pytest.raises(error) as caught:
            read(source, ReadOptions(**options))
        assert type(caught.value) is error
        message = str(caught.value)
        assert "\n" not in message
        assert len(message) < 600
        assert message.endswith((".", "?"))
        for word in words:
            assert word in message, message
        return message

    return check
