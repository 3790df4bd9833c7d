"""What the back-ends made from diffusers share: opening a pipeline, following its steps, checking what it made."""
