"""`python -m lrviz`."""

from lrviz.cli.main import main

if __name__ == "__main__":
    main()
