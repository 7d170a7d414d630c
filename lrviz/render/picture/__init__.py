"""Curves as picture files (PNG, SVG, PDF), drawn with matplotlib."""
