"""The saved documents and the facts they refer to."""
