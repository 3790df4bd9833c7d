"""Reading English well enough to stage it: word tables, a small tagger, clauses, and who is meant by "she"."""
