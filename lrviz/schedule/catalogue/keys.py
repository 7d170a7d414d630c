"""The keys of a schedule file itself, as entries of the catalogue. Data only."""

from __future__ import annotations

from lrviz.schedule.catalogue.entry import Argument, Entry

SCHEDULE = Entry(
    name="schedule",
    summary="A schedule: a whole file, or one member of its `schedules`.",
    arguments=(
        Argument(
            name="epochs",
            kind="whole",
            low=1,
            default=None,
            unit="epochs",
            stretch="length",
            meaning="length of the run",
        ),
        Argument(
            name="steps",
            kind="steps",
            low=1,
            default=None,
            unit="steps",
            meaning="length of the run in optimizer steps, or in tokens or samples with the unit",
        ),
        Argument(
            name="steps_per_epoch",
            kind="whole",
            low=1,
            default=None,
            unit="steps",
            meaning="optimizer steps in one epoch",
        ),
        Argument(name="data", kind="any", default=None, meaning="the data set, from which steps_per_epoch follows"),
        Argument(
            name="interval",
            kind="interval",
            default=None,
            meaning="when scheduler.step() is called: epoch, step, or a length such as 500 steps",
        ),
        Argument(name="optimizer", kind="any", default=None, meaning="the optimizer that the scheduler drives"),
        Argument(name="scheduler", kind="any", default=None, meaning="the scheduler, or none for a constant LR"),
        Argument(
            name="config",
            kind="any",
            default=None,
            meaning="a config of another program, from which run, optimizer and scheduler come",
        ),
        Argument(
            name="metric",
            kind="any",
            default=None,
            meaning="the metric that a ReduceLROnPlateau is stepped with, one value per call",
        ),
        Argument(name="expect", kind="any", default=None, meaning="what must hold"),
        Argument(
            name="train",
            kind="any",
            default=None,
            meaning="what `lrviz train` trains with the schedules, and what that is expected to show",
        ),
        Argument(name="ignore", kind="text", many="list", default=None, meaning="lint findings that are accepted"),
        Argument(name="title", kind="text", default=None, meaning="shown on pictures and in listings"),
        Argument(name="source", kind="text", default=None, meaning="the paper or code of a recipe"),
    ),
)

FILE = Entry(
    name="file",
    summary="A schedule file.",
    arguments=(
        *SCHEDULE.arguments,
        Argument(name="schedules", kind="any", default=None, meaning="several schedules by name"),
    ),
)

CONFIG = Entry(
    name="config",
    summary="The config of another program.",
    arguments=(
        Argument(name="file", kind="text", meaning="its path, relative to the schedule file"),
        Argument(name="from", kind="text", default=None, meaning="which program's it is, where that is not certain"),
        Argument(
            name="data",
            kind="any",
            default=None,
            meaning="what it does not say: samples, devices, the release of its program",
        ),
        Argument(
            name="overrides",
            kind="text",
            many="list",
            default=None,
            meaning="what the program's own command line is given",
        ),
    ),
)

DATA = Entry(
    name="data",
    summary="The data set and how it is batched.",
    arguments=(
        Argument(name="samples", kind="whole", low=1, default=None, unit="samples", meaning="size of the data set"),
        Argument(name="batch_size", kind="whole", low=1, default=None, unit="samples", meaning="batch of one device"),
        Argument(name="devices", kind="whole", low=1, default=1, meaning="number of devices that train in parallel"),
        Argument(
            name="accumulate",
            kind="whole",
            low=1,
            default=1,
            unit="batches",
            meaning="batches per optimizer step",
        ),
        Argument(name="drop_last", kind="flag", default=False, meaning="leave out the last, incomplete batch"),
        Argument(
            name="tokens",
            kind="whole",
            low=1,
            default=None,
            unit="tokens",
            meaning="size of the data set in tokens, in place of samples",
        ),
        Argument(
            name="tokens_per_step",
            kind="whole",
            low=1,
            default=None,
            unit="tokens",
            meaning="tokens of one optimizer step, on all devices",
        ),
        Argument(
            name="sequence_length",
            kind="whole",
            low=1,
            default=None,
            unit="tokens",
            meaning="tokens of one sample, in place of tokens_per_step",
        ),
    ),
)

TRAIN = Entry(
    name="train",
    summary="What `lrviz train` trains with the schedules of a file. No other verb reads it.",
    arguments=(
        Argument(name="problem", kind="text", default=None, meaning="what is trained, as --problem names it"),
        Argument(name="seeds", kind="whole", low=1, default=None, meaning="the number of trainings of each schedule"),
        Argument(name="seed", kind="whole", low=0, high=2**32 - 1, default=None, meaning="the first seed"),
        Argument(name="epochs", kind="whole", low=1, default=None, unit="epochs", meaning="length of each training"),
        Argument(name="batch_size", kind="whole", low=1, default=None, unit="samples", meaning="samples of a batch"),
        Argument(name="expect", kind="any", default=None, meaning="what the trainings must show"),
    ),
)

TRAIN_EXPECT = Entry(
    name="expect",
    summary="What the trainings of `lrviz train --check` must show, over all seeds.",
    arguments=(
        Argument(name="diverges", kind="any", default=None, meaning="schedules of which every training diverges"),
        Argument(name="converges", kind="any", default=None, meaning="schedules of which no training diverges"),
        Argument(
            name="better",
            kind="any",
            default=None,
            meaning="schedules that end with a smaller loss than others: in the mean, and with most of the seeds",
        ),
        Argument(name="final_loss", kind="any", default=None, meaning="the mean validation loss at the end"),
        Argument(name="best_loss", kind="any", default=None, meaning="the mean of the smallest validation losses"),
        Argument(name="accuracy", kind="any", default=None, meaning="the mean accuracy at the end, from 0 to 1"),
    ),
)
"""`expect` under `train`, as an entry of the catalogue."""

OF_ONE_SCHEDULE = ("batch_size",)
"""The keys of `train` that a schedule may have of its own."""

OPTIMIZER_KEYS = (
    Argument(name="type", kind="text", default="SGD", meaning="a class of torch.optim"),
    Argument(name="groups", kind="any", default=None, meaning="param groups: a list of name, lr and options"),
)
"""Keys of `optimizer` besides the arguments of the class."""

GROUP_KEYS = (Argument(name="name", kind="text", default=None, meaning="the name of the group"),)
"""Keys of a param group besides the arguments of the class."""
