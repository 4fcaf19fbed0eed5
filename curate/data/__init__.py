"""Any source becomes a Dataset: folders of images, texts, tables and vectors.

`read(path)` decides by the suffix (`readers.READERS`), `from_array(vectors)` takes
what is in memory already, `content_keys` and `fingerprint` say what was read.
"""

from curate.data.arrays import from_array
from curate.data.fingerprint import content_keys, fingerprint
from curate.data.options import ReadOptions
from curate.data.registry import read

__all__ = ["ReadOptions", "content_keys", "fingerprint", "from_array", "read"]
