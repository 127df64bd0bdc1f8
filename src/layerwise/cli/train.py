"""layerwise train"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from layerwise.cli import option
from layerwise.cli.complaint import complain
from layerwise.cli.option import DATA, MODEL, RUN, TRAINING
from layerwise.cli.show import quoted, show_json, show_table, silent

if TYPE_CHECKING:
    from layerwise.jobs.train import Outcome


def _flag(panel: str, metavar: str, text: str) -> Any:
    return typer.Option(metavar=metavar, help=text, rich_help_panel=panel)


def train(
    data: Annotated[
        str | None,
        typer.Argument(
            metavar="DATASET|FILE|FOLDER",
            help="digits, mnist, fashion_mnist, cifar10, svhn, or a .csv or .npz file, or a folder of images in a folder for each class.",
            show_default=False,
        ),
    ] = None,
    data_folder: option.DataFolder = None,
    label: Annotated[str | None, _flag(DATA, "COLUMN", "Column of a table to predict, by name or number.")] = None,
    target: Annotated[str | None, _flag(DATA, "KIND", "What that column holds: class or number (default: class).")] = None,
    ignore: Annotated[str | None, _flag(DATA, "COLUMNS", "Columns of a table to leave out, with commas.")] = None,
    image_size: Annotated[str | None, _flag(DATA, "SIDE", "Of a folder of images: stretch them to this side, or HEIGHT,WIDTH.")] = None,
    channels: Annotated[str | None, _flag(DATA, "N", "Of a folder of images: 1 for grey, 3 for colours.")] = None,
    val: Annotated[
        str | None, _flag(DATA, "N", "Examples held out to validate: a count, or a share below 1 (default: by the data set).")
    ] = None,
    test: Annotated[str | None, _flag(DATA, "N", "Examples of a file held out to test, likewise (default: 0.15).")] = None,
    split: Annotated[
        str | None, _flag(DATA, "HOW", "Held out as stratified, random or last rows (default: stratified; the last of cifar10).")
    ] = None,
    preprocess: Annotated[
        str | None,
        _flag(DATA, "STEPS", "scale, center, standardize or none, with commas (default: scale,center for images, else standardize)."),
    ] = None,
    augment: Annotated[
        str | None, _flag(DATA, "CHANGES", "Of training images, at random: flip, shift, crop, with commas, or none (default: none).")
    ] = None,
    model: Annotated[
        str | None,
        _flag(MODEL, "NAME", "softmax, svm, two-layer, fully-connected, three-layer-conv, conv or autoencoder (default: fully-connected)."),
    ] = None,
    hidden: Annotated[str | None, _flag(MODEL, "WIDTHS", "Widths of the hidden layers, with commas (default: 100).")] = None,
    blocks: Annotated[
        str | None,
        _flag(MODEL, "BLOCKS", 'Layers of a conv net, with commas: "conv 32 3x3, max_pool 2, batchnorm, relu".'),
    ] = None,
    normalization: Annotated[str | None, _flag(MODEL, "NAME", "none, batchnorm or layernorm in the hidden layers (default: none).")] = None,
    noise: Annotated[str | None, _flag(MODEL, "SCALE", "Noise on an autoencoder's inputs in training (default: 0).")] = None,
    activation: Annotated[
        str | None, _flag(MODEL, "NAME", "relu, leaky_relu, elu, gelu, sigmoid, tanh or softplus (default: relu).")
    ] = None,
    dropout: Annotated[str | None, _flag(MODEL, "SHARE", "Share of activations dropped in training (default: 0).")] = None,
    weight_scale: Annotated[
        str | None,
        _flag(MODEL, "SCALE", "Initial weights: a standard deviation, or he_normal, glorot_uniform, ... (default: by the model)."),
    ] = None,
    bias: Annotated[str | None, _flag(MODEL, "KIND", "vector, or ones: a column of ones in the data (default: vector).")] = None,
    loss: Annotated[
        str | None,
        _flag(MODEL, "NAME", "softmax or svm for classes; squared, absolute, huber or binary_cross_entropy for numbers."),
    ] = None,
    rule: Annotated[
        str | None,
        _flag(TRAINING, "NAME", "sgd, sgd_momentum, nesterov, rmsprop, adagrad, adadelta, adam, adamw or nadam (default: adam)."),
    ] = None,
    lr: Annotated[str | None, _flag(TRAINING, "RATE", "Learning rate (default: by the rule).")] = None,
    lr_decay: Annotated[str | None, _flag(TRAINING, "FACTOR", "Factor on the rate after each epoch (default: 1).")] = None,
    schedule: Annotated[
        str | None,
        _flag(
            TRAINING,
            "NAME",
            "constant, exponential, step, cosine, warmup or reduce_on_plateau; options by --set schedule_options.NAME=VALUE.",
        ),
    ] = None,
    epochs: Annotated[str | None, _flag(TRAINING, "N", "Passes through the training set (default: 10, for small sets up to 100).")] = None,
    steps: Annotated[str | None, _flag(TRAINING, "N", "Stop after so many steps, instead of --epochs.")] = None,
    batch: Annotated[str | None, _flag(TRAINING, "N", "Examples a step; 0 takes all (default: 100, or a tenth of a small set).")] = None,
    reg: Annotated[str | None, _flag(TRAINING, "λ", "Penalty: adds ½ λ Σw² to the loss (default: 0).")] = None,
    reg_l1: Annotated[str | None, _flag(TRAINING, "λ", "Penalty: adds λ Σ|w| to the loss (default: 0).")] = None,
    clip_norm: Annotated[str | None, _flag(TRAINING, "NORM", "Largest norm of a step's gradient (default: any).")] = None,
    patience: Annotated[
        str | None, _flag(TRAINING, "N", "Stop after so many epochs without a better validation figure (default: never).")
    ] = None,
    resume: Annotated[Path | None, _flag(RUN, "RUN", "Go on with a run that was stopped, to the same bits.")] = None,
    no_preflight: Annotated[
        bool, typer.Option("--no-preflight", help="Do not look for what would keep the net from learning first.", rich_help_panel=RUN)
    ] = False,
    no_figures: Annotated[bool, typer.Option("--no-figures", help="Draw nothing.", rich_help_panel=RUN)] = False,
    seed: option.Seed = None,
    threads: option.Threads = None,
    config: option.Config = None,
    assignments: option.Assignments = None,
    output: option.Output = None,
    overwrite: option.Overwrite = False,
    as_json: option.Json = False,
    quiet: option.Quiet = False,
    no_progress: option.NoProgress = False,
    debug: option.Debug = False,
    version: option.Version = False,
) -> int:
    """Train a net on a data set, or on a table of your own. Writes a run folder with the model and its figures.

    Every flag is also a variable (LAYERWISE_LR=0.1) and a line of a --config file; a flag wins over a variable, and that over a file.
    """
    from layerwise.jobs import train as job
    from layerwise.jobs.setting import flag, resolve
    from layerwise.train.progress import progress

    flags: dict[str, Any] = dict(  # noqa: C408 - as the signature has them
        data=data, data_folder=data_folder, label=label, target=target, ignore=ignore, image_size=image_size,
        channels=channels, val=val, test=test, preprocess=preprocess, augment=augment,
        model=model, hidden=hidden, blocks=blocks, normalization=normalization, noise=noise, activation=activation, dropout=dropout,
        weight_scale=weight_scale, bias=bias, loss=loss, rule=rule, lr=lr, lr_decay=lr_decay, schedule=schedule, epochs=epochs,
        steps=steps, batch=batch, reg=reg, reg_l1=reg_l1, clip_norm=clip_norm, patience=patience, seed=seed, threads=threads,
    )  # fmt: skip
    callbacks = [] if quiet or as_json or no_progress else [progress()]
    say: Callable[[str], object] = silent if quiet or as_json else print
    if resume is not None:
        fixed = {flag(key): value for key, value in flags.items()}
        fixed |= {"--config": config, "--set": assignments or None, "--output": output, "--overwrite": overwrite or None}
        if changed := [name for name, value in fixed.items() if value is not None]:
            raise ValueError(f"--resume goes on with the settings of the run: leave out {', '.join(changed)}")
        outcome = job.resume(resume, callbacks=callbacks, figures=not no_figures, say=say)
    else:
        if overwrite and output is None:
            raise ValueError("--overwrite has no effect without --output FOLDER: each run gets a new folder")
        settings = resolve(flags, config=config, assignments=assignments or ())
        outcome = job.train(
            settings,
            output=output,
            overwrite=overwrite,
            callbacks=callbacks,
            figures=not no_figures,
            preflight=not no_preflight and say is not silent,
            say=say,
        )
    return _show(outcome, as_json, say)


def _show(outcome: "Outcome", as_json: bool, say: Callable[[str], object]) -> int:
    """A table that ends in test accuracy and time, and where to look, or JSON; the exit code."""
    if as_json:
        figures = [str(path) for path in outcome.figures]
        show_json({**outcome.results, "interrupted": bool(outcome.interrupted), "folder": str(outcome.folder), "figures": figures})
    elif say is not silent:
        from layerwise.report.outcome import rows_of
        from layerwise.report.text import results_table

        told_last = {"stopped"} if outcome.interrupted or outcome.diverged else set()
        show_table(results_table([row for row in rows_of(outcome.results) if row[0] not in told_last], title="Result"))
        if not outcome.diverged and not outcome.interrupted:
            way = (
                'layerwise.load(".../model")'
                if "test_reconstruction" in outcome.results
                else f"layerwise predict {quoted(outcome.folder)} FILE"
            )
            say(f"Model in {outcome.folder}; use it with: {way}")
        if outcome.figures:
            names = sorted(path.name for path in outcome.figures if path.suffix == ".png")
            say(f"Pictures in {outcome.figures[0].parent}: {', '.join(names)}")
        if outcome.report:
            say(f"Report in {outcome.report}")
        elif outcome.figures_note:
            say(f"No pictures: {outcome.figures_note}")
    if outcome.interrupted:
        way_on = f"; go on with: layerwise train --resume {quoted(outcome.folder)}" if outcome.resumable else ""
        complain(f"{outcome.interrupted}, in {outcome.folder}{way_on}")
        return 130
    if outcome.diverged:
        complain(f"{outcome.results['stop_reason']} They are in {outcome.folder}")
        return 1
    return 0
