"""What a user can mend: each error is one sentence saying where, what was expected, what was found.

Nothing here prints. The command line shows a `TaggerError` as one line and ends with exit code 2;
every other exception is a bug and keeps its traceback.
"""

LONGEST_PROBLEM = 400  # characters: a word of a corpus may be longer than any screen


def shortened(problem: str) -> str:
    """The problem, its middle left out where it is very long."""
    if len(problem) <= LONGEST_PROBLEM:
        return problem
    half = LONGEST_PROBLEM // 2 - 20
    return f"{problem[:half]} [… {len(problem) - 2 * half:,} characters …] {problem[-half:]}"


class TaggerError(Exception):
    """Something that the user can mend; its text is the whole message."""


class UsageError(TaggerError):
    """Options that contradict each other or name something that is not there."""


class SettingsError(TaggerError):
    """A settings file or value that cannot be used."""


class ModelError(TaggerError):
    """A folder that is not a usable model."""


class EmptyCorpusError(TaggerError):
    """A corpus file without anything in it."""


class VectorsError(TaggerError):
    """A file that cannot be read as word vectors."""


class CorpusError(TaggerError):
    """A place in a corpus file that cannot be read as what it should be.

    `line` and `column` count from 1; `column` counts fields, not characters.
    """

    def __init__(self, path: str, line: int, column: int, problem: str) -> None:
        problem = shortened(problem)
        super().__init__(f"{path}:{line}:{column}: {problem}")
        self.path = path
        self.line = line
        self.column = column
        self.problem = problem

    def __reduce__(self) -> tuple[object, ...]:
        """Pickled by its parts: worker processes raise it too."""
        return type(self), (self.path, self.line, self.column, self.problem)
