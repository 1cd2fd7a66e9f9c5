"""A command-line sequence tagger: a bidirectional LSTM for parts of speech and named entities."""

__version__ = "0.1.0"
