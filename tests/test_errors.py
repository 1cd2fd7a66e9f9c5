"""Errors: the place and the problem, short enough to be read."""

import pickle

from tagger.errors import LONGEST_PROBLEM, CorpusError, shortened


def test_a_problem_of_usual_length_stays_as_it_is() -> None:
    assert shortened("x" * LONGEST_PROBLEM) == "x" * LONGEST_PROBLEM


def test_the_middle_of_a_very_long_problem_is_left_out_and_counted() -> None:
    short = shortened("expected a word, found '" + "x" * 300_000 + "' in it")
    assert len(short) <= LONGEST_PROBLEM
    assert short.startswith("expected a word, found 'xxx")
    assert short.endswith("xxx' in it")
    assert " [… 299,671 characters …] " in short
    assert shortened(short) == short


def test_an_error_that_was_pickled_says_the_same() -> None:
    error = CorpusError("a.conll", 3, 2, "found " + "y" * 1000)
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error)
    assert (again.path, again.line, again.column) == ("a.conll", 3, 2)
