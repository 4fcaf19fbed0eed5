"""Fonts that ship with the package; licences are in NOTICE. There is no code here."""
