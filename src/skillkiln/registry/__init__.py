"""Releases: publish, resolve, search, status, folders on disk."""
