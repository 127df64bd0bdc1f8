"""layerwise export"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from layerwise.cli import option
from layerwise.cli.complaint import complain
from layerwise.cli.option import DATA, SHOWN
from layerwise.cli.show import quoted, show_json
from layerwise.report.label import printable

if TYPE_CHECKING:
    from layerwise.jobs.export import Exported

FORMAT = "Format"


def export(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a run, or the stem of a saved model.", show_default=False)],
    onnx: Annotated[
        bool, typer.Option("--onnx", help="ONNX of opset 17, preprocessing included: for other runtimes.", rich_help_panel=FORMAT)
    ] = False,
    sklearn: Annotated[
        bool, typer.Option("--sklearn", help="A Python file that makes scikit-learn's MLP, fitted.", rich_help_panel=FORMAT)
    ] = False,
    numpy: Annotated[bool, typer.Option("--numpy", help="One Python file that predicts with NumPy alone.", rich_help_panel=FORMAT)] = False,
    data_folder: Annotated[
        str | None,
        typer.Option(
            "--data", metavar="FOLDER", help="Where the files of the run's data set are, if they have moved.", rich_help_panel=DATA
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="The file to write (default: beside the model).", rich_help_panel=SHOWN)
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace that file if it is there.", rich_help_panel=SHOWN)] = False,
    as_json: option.Json = False,
    quiet: option.Quiet = False,
    debug: option.Debug = False,
    version: option.Version = False,
) -> int:
    """Write a trained model in another format, and prove on 100 examples that the file predicts the same.

    A file that does not is not kept, and the exit code is 1.
    """
    from layerwise.errors import ExportError
    from layerwise.jobs.export import export as job

    chosen = [name for name, wanted in (("onnx", onnx), ("sklearn", sklearn), ("numpy", numpy)) if wanted]
    if not chosen:
        raise ValueError("export to which format? Give --onnx, --sklearn or --numpy (or several).")
    if output is not None and len(chosen) > 1:
        raise ValueError(f"--output {output} is one file, but {len(chosen)} formats are asked for: give them one by one.")
    done: list[Exported] = []
    try:
        for to in chosen:
            done.append(job(run, to, output, overwrite=overwrite, data_folder=data_folder))
            if not quiet and not as_json:
                _show(done[-1])
    except ExportError as error:
        complain(str(error))
        return 1
    if as_json:
        show_json({"files": [exported.as_dict() for exported in done]})
    return 0


def _show(exported: "Exported") -> None:
    """Where the file is and how it was proved; how a script is used."""
    from layerwise.export import FORMATS

    proof = exported.proof
    print(f"{FORMATS[exported.to].title} in {exported.path}")
    print(printable(f"Proved on {proof.examples} {exported.examples}: it says what the model says, to {proof.difference:.1e}"))
    if exported.path.suffix == ".py":
        print(f"Use it with: python {quoted(exported.path)} EXAMPLES.npy")
