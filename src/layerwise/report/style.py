"""How every figure looks: its width, letters, colours and title. The one place that imports matplotlib."""

import functools
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ParamSpec

from layerwise.errors import missing_extra
from layerwise.storage.atomic import replacing

try:
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.colors import LinearSegmentedColormap, PowerNorm
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties, fontManager
    from matplotlib.patches import Rectangle
    from matplotlib.scale import LogScale, SymmetricalLogScale
    from matplotlib.textpath import text_to_path
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator, StrMethodFormatter
except ImportError as error:
    raise missing_extra("Figures need matplotlib", "plot") from error

WIDTH = 3.3  # inches: one of two columns of a page
MARGIN = 0.06
LINE = 0.15  # inches from one line of 8 points to the next
BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#8C8C8C"
OKABE_ITO = [BLUE, ORANGE, "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#F0E442"]
LINES = ("-", "--", "-.", ":")  # a second sign beside the colour
MARKED_LINES = ("o-", "s--", "^:", "D-.")
SHARE_COLOURS = LinearSegmentedColormap.from_list("share", ["#FFFFFF", "#9CCBE6", BLUE, "#00314F"])
VALUE_COLOURS = matplotlib.colormaps["viridis"]
WEIGHT_COLOURS = matplotlib.colormaps["cividis"]
FALLBACK_FONTS = (  # for letters that DejaVu Sans has not; those that the system has are used, in this order
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Hiragino Sans",
    "PingFang SC",
    "Yu Gothic",
    "Microsoft YaHei",
    "Noto Sans",
    "Arial Unicode MS",
)
STYLE = {
    "agg.path.chunksize": 10_000,
    "axes.axisbelow": True,
    "axes.formatter.useoffset": False,
    "axes.grid": True,
    "axes.labelsize": 8,
    "axes.linewidth": 0.6,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.constrained_layout.h_pad": MARGIN,
    "figure.constrained_layout.w_pad": MARGIN,
    "figure.dpi": 300,
    "figure.titlesize": 9,
    "figure.titleweight": "bold",
    "font.size": 8,
    "grid.color": "#E6E6E6",
    "grid.linewidth": 0.5,
    "legend.borderaxespad": 0.0,
    "legend.fontsize": 8,
    "legend.frameon": False,
    "legend.handlelength": 1.4,
    "lines.linewidth": 1.3,
    "lines.markersize": 3.5,
    "savefig.dpi": 300,
    "svg.hashsalt": "layerwise",
    "text.parse_math": False,
    "xtick.labelsize": 8,
    "xtick.major.size": 2.5,
    "xtick.major.width": 0.6,
    "ytick.labelsize": 8,
    "ytick.major.size": 2.5,
    "ytick.major.width": 0.6,
}

P = ParamSpec("P")

__all__ = [  # with what the figures need of matplotlib, which is imported here alone
    "BLUE",
    "Figure",
    "FigureCanvasAgg",
    "FuncFormatter",
    "GREY",
    "LINE",
    "LINES",
    "MARKED_LINES",
    "LogLocator",
    "LogScale",
    "MARGIN",
    "MaxNLocator",
    "NullLocator",
    "OKABE_ITO",
    "ORANGE",
    "PowerNorm",
    "Rectangle",
    "SHARE_COLOURS",
    "StrMethodFormatter",
    "SymmetricalLogScale",
    "VALUE_COLOURS",
    "WEIGHT_COLOURS",
    "WIDTH",
    "panels",
    "save",
    "set_title",
    "shortened",
    "styled",
    "width_of",
    "wrapped",
]


def save(figure: Figure, path_stem: str | Path) -> list[Path]:
    """Writes `path_stem`.png and `path_stem`.svg, each whole or not at all, and returns their paths."""
    stem = Path(path_stem)
    paths = [stem.with_name(f"{stem.name}.{kind}") for kind in ("png", "svg")]
    with in_style():
        for path, metadata in zip(paths, ({"Software": None}, {"Date": None}), strict=True):
            with replacing(path) as temporary:
                figure.savefig(temporary, metadata=metadata)
    return paths


def styled(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """Draws in this package's style, whatever the reader's own settings of matplotlib are, and settles the layout, which would
    else move a little with every saving."""

    @functools.wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> Figure:
        with in_style():
            figure = draw(*args, **kwargs)
            if figure.get_layout_engine() is not None:
                figure.draw_without_rendering()
                figure.set_layout_engine("none")
            return figure

    return drawn


@contextmanager
def in_style() -> Iterator[None]:
    """matplotlib's own defaults and this package's style on top; what was set before comes back."""
    with matplotlib.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph \d+ .* missing from font", UserWarning)  # is drawn as a box
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(STYLE | {"font.family": fonts()})
        yield


@functools.cache
def fonts() -> list[str]:
    """The families that letters are looked for in, in order."""
    installed = set(fontManager.get_font_names())
    return ["DejaVu Sans", *(name for name in FALLBACK_FONTS if name in installed)]


def panels(height: float, count: int, *, beside: bool = False) -> tuple[Figure, list[Any]]:
    """A figure of this height in inches, with so many axes one above the other, or beside one another with one y axis."""
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    FigureCanvasAgg(figure)
    rows, columns = (1, count) if beside else (count, 1)
    return figure, list(figure.subplots(rows, columns, squeeze=False, sharey="row" if beside else False).flat)


def set_title(figure: Figure, title: str) -> None:
    """The title at the left edge, in as many lines as it needs."""
    figure.suptitle("\n".join(wrapped(title)), x=MARGIN / WIDTH, ha="left")


def width_of(text: str, size: float = 8.0, weight: str = "normal") -> float:
    """Inches that a line takes."""
    properties = FontProperties(family=fonts(), size=size, weight=weight)
    return float(text_to_path.get_text_width_height_descent(text, properties, ismath=False)[0] / 72)


def shortened(text: str, width: float) -> str:
    """The text, or as much of its beginning as fits with an ellipsis."""
    if width_of(text) <= width:
        return text
    fitting = (f"{text[:length].rstrip()}…" for length in range(min(len(text), 60), 0, -1))
    return next((short for short in fitting if width_of(short) <= width), "…")


def wrapped(title: str) -> list[str]:
    """The title's words in lines of the figure's width."""
    lines = [""]
    for word in title.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if width_of(longer, 9.0, "bold") <= WIDTH - 2 * MARGIN or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
