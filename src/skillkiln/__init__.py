"""Skillkiln: AI agents write, prove, sign, release, serve and retire their own skills."""
