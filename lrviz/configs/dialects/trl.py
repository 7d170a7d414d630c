"""TRL (`trl sft --config x.yaml`) and the recipes of the alignment-handbook: TrainingArguments with other defaults."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from lrviz.configs.config import Config
from lrviz.configs.dialect import Dialect, FileReader, Key, Plan
from lrviz.configs.helpers import trainer, trainer_keys
from lrviz.configs.outline import Outline
from lrviz.configs.overrides import flags
from lrviz.configs.text.arguments import PROGRAM
from lrviz.configs.text.scalars import CORE, yaml11
from lrviz.errors import ScheduleError
from lrviz.schedule.imported import Value
from lrviz.schedule.text.document import Node
from lrviz.schedule.text.suggest import did_you_mean

_TRAINER: Final = (
    "per_device_train_batch_size",
    "lr_scheduler_type",
    "warmup_ratio",
    "num_train_epochs",
    "learning_rate",
    "warmup_steps",
    "max_steps",
)
_MARKS: Final = (
    "dataset_name",
    "dataset_mixture",
    "dataset_mixer",
    "packing",
    "max_length",
    "use_peft",
    "num_generations",
    "beta",
)

RATES: Final = {"sft": 2e-5, "dpo": 1e-6, "kto": 1e-6, "grpo": 1e-6, "rloo": 1e-6, "reward": 1e-4}
"""The default learning rate of each trainer."""

GENERATIONS: Final = {"grpo": 8, "rloo": 2}
"""The default of `num_generations`, of the trainers that generate."""

_PACKED: Final = "sequences after packing, which the log of a run knows (about tokens / max_length)"

_GENERATING: Final = (
    "num_generations",
    "steps_per_generation",
    "generation_batch_size",
    "num_iterations",
    "reward_funcs",
)
_PREFERRING: Final = ("beta", "loss_type")
_SFT: Final = ("packing", "completion_only_loss", "assistant_only_loss", "dataset_text_field", "eval_packing")
_GENERATING_LOSSES: Final = ("grpo", "dr_grpo", "dapo", "bnpo", "cispo")
_SFT_LOSSES: Final = ("nll", "dft")


def recognize(outline: Outline) -> str:
    if outline.any("base_model", "tuner_type", "train_type"):  # axolotl and AutoTrain, ms-swift
        return ""
    if outline.suffix == ".sh":
        programs = str(outline.tree.get(PROGRAM, "")).split("\n")
        return next((each for each in programs if each.startswith("trl ") and each[4:] in RATES), "")
    trained, mark = outline.any(*_TRAINER), outline.any(*_MARKS)
    return f"{trained} with {mark}" if trained and mark else ""


def compose(root: Node, texts: Sequence[str], read_file: FileReader) -> Node:
    """The keys of the file after `--config`, if a command line names one; its other arguments win over them."""
    named = root.get("config") if root.get(PROGRAM) is not None else None
    if named is not None and isinstance(named.value, str):
        file = read_file(named.value, named.where)
        if file is None or not file.root.is_mapping:
            message = f"{named.value} cannot be read, and its keys are what trains"
            raise ScheduleError.at(named.where, message, "name the file itself, in the folder that this script runs in")
        root = Node({**file.root.value, **root.value}, root.where)
    return flags(root, texts)


def read(config: Config) -> Plan:
    trainer_keys.check(config, stops="TRL", own=("batch_size", "micro_batch_size"))
    trainer_keys.note_own_rate(config)
    _warn_of_text_in_arguments(config)
    kinds = _kinds(config)
    if not config.has("learning_rate") and len({RATES[kind] for kind in kinds}) > 1:
        kinds = [_asked(config, kinds)]
    kind = kinds[0]
    how = f"the default of {kind.upper() if len(kind) < 5 else kind}"
    default = Value(RATES[kind], "learning_rate", config.where(), "default", how)
    rate = config.number("learning_rate", default, low=0)
    if not set(kinds) <= GENERATIONS.keys():
        packing = config.flag("packing", False).value
        return trainer.plan(config, rate, replace(trainer.HF, samples=_PACKED if packing else ""))

    def batches(config: Config, batch: Value, accumulation: Value) -> Value:
        return _generated_batches(config, kinds, batch, accumulation)

    return trainer.plan(config, rate, replace(trainer.HF, batches=batches))


def _warn_of_text_in_arguments(config: Config) -> None:
    """The parser makes numbers of the text at the top, but not of that inside of a mapping."""
    found = config.node("lr_scheduler_kwargs")
    for item in found.items() if found is not None and found.is_mapping else ():
        value = item.value.value
        if isinstance(value, str) and isinstance(CORE(value), float):
            message = (
                f"lr_scheduler_kwargs.{item.key.value}: {value} is text to PyYAML, and inside of a mapping it stays so"
            )
            config.warn(item.value.where, "text-number", message, f"write {float(value):.1e}")


# --- which trainer reads the file -----------------------------------------------------------------------------------


def _kinds(config: Config) -> list[str]:
    """The trainers that may read this file: those that its keys, or the command that names it, leave."""
    program = config.node(PROGRAM)
    word = str(program.value).partition(" ")[2] if program is not None else ""
    if word in RATES:
        return [word]
    if config.known("trainer") is not None:
        return [_asked(config, list(RATES))]
    loss = config.node("loss_type")
    loss_type = str(loss.value) if loss is not None else ""
    if any(config.has(key) for key in _GENERATING) or loss_type in _GENERATING_LOSSES:
        return list(GENERATIONS)
    if any(config.has(key) for key in _PREFERRING) and loss_type not in _SFT_LOSSES:
        return ["dpo", "kto"]
    if any(config.has(key) for key in _SFT) or loss_type in _SFT_LOSSES:
        return ["sft"]
    return list(RATES)


def _asked(config: Config, kinds: list[str]) -> str:
    """The trainer that the user says."""
    where = config.where("dataset_name", "dataset_mixture")
    meaning = f"the trainer that reads the file: {', '.join(kinds)}"
    said = config.fact("trainer", where, meaning)
    name = str(said.value).lower().removesuffix("trainer").removesuffix("config")
    if name not in RATES:
        hint = did_you_mean(name, RATES)
        config.error(said.where, f"trainer must be one of {', '.join(RATES)} (got {said.value!r})", hint)
        return kinds[0]
    return name


# --- GRPO and RLOO: each prompt is trained on several times ----------------------------------------------------------


def _generated_batches(config: Config, kinds: list[str], batch: Value, accumulation: Value) -> Value:
    """Batches that one device draws in an epoch. Each prompt is repeated, and only whole generations count."""
    samples = config.fact("samples", batch.where, "prompts of the training set")
    devices = config.fact("devices", batch.where)
    if not config.has("num_generations") and len(kinds) > 1:
        kinds = [_asked(config, kinds)]
    repeats = config.whole("num_generations", GENERATIONS.get(kinds[0], 8), low=2)
    iterations = config.whole("num_iterations", 1, low=1)
    together = batch.value * devices.value
    rounds = _steps_per_generation(config, accumulation, together)
    generated = together * rounds
    if generated % repeats.value:
        message = f"a generation of {generated} completions cannot be divided by num_generations ({repeats.value})"
        config.error(repeats.where, message, f"{batch.value} x {devices.value} devices x {rounds} must be a multiple")
    prompts = max(1, generated // repeats.value)
    count = samples.value // prompts * rounds * iterations.value
    if not count:
        config.error(batch.where, f"{samples.value} prompts are fewer than the {prompts} of one generation")
    how = f"floor({samples.value} / {prompts}) x {rounds} x {iterations.value}; {prompts} prompts a generation"
    return config.derived("batches per epoch", max(1, count), how, repeats)


def _steps_per_generation(config: Config, accumulation: Value, together: int) -> int:
    size = config.node("generation_batch_size")
    if size is not None and config.has("steps_per_generation"):
        message = "generation_batch_size and steps_per_generation say the same in two ways"
        config.error(size.where, message, "keep one of them")
    if size is None:
        return int(config.whole("steps_per_generation", accumulation, low=1).value)
    value = config.whole("generation_batch_size", low=1)
    if value.value % together:
        config.error(value.where, f"generation_batch_size must be a multiple of the batch of all devices, {together}")
    return max(1, int(value.value) // together)


DIALECT: Final = Dialect(
    name="trl",
    title="TRL",
    marks="keys of TrainingArguments, with one of " + ", ".join(f"`{mark}`" for mark in _MARKS) + "; or `trl sft`",
    recognize=recognize,
    read=read,
    keys=(
        Key("learning_rate", "the peak", "2e-5 (SFT), 1e-6 (DPO, KTO, GRPO, RLOO), 1e-4 (Reward)"),
        Key("lr_scheduler_type", "the scheduler", "linear"),
        Key("lr_scheduler_kwargs", "its own arguments"),
        *trainer_keys.LENGTHS,
        Key("num_generations", "GRPO and RLOO: completions of a prompt", "8 (GRPO), 2 (RLOO)"),
        Key("steps_per_generation", "GRPO and RLOO: batches from one generation", "gradient_accumulation_steps"),
        Key("num_iterations", "GRPO and RLOO: times that a generation is trained on", "1"),
    ),
    facts=("samples", "devices", "trainer"),
    packages=("transformers",),
    differences=(
        "Before transformers 4.52 an incomplete accumulation at the end of an epoch makes no step.",
        "warmup_steps wins over warmup_ratio before 5.0, and loses from 5.0 to 5.14; 5.15 has no warmup_ratio.",
    ),
    surprises=(
        "With `packing` the samples are packed sequences, which only the log of a run knows.",
        "GRPO and RLOO repeat each prompt: 1,000 prompts can be many more steps than with SFT.",
        "`5e-7` works here: the parser of the arguments makes a number of it.",
    ),
    source="trl: scripts/utils.py, trainer/*_config.py, trainer/grpo_trainer.py",
    example=(
        "model_name_or_path: my-org/base\ndataset_name: my-org/chat\nlearning_rate: 2e-5\n"
        "lr_scheduler_type: cosine\nwarmup_steps: 30\nmax_steps: 300\n"
    ),
    scalars=yaml11,
    epochs=("num_train_epochs", ("max_steps",)),
    steps=("max_steps", ()),
    compose=compose,
    yields_to=("llamafactory", "axolotl"),
)
