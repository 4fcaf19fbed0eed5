"""The version of this package; here, so that no room imports the front page for it."""

__version__ = "0.1.0"
