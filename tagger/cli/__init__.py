"""The command line: one file per command, each thin: options, one call, show."""
