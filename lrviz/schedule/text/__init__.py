"""The text of a schedule file: YAML, expressions, values, records, and suggestions for misspelt names."""
