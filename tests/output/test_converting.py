"""Corpora from one format to another: what is carried over, what stands where it stood."""

from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings

from tagger.corpus.conllu import read_conllu_text
from tagger.corpus.files import open_corpus_file
from tagger.corpus.json_lines import read_json_lines
from tagger.output.converting import Converter, Rewriter, survey, write_brat
from tagger.output.formats import FormatName, find_format
from tagger.schemes import convert_tags
from tagger.sentence import Sentence
from tests.conftest import sentence
from tests.corpus.generated import conllu_blocks, files
from tests.corpus.test_files import READABLE
from tests.output.samples import FIXTURES

UD = "1\tAda\tada\tPROPN\tNNP\tCase=Nom\t0\troot\t_\tNER=B-PER\n\n"


def blocks_of(path: Path) -> list[Sentence]:
    return list(open_corpus_file(path).with_empty())


def written(writer: Converter | Rewriter, sentences: list[Sentence]) -> str:
    return "".join([writer.header(), *map(writer.text, sentences), writer.footer()])


def converted(name: str, *sources: list[Sentence]) -> str:
    """All sentences of the sources in a format."""
    sentences = [sentence for source in sources for sentence in source]
    return written(Converter(find_format(name), survey(sentences)), sentences)


def fixture(name: str, to: str) -> str:
    return converted(to, blocks_of(FIXTURES / name))


def conllu(text: str, path: str = "a.conllu") -> list[Sentence]:
    return list(read_conllu_text(text, path))


def columns(tmp_path: Path, content: str, name: str = "a.conll") -> list[Sentence]:
    path = tmp_path / name
    path.write_bytes(content.encode())
    return blocks_of(path)


@pytest.mark.parametrize("name", READABLE)
def test_what_is_written_as_it_was_read_is_the_same(name: str) -> None:
    blocks = blocks_of(FIXTURES / name)
    assert written(Rewriter(blocks[0]), blocks).encode() == (FIXTURES / name).read_bytes()


@settings(max_examples=40, deadline=None)
@given(text=files(conllu_blocks()))
def test_any_conllu_is_written_as_it_was_read(text: str) -> None:
    blocks = conllu(text)
    assert written(Rewriter(blocks[0]), blocks) == text


@settings(max_examples=40, deadline=None)
@given(first=files(conllu_blocks()), second=files(conllu_blocks()))
def test_two_files_one_behind_the_other_have_the_sentences_of_both(first: str, second: str) -> None:
    both = conllu(first) + conllu(second, "b.conllu")
    text = written(Rewriter(both[0]), both)
    assert [s.forms for s in conllu(text) if s.forms] == [s.forms for s in both if s.forms]
    assert "\ufeff#" not in text[1:]
    assert "\n\ufeff1\t" not in text


def test_columns_survey_has_the_usual_first_and_knows_spans() -> None:
    style = survey(
        [sentence("a b", ner="O B-X", xpos="N _"), sentence("c", my="x", upos="X"), sentence("d")]
    )
    assert style.columns == ("upos", "xpos", "ner", "my")
    assert style.spans == {"ner"}


COLUMNS_IN = "# newdoc id = d\n# text = Ada!\n# sent_id = 1\nAda\tNNP\tB-PER\n!\t.\tO\n\n"


@pytest.mark.parametrize(
    ("to", "expected"),
    [
        (
            "conllu",
            "# newdoc id = d\n# sent_id = 1\n# text = Ada!\n"
            "1\tAda\t_\t_\tNNP\t_\t_\t_\t_\tSpaceAfter=No|NER=B-PER\n"
            "2\t!\t_\t_\t.\t_\t_\t_\t_\tNER=O\n\n",
        ),
        (
            "conllup",
            "# global.columns = ID FORM XPOS NER\n# newdoc id = d\n# sent_id = 1\n# text = Ada!\n"
            "1\tAda\tNNP\tB-PER\n2\t!\t.\tO\n\n",
        ),
        ("pairs", "Ada/NNP/B-PER !/./O\n"),
        ("inline", "[PER Ada/NNP] !/.\n"),
        ("entities", "Ada\tPER\t0\t3\t\n"),
        (
            "spacy",
            '{"text":"Ada!","tokens":[{"text":"Ada","start":0,"end":3,"id":0,"ws":false,'
            '"tag":"NNP"},{"text":"!","start":3,"end":4,"id":1,"ws":false,"tag":"."}],'
            '"spans":[{"start":0,"end":3,"label":"PER","token_start":0,"token_end":0}],'
            '"sents":[{"start":0,"end":4}]}\n',
        ),
    ],
)
def test_columns_in_another_format(tmp_path: Path, to: str, expected: str) -> None:
    blocks = columns(tmp_path, COLUMNS_IN)
    style = survey([sentence("a", xpos="X", ner="B-X")])
    assert written(Converter(find_format(to), style), blocks) == expected


@pytest.mark.parametrize("to", list(FormatName))
@pytest.mark.parametrize(
    "name", ["docstart.conll", "every_kind_of_line.conllu", "wikiner.pairs", "germeval_nested.tsv"]
)
def test_every_format_is_written_and_holds_every_token(name: str, to: str) -> None:
    text = fixture(name, to)
    forms = [form for block in blocks_of(FIXTURES / name) for form in block.forms]
    if to not in ("entities", "brat"):
        assert [form for form in forms if form not in text] == []
    else:
        assert "Oslo" in text or "marché" in text


@pytest.mark.parametrize("to", ["conllu", "conllup", "conll", "pairs", "spacy", "jsonl"])
@pytest.mark.parametrize("name", ["docstart_at_end.conll", "uner.iob2", "wikiner.pairs"])
def test_what_is_converted_reads_back_the_same(tmp_path: Path, name: str, to: str) -> None:
    path = tmp_path / f"x.{to}"
    path.write_text(fixture(name, to), encoding="utf-8", newline="\n")
    before = [s for s in blocks_of(FIXTURES / name) if s.forms]
    after = [s for s in blocks_of(path) if s.forms]
    assert [s.forms for s in after] == [s.forms for s in before]
    if to == "spacy":  # spans, not tags
        before = [s.with_columns({"ner": tuple(convert_tags(ner_of(s), "IOB2"))}) for s in before]
    assert list(map(ner_of, after)) == list(map(ner_of, before))


def ner_of(sentence: Sentence) -> tuple[str, ...]:
    return sentence.columns["ner"]


def test_marks_of_documents_are_carried_over_in_both_directions() -> None:
    lines = fixture("docstart.conll", "conllu").splitlines()
    assert [line for line in lines if line[:1] == "#"] == [
        *("# newdoc", "# text = Ada visited Oslo .", "# newdoc", "# text = Rain fell")
    ]
    back = fixture("every_kind_of_line.conllu", "conll").splitlines()
    assert back[:3] == ["-DOCSTART-", "", "Il\tPRON\tCLS\tNumber=Sing|Person=3\t_"]


def test_a_mark_at_the_end_of_a_document_begins_the_next() -> None:
    lines = fixture("docstart_at_end.conll", "conllu").splitlines()
    at = lines.index("# newdoc")
    assert lines[at + 1] == "# text = Rain fell"
    assert lines.count("# newdoc") == 1


def test_marks_of_conll_2012_are_carried_over_and_ends_are_none() -> None:
    blocks = blocks_of(FIXTURES / "conll2012_of_one_width.conll")
    text = converted("conllup", blocks, blocks)
    assert text.count("# newdoc\n") == 2
    assert text.count("document") == 0


def test_every_document_of_json_lines_is_one() -> None:
    texts = ("Ada ran.\\nRain fell.", "Bob ran.")
    lines = [f'{{"text": "{text}", "spans": []}}' for text in texts]
    read = list(read_json_lines(lines, "a.jsonl"))
    marked = [b[:8] for b in converted("conllu", read).split("\n\n") if b]
    assert marked == ["# newdoc", "# text =", "# newdoc"]
    assert converted("conll", read).split("\n\n")[0] == "-DOCSTART-"
    assert "DOCSTART" not in converted("tsv", read)


def test_comments_wait_for_a_sentence_and_are_not_lost_at_the_end(tmp_path: Path) -> None:
    content = "# a\n\nx\tB-X\nz\tO\n\n# b\n\n# c\ny\tO\nz\tO\n\n# end\n"
    text = converted("conllu", columns(tmp_path, content))
    rows = "1\t{}\t_\t_\t_\t_\t_\t_\t_\tNER={}\n2\tz\t_\t_\t_\t_\t_\t_\t_\tNER=O\n\n"
    assert text == (
        f"# a\n# text = x z\n{rows.format('x', 'B-X')}"
        f"# b\n# c\n# text = y z\n{rows.format('y', 'O')}# end\n\n"
    )
    assert converted("pairs", columns(tmp_path, content)) == "x/B-X z/O\ny/O z/O\n"


def test_a_column_that_a_sentence_lacks_is_filled(tmp_path: Path) -> None:
    first = columns(tmp_path, "Ada/NNP ran/VBD\n" * 3, "a.pairs")
    second = columns(tmp_path, "Bob\tB-PER\nwon\tO\n\n", "b.conll")
    lines = converted("conll", first[:1], second).splitlines()
    assert lines == ["Ada\tNNP\t_", "ran\tVBD\t_", "", "Bob\t_\tB-PER", "won\t_\tO", ""]


def test_columns_of_two_widths_become_columns_of_one(tmp_path: Path) -> None:
    first = columns(tmp_path, "Ada NNP NP B-PER\nran VBD VP O\n\n", "a.conll")
    second = columns(tmp_path, "1\tBob\tB-PER\n2\twon\tO\n\n", "b.conll")
    text = converted("conll", first, second)
    assert {line.count("\t") for line in text.splitlines() if line} == {
        len(survey([*first, *second]).columns)
    }


def test_conllu_among_others_keeps_its_lines_in_its_place(tmp_path: Path) -> None:
    header = "# global.columns = ID FORM LEMMA UPOS XPOS FEATS HEAD DEPREL DEPS MISC\n"
    kept = conllu(f"\ufeff{header}{UD}".rstrip("\n"))
    other = columns(tmp_path, "Bob\tB-PER\nwon\tO\n\n-DOCSTART-\tO\n\n")
    text = converted("conllu", other, kept, other[:1])
    begin, ud, end = text.partition("1\tAda")
    assert begin.endswith("NER=O\n\n# newdoc\n")
    assert ud + end == UD + begin.removesuffix("# newdoc\n")


def test_a_new_column_is_named_where_the_columns_are_named(tmp_path: Path) -> None:
    content = "\ufeff# global.columns = FORM NER\r\na\tB-X\r\n\r\nb\tO\r\n"
    blocks = columns(tmp_path, content, "a.conllup")
    tagged = [s.with_columns({"my": ("m",), "ner": ("O",)}) for s in blocks]
    assert written(Rewriter(blocks[0], ["ner", "my"]), tagged) == (
        "\ufeff# global.columns = FORM NER MY\r\na\tO\tm\r\n\r\nb\tO\tm\r\n"
    )
    last = written(Rewriter(blocks[0]), blocks[1:])
    assert last == "\ufeff# global.columns = FORM NER\r\nb\tO\r\n"


def test_blank_lines_may_stand_before_the_line_that_names_the_columns(tmp_path: Path) -> None:
    blocks = columns(tmp_path, "\n \n# global.columns = FORM NER\na\tB-X\n\nb\tO\n")
    assert written(Rewriter(blocks[0]), blocks[1:]) == ("\n \n# global.columns = FORM NER\nb\tO\n")
    twice = written(Rewriter(blocks[0]), [*blocks, *blocks])
    assert twice.count("# global") == 1
    assert twice.endswith("b\tO\n\na\tB-X\n\nb\tO\n")


def test_in_conllu_no_column_is_named_anew() -> None:
    blocks = blocks_of(FIXTURES / "every_kind_of_line.conllu")
    header, lf, _ = (FIXTURES / "every_kind_of_line.conllu").read_bytes().partition(b"\n")
    assert Rewriter(blocks[0], ["ner", "my"]).header().encode() == header + lf


def test_without_a_block_there_is_nothing_to_write() -> None:
    assert written(Rewriter(None), []) == ""
    assert converted("conllu", []) == ""


def test_pairs_follow_one_another_without_a_blank_line(tmp_path: Path) -> None:
    first = columns(tmp_path, "Ada/NNP ran/VBD", "a.pairs")
    second = columns(tmp_path, "\ufeffBob/NNP won/VBD\n", "b.pairs")
    text = written(Rewriter(first[0]), [*first, *second, *first])
    assert text == "Ada/NNP ran/VBD\n\nBob/NNP won/VBD\nAda/NNP ran/VBD"


def test_brat_annotations_point_into_the_text_that_is_written_beside() -> None:
    sentences = [
        sentence("Ada Lee ran", ner="B-PER I-PER O"),
        sentence(""),
        sentence("in Oslo", ner="O B-LOC"),
    ]
    annotations, text = BytesIO(), BytesIO()
    write_brat(sentences, survey(sentences), annotations, text)
    assert text.getvalue() == b"Ada Lee ran\nin Oslo\n"
    assert annotations.getvalue() == b"T1\tPER 0 7\tAda Lee\nT16\tLOC 15 19\tOslo\n"
