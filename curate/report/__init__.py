"""Numbers -> Report -> report.json and report.pdf.

This file stays empty of imports: reading a report (`load`, `model`) must not wait for
ReportLab and matplotlib, which only drawing one needs.
"""
