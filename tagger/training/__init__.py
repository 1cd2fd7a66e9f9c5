"""Sentences to weights: settings, batches, optimisation, the loop and its state."""
