"""Torch modules, tensors in, tensors out: what is learned. Nothing here reads files or strings."""
