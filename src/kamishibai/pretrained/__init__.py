"""What the back-ends on torch share: its set-up, and models of transformers opened, placed and given back."""
