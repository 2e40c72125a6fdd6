"""Scores evidence from 0 to 10 with a table that a person can check."""
