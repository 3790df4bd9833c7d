"""Kamishibai: a short story goes in, a film comes out."""
