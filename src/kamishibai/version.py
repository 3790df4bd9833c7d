"""The version of Kamishibai."""

__version__ = "0.1.0"
