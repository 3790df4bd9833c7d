"""Picture, sound and film files: read, write, probe, measure."""
