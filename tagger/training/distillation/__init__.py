"""Learning from a teacher: raw text, what a teacher says of it, and how a student reads that.

`texts` chooses sentences of raw text, `teachers` label them, or somebody else has (`given`);
`labels` keeps what they say on disk, and `corpus` gives it to a student in its own terms.
"""
