"""What model cards say besides hyperparameters: the release that trained, and the steps of an epoch."""

from __future__ import annotations

from dataclasses import replace
from math import ceil, floor

from lrviz.configs.config import Config
from lrviz.configs.helpers.trainer import Trainer
from lrviz.configs.session import version_of
from lrviz.configs.text.markdown import RELEASES, ROWS
from lrviz.schedule.imported import Value
from lrviz.schedule.text.document import Item, Node


def take_releases(config: Config) -> None:
    """Reads the card as the release that wrote it, unless the user says another."""
    found = config.section(RELEASES).node("transformers")
    if found is not None and "transformers" not in config.session.given.data:
        config.session.said["transformers"] = version_of(str(found.value))


def plain_names(config: Config, *keys: str) -> Config:
    """A card with `SchedulerType.COSINE` as `cosine`."""
    items = dict(config.root.value)
    for key in keys:
        item = items.get(key)
        if item is not None and isinstance(item.value.value, str):
            name = item.value.value.rpartition(".")[2].lower()
            items[key] = Item(item.key, Node(name, item.value.where, quoted=True))
    return Config(Node(items, config.root.where), config.session)


def one_warmup(config: Config, trainer: Trainer) -> tuple[Config, Trainer]:
    """A card and its Trainer without the one of the two warmups that is 0, which a card lists too."""
    ratio = config.node(trainer.warmup_ratio)
    if ratio is None:
        return config, trainer
    if not ratio.value:
        items = {key: item for key, item in config.root.value.items() if key != trainer.warmup_ratio}
        return Config(Node(items, config.root.where), config.session), trainer
    steps = config.node(trainer.warmup_steps)
    return config, trainer if steps is not None and steps.value else replace(trainer, removed=False)


def steps_per_epoch(config: Config) -> Value | None:
    """Optimizer steps in an epoch, if the columns Epoch and Step of the results leave one number."""
    rows = []
    for row in config.members(ROWS):
        epoch, step = row.node("Epoch"), row.node("Step")
        if epoch is None or step is None or not _is_number(epoch.value) or not _is_number(step.value):
            return None
        if epoch.value > 0 and step.value > 0:
            rows.append((float(epoch.value), int(step.value), step.where))
    if not rows:
        return None
    epochs = [epoch for epoch, _, _ in rows]
    if epochs == [float(number) for number in range(1, len(rows) + 1)]:  # evaluated once an epoch
        found = {step // round(epoch) for epoch, step, _ in rows if step % round(epoch) == 0}
        exact = all(step % round(epoch) == 0 for epoch, step, _ in rows)
        counts = sorted(found) if exact else []
    else:
        half = 0.5 * 10.0 ** -max(len(str(epoch).partition(".")[2]) for epoch in epochs)
        whole = [(step / (epoch + half), step / (epoch - half)) for epoch, step, _ in rows if epoch == int(epoch)]
        low = max((low for low, _ in whole), default=0.0)
        high = min((high for _, high in whole), default=0.0)
        counts = list(range(ceil(low), min(floor(high), ceil(low) + 1) + 1)) if whole else []
    if len(counts) != 1 or counts[0] < 1:
        return None
    return config.derived("steps per epoch", counts[0], "columns Epoch and Step of the results", rows[0][2])


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
