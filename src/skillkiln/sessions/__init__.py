"""Recordings of agents at work, read as one small model of turns and tool calls."""
