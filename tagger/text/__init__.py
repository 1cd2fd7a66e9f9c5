"""Raw text to sentences and tokens, each with its place in the text."""
