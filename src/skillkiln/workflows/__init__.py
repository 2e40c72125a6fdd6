"""The stories that join the verbs."""
