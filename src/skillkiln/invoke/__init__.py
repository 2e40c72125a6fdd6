"""The one way to call a release: find, check, run, record."""
