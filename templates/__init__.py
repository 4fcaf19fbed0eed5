"""Report layouts and job templates as flat TOML, shipped as `curate.templates`.

There is no code here: files are read by `importlib.resources.files("curate.templates")`.
"""
