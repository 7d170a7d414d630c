"""The command line."""

import os

# Plugins of pydantic are looked for in the metadata of every installed package, and lrviz has none.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "1")
