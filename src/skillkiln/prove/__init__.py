"""Gates: each looks at a candidate in the sandbox and returns a finding."""
