"""A real run from recorded sessions to a live skill, on data that differs by seed."""
