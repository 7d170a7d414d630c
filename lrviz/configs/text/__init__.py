"""The text of a config -> nodes with positions: YAML as each program reads it, JSON, TOML, Python, shell."""
