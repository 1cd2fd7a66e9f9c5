"""Corpus files to sentences and back: CoNLL-U, column files, and finding out which one it is."""
