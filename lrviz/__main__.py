"""The command `lrviz`, and `python -m lrviz`: ready for Ctrl-C before it imports anything that takes time."""

from __future__ import annotations

import os


def main() -> None:
    """Runs the command line and exits with its status; quietly with 130 where Ctrl-C comes first."""
    try:
        from lrviz.cli.signals import attend

        attend(_run)
    except KeyboardInterrupt:
        os._exit(130)


def _run() -> None:
    from lrviz.cli.main import main

    main()


if __name__ == "__main__":
    main()
