"""Who writes a skill: one file per author behind one interface."""
