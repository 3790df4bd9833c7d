"""Pure functions that judge measured facts."""
