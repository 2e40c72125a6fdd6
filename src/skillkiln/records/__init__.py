"""The frozen values that travel between verbs. Pure: no I/O, no clock, no vendor but pydantic."""
