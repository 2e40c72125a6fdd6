"""The agents' door: find, describe and invoke skills, report gaps."""
