"""`tagger evaluate --raw` as a user runs it."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, Run
from tests.training.raw_corpus import conllu

Write = Callable[[str, bytes | str], Path]
FIGURES = ["Tokens", "Sentences", "Words", "Multiword", "UPOS", "ner"]
GOLD = """\
# newdoc
# text = Anna can't wait.
1\tAnna\t_\tPROPN\t_\t_\t_\t_\t_\tNER=B-PER
2-3\tcan't\t_\t_\t_\t_\t_\t_\t_\t_
2\tca\t_\tAUX\t_\t_\t_\t_\t_\tNER=O
3\tn't\t_\tPART\t_\t_\t_\t_\t_\tNER=O
4\twait\t_\tVERB\t_\t_\t_\t_\t_\tNER=O|SpaceAfter=No
5\t.\t_\tPUNCT\t_\t_\t_\t_\t_\tNER=O

# newpar
# text = She runs.
1\tShe\t_\tPRON\t_\t_\t_\t_\t_\tNER=O
2\truns\t_\tVERB\t_\t_\t_\t_\t_\tNER=O|SpaceAfter=No
3\t.\t_\tPUNCT\t_\t_\t_\t_\t_\tNER=O

"""


def test_each_figure_has_a_line_and_all_have_a_table(
    run: Run, write: Write, tiny_model: Path
) -> None:
    write("gold.conllu", GOLD)
    shown = run("evaluate", "-m", tiny_model, "--raw", "gold.conllu")
    assert shown.returncode == 0, shown.stderr
    lines = shown.stdout.decode().splitlines()
    # the rules cut can't into ca and n't: two words right, two tokens for one
    assert lines[0] == "Tokens 80.00 conll18|f1:tokens|text:raw|paragraphs:2"
    assert lines[1] == "Sentences 100.00 conll18|f1:sentences|text:raw|paragraphs:2"
    assert lines[2] == "Words 100.00 conll18|f1:words|text:raw|paragraphs:2"
    assert lines[3] == "Multiword 0.00 multiword-f1|tokens:same-words|text:raw|paragraphs:2"
    assert re.fullmatch(r"UPOS [0-9.]+ conll18\|f1:upos\|text:raw\|paragraphs:2", lines[4])
    assert re.fullmatch(r"ner [0-9.]+ span-f1:micro\|mode:strict\|by:characters\|.*", lines[5])
    table = [line.split() for line in lines[6:] if line.strip()]
    assert table[0] == "raw text precision recall F1 aligned gold predicted".split()
    assert table[2] == "Tokens 75.00 85.71 80.00 7 8".split()
    assert [row[0] for row in table[2:]] == FIGURES
    assert len(table[6]) == 7  # with the accuracy on aligned words


def test_the_figures_as_json(run: Run, write: Write, tiny_model: Path) -> None:
    write("gold.conllu", GOLD)
    shown = run("evaluate", "-m", tiny_model, "--raw", "gold.conllu", "--json")
    scores = {score["task"]: score for score in json.loads(shown.stdout)}
    assert list(scores) == FIGURES
    tokens = scores["Tokens"]
    assert (tokens["correct"], tokens["gold"], tokens["predicted"]) == (6, 7, 8)
    assert tokens["value"] == pytest.approx(12 / 15)
    assert scores["UPOS"]["aligned"] == 8


def test_two_files_are_scored_together(run: Run, write: Write, tiny_model: Path) -> None:
    write("a.conllu", GOLD)
    shown = run("evaluate", "-m", tiny_model, "--raw", "a.conllu", "a.conllu", "--json")
    words = json.loads(shown.stdout)[2]
    assert (words["gold"], words["signature"]) == (16, "conll18|f1:words|text:raw|paragraphs:4")


def test_a_file_without_raw_text_is_wrong_usage(run: Run, write: Write, tiny_model: Path) -> None:
    write("a.conll", "Oslo\tNP\tO\nis\tVP\tB-PER\n\n" * 9)
    shown = run("evaluate", "-m", tiny_model, "--raw", "a.conll")
    assert (shown.returncode, shown.stdout) == (2, b"")
    last = shown.stderr.decode().splitlines()[-1]
    assert last.startswith(
        "error: a.conll: raw text needs CoNLL-U, or columns with `# text`, found 3"
    )
    assert last.endswith("(leave out --raw to score on the tokens as they are)")


def test_a_misspelt_gold_tag_of_a_span_is_named(run: Run, write: Write, tiny_model: Path) -> None:
    write("gold.conllu", GOLD * 9 + GOLD.replace("NER=B-PER", "NER=BPER"))
    shown = run("evaluate", "-m", tiny_model, "--raw", "gold.conllu")
    assert shown.returncode == 2
    assert b"expected O or a tag such as B-PER, found 'BPER'" in shown.stderr


def test_the_demo_corpus_is_scored_from_its_text(run: Run, tiny_model: Path) -> None:
    path = ROOT / "corpora" / "demo-en" / "dev.conllu"
    shown = run("evaluate", "-m", tiny_model, "--raw", path, "--json")
    scores = {score["task"]: score for score in json.loads(shown.stdout)}
    assert scores["Tokens"]["value"] > 0.95
    assert scores["Words"]["gold"] == scores["UPOS"]["gold"] > 100


def test_the_text_is_cut_as_the_model_learned_or_as_is_asked(
    run: Run, write: Write, toy_model: Path
) -> None:
    write("gold.conllu", conllu(30))

    def words(*options: str) -> float:
        shown = run("evaluate", "-m", toy_model, "--raw", "gold.conllu", "--json", *options)
        assert shown.returncode == 0, shown.stderr
        return float({s["task"]: s["value"] for s in json.loads(shown.stdout)}["Multiword"])

    assert words() == words("--segmenter", "learned") == 1.0
    assert words("--segmenter", "rules") == words("--segmenter", "blanks") == 0.0


def test_a_segmenter_is_for_raw_text(run: Run, write: Write, tiny_model: Path) -> None:
    write("gold.conllu", GOLD)
    shown = run("evaluate", "-m", tiny_model, "gold.conllu", "--segmenter", "rules")
    assert (shown.returncode, shown.stdout) == (2, b"")
    assert b"error: --segmenter is for --raw" in shown.stderr
    shown = run("evaluate", "-m", tiny_model, "gold.conllu", "--raw", "--segmenter", "learned")
    assert (shown.returncode, shown.stdout) == (2, b"")
    assert b"has learned no segmenter" in shown.stderr


def test_columns_with_their_text_are_scored_from_it(
    run: Run, write: Write, tiny_model: Path
) -> None:
    sentence = "# text = Ann left Oslo.\n1\tAnn\tB-PER\n2\tleft\tO\n3\tOslo\tB-LOC\n4\t.\tO\n\n"
    write("gold.iob2", sentence * 5)
    shown = run("evaluate", "-m", tiny_model, "--raw", "gold.iob2", "--json")
    scores = {score["task"]: score for score in json.loads(shown.stdout)}
    assert scores["Tokens"]["value"] == scores["Sentences"]["value"] == 1.0
    assert scores["ner"]["gold"] == 10
