"""What this machine can run on, and how a model is fitted into its memory."""
