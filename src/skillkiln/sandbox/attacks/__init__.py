"""Attacks on a tier: small bounded skills, each with a claim of what it would win if it worked."""
