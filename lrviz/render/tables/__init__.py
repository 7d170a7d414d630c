"""Printed output: tables, the catalogue's pages and short answers, for people and for programs."""
