"""Weights of generative models as files and facts: families, presets, checkpoints on this machine. No torch here."""
