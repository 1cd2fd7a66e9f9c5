"""Tagged sentences to text: CoNLL-U, TSV, JSON lines, or the lines they were read from."""
