"""The trusted programs that run inside a cell: standard library only, and as small as can be."""
