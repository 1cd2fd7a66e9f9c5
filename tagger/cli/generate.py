"""`tagger generate`: text from a language model, or how likely it finds text."""

import math
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tagger.cli.console import Quiet, Verbose, command, note
from tagger.cli.options import Device, DeviceChoice, device_noting
from tagger.errors import UsageError
from tagger.streaming.kinds import ReadErrors

if TYPE_CHECKING:
    from tagger.inference.language_kinds import LanguageKind
    from tagger.sentence import Sentence
    from tagger.training.character_generation import CharacterTextModel
    from tagger.training.generation import Likelihood, TextModel


@command
def generate(
    model: Annotated[Path, typer.Argument(help="The folder of a language model.")],
    prompt: Annotated[str, typer.Option(help="Text to go on with.")] = "",
    length: Annotated[int, typer.Option(min=1, help="Words and punctuation marks.")] = 100,
    temperature: Annotated[
        float, typer.Option(min=0.0, help="Below 1 likelier text, above 1 odder one.")
    ] = 1.0,
    top_k: Annotated[
        int | None, typer.Option(min=1, help="Only from the K likeliest words or characters.")
    ] = None,
    top_p: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Only from the likeliest that make up P.")
    ] = 1.0,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Same seed, same text. [another one each time]")
    ] = None,
    score: Annotated[
        Path | None,
        typer.Option(help="Score the sentences of this text (`-`: stdin) instead of writing one."),
    ] = None,
    segmenter: Annotated[
        str | None,
        typer.Option(help="What cuts text: a model's name, or `rules`. [as in pretraining]"),
    ] = None,
    errors: Annotated[
        ReadErrors, typer.Option(help="With --score: what to do with bytes that are not UTF-8.")
    ] = ReadErrors.STRICT,
    device: Device = DeviceChoice.cpu,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Write text by a language model of `tagger pretrain`, or score text by it.

    A sentence a line. A model over characters may complete the last word of the prompt. With
    --score each sentence is written behind its perplexity (of a model over characters: bits per
    character) and a tab, as the forward model finds it by itself; `sort -rn` shows the oddest
    first. The whole text's perplexity and bits per character go to stderr.

    Examples:

    \b
        tagger generate models/lm-en --prompt "The city of" --temperature 0.8
        tagger generate models/lm-en --length 500 --top-p 0.9 --seed 7
        tagger generate models/lm-en --score news.txt | sort -rn | head
    """
    from tagger.inference.language_folder import read_language_folder

    if score is not None and prompt:
        raise UsageError("--prompt and --score contradict each other")
    if not math.isfinite(temperature):
        raise UsageError(f"--temperature: expected a finite number, found {temperature}")
    if not top_p > 0.0:
        raise UsageError("--top-p: expected more than 0 (--temperature 0 takes the likeliest)")
    files = read_language_folder(model)

    from tagger.cli.pretraining import segmenter_named
    from tagger.training.generation import Sampling
    from tagger.training.language_work import language_work

    kind = files.description.kind
    text_model = language_work(kind.name).text_model(files, str(model), device_noting(device))
    cutter = segmenter_named(segmenter or files.description.segmenter)
    if score is not None:
        from tagger.cli.pretraining import read_sentences
        from tagger.streaming.kinds import InputKind, Undecodable

        undecodable = Undecodable(errors.value)
        _score(
            text_model, kind, read_sentences([score], InputKind.AUTO, lambda: cutter, undecodable)
        )
        return
    from tagger.text.segmenters import cut_text

    cut = cut_text(prompt, cutter)
    forms = [form for sentence in cut for form in ("", *sentence.forms)][1:]
    sampling = Sampling(temperature=temperature, top_k=top_k, top_p=top_p)
    if seed is None:
        from secrets import randbelow

        seed = randbelow(2**32)
        note(f"seed {seed}")
    sys.stdout.write(prompt.rstrip())  # the first piece brings its own blank
    for piece in text_model.generate(forms, sampling, seed, length):
        sys.stdout.write(piece)
        sys.stdout.flush()
    sys.stdout.write("\n")


def _score(
    model: "TextModel | CharacterTextModel", kind: "LanguageKind", sentences: "Iterator[Sentence]"
) -> None:
    """A line per sentence: how well it is predicted and its tokens; the whole on stderr."""
    from collections import deque

    from tagger.training.generation import Likelihood

    waiting: deque[Sentence] = deque()

    def forms() -> "Iterator[tuple[str, ...]]":
        for sentence in sentences:
            if sentence.forms:
                waiting.append(sentence)
                yield sentence.forms

    whole, characters = Likelihood(0.0, 0, 0), 0
    for found in model.score(forms()):
        sentence = waiting.popleft()
        print(f"{kind.told(found.perplexity, 2)}\t{' '.join(sentence.forms)}")
        whole = Likelihood(
            whole.nats + found.nats, whole.tokens + found.tokens, whole.unknown + found.unknown
        )
        characters += sum(map(len, sentence.forms)) + len(sentence.forms)
    if not whole.tokens:
        raise UsageError("--score: expected text, found none")
    note(_summary(whole, kind, characters))


def _summary(whole: "Likelihood", kind: "LanguageKind", characters: int) -> str:
    bits = whole.nats / math.log(2) / characters
    return (
        f"{whole.tokens:,} {kind.tokens}, ends of sentences included: perplexity "
        f"{whole.perplexity:.2f}, {bits:.3f} bits per character; "
        f"{100 * whole.unknown / whole.tokens:.1f} % unknown, each scored as one unknown "
        f"{kind.name.removesuffix('s')}"
    )
