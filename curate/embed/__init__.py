"""Dataset -> Embeddings: one file an embedder, listed in `embedders.EMBEDDERS`."""
