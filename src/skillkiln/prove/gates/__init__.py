"""The gates: one check a file, each with one idea, none knowing another."""
