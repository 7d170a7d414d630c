"""The JSON Schema of a schedule file, made from the catalogue."""
