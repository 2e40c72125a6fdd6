"""Run what nobody trusts: the interface, a file per tier, the attacks that every tier stops."""
