"""Models of every kind, and what they are asked."""
