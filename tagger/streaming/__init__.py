"""Inputs of any size to tagged output: cut into chunks, tagged by processes, written in order."""
