"""Curves as pictures in a terminal, drawn in braille or ASCII."""
