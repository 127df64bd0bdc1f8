"""layerwise train"""

from pathlib import Path
from typing import Annotated, Any

import typer

from layerwise.cli import option
from layerwise.cli.show import show_outcome, silent
from layerwise.jobs import train as job
from layerwise.jobs.setting import resolve
from layerwise.train.progress import progress

TRAINING = "Training"
MODEL = "Model"
DATA = "Data"


def train(
    data: Annotated[
        str | None, typer.Argument(metavar="DATASET|FILE", help="digits, mnist, fashion_mnist, cifar10, or a .csv or .npz file.")
    ] = None,
    data_folder: option.DataFolder = None,
    label: Annotated[str | None, typer.Option(help="Column of a table to predict, by name or number.", show_default=False)] = None,
    target: Annotated[
        str | None, typer.Option(help='What the label column holds: "class" or "number". [default: class]', show_default=False)
    ] = None,
    val: Annotated[
        float | None, typer.Option(help="Examples held out for validation: a count, or a share below 1.", show_default=False)
    ] = None,
    preprocess: Annotated[
        str | None,
        typer.Option(
            help="scale, center, standardize, none, with commas. [default: scale,center for images, standardize for tables]",
            show_default=False,
        ),
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="softmax, svm, two-layer or fully-connected. [default: fully-connected]", show_default=False)
    ] = None,
    hidden: Annotated[
        str | None, typer.Option(metavar="WIDTHS", help="Widths of the hidden layers: 100,100. [default: 100]", show_default=False)
    ] = None,
    activation: Annotated[
        str | None, typer.Option(help="relu, leaky_relu, elu, gelu, sigmoid, tanh, softplus. [default: relu]", show_default=False)
    ] = None,
    dropout: Annotated[
        float | None, typer.Option(help="Share of activations dropped in training. [default: 0]", show_default=False)
    ] = None,
    weight_scale: Annotated[
        str | None, typer.Option(help="Standard deviation of the initial weights, or he_normal, glorot_uniform, ...", show_default=False)
    ] = None,
    bias: Annotated[
        str | None, typer.Option(help="vector, or ones: a column of ones in the data. [default: vector]", show_default=False)
    ] = None,
    loss: Annotated[
        str | None, typer.Option(help="softmax, svm, squared, absolute, huber, binary_cross_entropy.", show_default=False)
    ] = None,
    rule: Annotated[
        str | None,
        typer.Option(
            help="sgd, sgd_momentum, nesterov, rmsprop, adagrad, adadelta, adam, adamw, nadam. [default: adam]", show_default=False
        ),
    ] = None,
    lr: Annotated[float | None, typer.Option(help="Learning rate (the rule's own by default).", show_default=False)] = None,
    lr_decay: Annotated[
        float | None, typer.Option(help="Factor on the learning rate after each epoch. [default: 1]", show_default=False)
    ] = None,
    schedule: Annotated[
        str | None,
        typer.Option(
            help="constant, exponential, step, cosine, warmup, reduce_on_plateau; its options by --set schedule_options.NAME=VALUE.",
            show_default=False,
        ),
    ] = None,
    epochs: Annotated[int | None, typer.Option(min=0, help="[default: 10]", show_default=False)] = None,
    steps: Annotated[int | None, typer.Option(min=0, help="Stop after so many steps instead.", show_default=False)] = None,
    batch: Annotated[int | None, typer.Option(min=0, help="Examples a step; 0 takes all. [default: 100]", show_default=False)] = None,
    reg: Annotated[float | None, typer.Option(help="Penalty: adds ½ · REG · Σw² to the loss. [default: 0]", show_default=False)] = None,
    reg_l1: Annotated[float | None, typer.Option(help="Penalty: adds REG · Σ|w| to the loss. [default: 0]", show_default=False)] = None,
    clip_norm: Annotated[float | None, typer.Option(help="Largest norm of a step's gradient.", show_default=False)] = None,
    patience: Annotated[
        int | None, typer.Option(min=1, help="Stop after so many epochs without a better validation figure.", show_default=False)
    ] = None,
    resume: Annotated[
        Path | None, typer.Option(metavar="RUN", help="Go on with a run that was stopped, to the same bits.", show_default=False)
    ] = None,
    no_figures: Annotated[bool, typer.Option("--no-figures", help="Draw nothing.")] = False,
    seed: option.Seed = None,
    threads: option.Threads = None,
    config: option.Config = None,
    assignments: option.Assignments = None,
    output: option.Output = None,
    overwrite: option.Overwrite = False,
    as_json: option.Json = False,
    quiet: option.Quiet = False,
    no_progress: option.NoProgress = False,
) -> int:
    """Train a net on a data set, or on a table of your own, and write a run folder with the model and its figures."""
    flags: dict[str, Any] = dict(  # noqa: C408 - as the signature has them
        data=data, data_folder=data_folder, label=label, target=target, val=val, preprocess=preprocess, model=model, hidden=hidden,
        activation=activation, dropout=dropout, weight_scale=weight_scale, bias=bias, loss=loss, rule=rule, lr=lr, lr_decay=lr_decay,
        schedule=schedule, epochs=epochs, steps=steps, batch=batch, reg=reg, reg_l1=reg_l1, clip_norm=clip_norm, patience=patience,
        seed=seed, threads=threads,
    )  # fmt: skip
    callbacks = [] if quiet or as_json or no_progress else [progress()]
    say = silent if quiet or as_json else print
    if resume is not None:
        outcome = job.resume(resume, callbacks=callbacks, figures=not no_figures)
    else:
        settings = resolve(flags, config=config, assignments=assignments or ())
        outcome = job.train(settings, output=output, overwrite=overwrite, callbacks=callbacks, figures=not no_figures)
    return show_outcome(outcome, as_json=as_json, say=say)
