"""The frame of the HTML page: head, colours, foot. It needs nothing from outside and no script.

Colours: Okabe and Ito (2008), "Color Universal Design", told apart also by the colour-blind. They
are laid thinly under the text, so that text has good contrast on a light and on a dark page; the
label stands beside each span, so that a colour alone never says anything.
"""

from zlib import adler32

PALETTE = (  # red, green, blue
    (230, 159, 0),
    (86, 180, 233),
    (0, 158, 115),
    (240, 228, 66),
    (0, 114, 178),
    (213, 94, 0),
    (204, 121, 167),
)
OPACITY = 0.2
LIGHT = ((255, 255, 255), (26, 26, 26))  # page, text
DARK = ((24, 24, 24), (236, 236, 236))

_STYLE = """\
:root { color-scheme: light dark; --page: LIGHT_PAGE; --text: LIGHT_TEXT }
@media (prefers-color-scheme: dark) { :root { --page: DARK_PAGE; --text: DARK_TEXT } }
body { max-width: 46rem; margin: 0 auto; padding: 1rem; font: 1.0625rem/1.9 system-ui, sans-serif;
  background: rgb(var(--page)); color: rgb(var(--text)); overflow-wrap: anywhere }
h2 { font-size: 1.1rem; margin: 2rem 0 0 }
p { margin: .5rem 0; white-space: pre-wrap }
mark { color: inherit; background: rgb(var(--c) / OPACITY);
  border-bottom: .15em solid rgb(var(--c)); border-radius: .2em; padding: .1em .2em }
small { font-size: .7em; font-weight: 600; unicode-bidi: isolate;
  -webkit-user-select: none; user-select: none }
"""


def colour_class(label: str) -> str:
    """The class of a label's colour, the same in every run; labels may share one.

    >>> [colour_class(label) for label in ("PER", "LOC", "ORG", "MISC")]
    ['c3', 'c1', 'c0', 'c2']
    """
    return f"c{adler32(label.encode(errors='surrogatepass')) % len(PALETTE)}"


def page_head() -> str:
    """Everything up to the first sentence."""
    return (
        '<!doctype html>\n<html>\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Tagged text</title>\n<style>\n{_style()}</style>\n</head>\n<body>\n<main>\n"
    )


def page_foot() -> str:
    """Everything behind the last sentence."""
    return "</main>\n</body>\n</html>\n"


def _style() -> str:
    style = _STYLE.replace("OPACITY", str(OPACITY))
    for name, colours in (("LIGHT", LIGHT), ("DARK", DARK)):
        for part, colour in zip(("PAGE", "TEXT"), colours, strict=True):
            style = style.replace(f"{name}_{part}", _rgb(colour))
    return style + "".join(f".c{i} {{ --c: {_rgb(c)} }}\n" for i, c in enumerate(PALETTE))


def _rgb(colour: tuple[int, int, int]) -> str:
    return " ".join(map(str, colour))
