"""Curves as pictures in files, by matplotlib."""
