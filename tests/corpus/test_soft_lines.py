"""JSON lines with probabilities, made by any tool."""

import gzip
from pathlib import Path

import pytest

from tagger.corpus.soft_lines import has_distributions, read_soft_lines
from tagger.errors import CorpusError

LINE = '{"tokens": ["Ann", "sleeps"], "distributions": {"upos": [{"N": 0.9, "X": 0.1}, {"V": 1}]}}'


def test_tokens_and_probabilities_come_line_by_line_also_compressed(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(f"\n{LINE}\n \n{LINE}\n".encode()))
    assert has_distributions(str(path))
    found = [*read_soft_lines(str(path))]
    assert [sentence.forms for sentence in found] == [("Ann", "sleeps")] * 2
    assert found[0].distributions == {"upos": [{"N": 0.9, "X": 0.1}, {"V": 1.0}]}


@pytest.mark.parametrize("content", ["", "a\tN\n", '{"tokens": ["a"], "upos": ["N"]}\n'])
def test_other_files_are_not_of_this_kind(tmp_path: Path, content: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(content, encoding="utf-8")
    assert not has_distributions(str(path))


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{", "expected {tokens, distributions} of a sentence: "),
        ('{"tokens": ["a"]}', "missing required field `distributions`"),
        ('{"tokens": [], "distributions": {}}', "expected tokens of at least a character each"),
        ('{"tokens": ["a"], "distributions": {"x": []}}', "expected 1 distributions of 'x', found"),
        ('{"tokens": ["a"], "distributions": {"x": [{"N": 1.5}]}}', "`float` <= 1.0"),
        ('{"tokens": ["a"], "distributions": {"x": [{"N": 0.8, "V": 0.8}]}}', "'x', token 1, that"),
        ('{"tokens": ["a"], "distributions": {"x": [{"N": 0}]}}', "up to 1, found 0"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, line: str, problem: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(f"{LINE}\n{line}\n", encoding="utf-8")
    with pytest.raises(CorpusError) as raised:
        [*read_soft_lines(str(path))]
    assert f"{path}:2:1: " in str(raised.value)
    assert problem in str(raised.value)
