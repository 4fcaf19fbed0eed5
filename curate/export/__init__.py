"""The selection as files of other tools, embeddings as files, and copies of the picked files.

`FORMATS` (formats.py) is the table of the tools; vectors.py writes embeddings, copy_files.py
copies or links the picked files.
"""
