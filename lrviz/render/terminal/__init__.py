"""Curves as pictures in a terminal, in letters."""
