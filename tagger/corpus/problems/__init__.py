"""All that is wrong with corpus files: each finding with its place, its code and how to mend it."""
