"""The selection for the tools that users have next: one file a format, and the files themselves.

`FORMATS` (formats.py) is the table; `placed.py` copies or links the picked files.
"""
