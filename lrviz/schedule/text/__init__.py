"""What a schedule file is written in: YAML, expressions, numbers, records, and what was probably meant."""
