"""Tagged sentences to text: one module per format, and the lines that sentences were read from."""
