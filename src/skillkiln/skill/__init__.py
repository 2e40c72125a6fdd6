"""What an artefact is: contract, manifest, version, status machine, digest, SKILL.md. Pure."""
