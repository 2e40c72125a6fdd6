"""`python -m skillkiln` is the `skillkiln` command."""

from skillkiln.cli.main import run

if __name__ == "__main__":
    run()
