"""Compares the state of a scheduler in a checkpoint with that of the file's own, key by key, in torch's words.

`load_state_dict` puts what is in a checkpoint in the place of a scheduler's arguments, without a word. So a `step_size`
that was changed in the file has no effect on a resumed run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from lrviz.alike import alike
from lrviz.training.checkpoint.classes import same_class, scheduler_class_of
from lrviz.training.checkpoint.inert import Made, Rounded, Tensor

ARGUMENTS_ALIKE: Final = 1e-9
"""Arguments may differ by this fraction: a file may compute them in another order."""

MOVES: Final = frozenset(
    {
        *("last_epoch", "_step_count", "_last_lr", "last_lr", "_get_lr_called_within_step", "_is_initial", "verbose"),
        *("T_cur", "T_i", "best", "num_bad_epochs", "cooldown_counter", "phase", "optimizer", "default_min_lr"),
    }
)
"""Keys of a state whose values change from call to call, or with the release of torch."""

GROUP_KEYS: Final = ("initial_lr", "max_lr", "min_lr", "swa_lr", "max_momentum", "base_momentum")
"""What torch's schedulers add to a param group, and read at every call."""

_REACHED: Final = frozenset({"phase_lrs", "base_lrs", "initial_lr"})
"""Where a phase began: no argument of a schedule whose learning rates follow a metric."""


class Difference(NamedTuple):
    """A value that is another one in the checkpoint; `key` is where in the state it stands: `_schedulers[1].T_max`."""

    key: str
    have: Any
    file: Any

    @property
    def words(self) -> str:
        """What both sides say of the key."""
        return f"{self.key} is {shown(self.have)} in the checkpoint, {shown(self.file)} in the file"


class OtherClass(NamedTuple):
    """A scheduler that is of another class in the checkpoint; `key` as in `Difference`, "" for the outermost."""

    key: str
    have: str
    file: str

    @property
    def words(self) -> str:
        """What class of scheduler each side has."""
        which = f"the scheduler {self.key}" if self.key else "the scheduler"
        return f"{which} in the checkpoint is {_article(self.have)}, the file's is {_article(self.file)}"


def _article(name: str) -> str:
    return f"{'an' if name[:1] in 'AEIO' else 'a'} {name}"


def differences(have: Mapping[str, Any], scheduler: Any, reached: bool = True) -> Iterator[Difference | OtherClass]:
    """How a state of a checkpoint differs from that of the file's scheduler, both of the same call.

    Without `reached`, learning rates at which phases began are not compared.
    """
    return _differences(have, scheduler.state_dict(), type(scheduler).__name__, "", reached)


def _differences(
    have: Mapping[str, Any], file: Mapping[str, Any], name: str, at: str, reached: bool
) -> Iterator[Difference | OtherClass]:
    if not same_class(name, have):
        yield OtherClass(at, scheduler_class_of(have), name)
        return
    for key in file.keys() & have.keys() - MOVES if reached else file.keys() & have.keys() - MOVES - _REACHED:
        ours, theirs, path = file[key], have[key], f"{at}.{key}" if at else key
        if key == "_schedulers":
            yield from _inside(theirs, ours, path, reached)
        elif key == "scheduler":  # of the phase of a PhasedLR
            if isinstance(theirs, Mapping) and isinstance(ours, Mapping):
                yield from _differences(theirs, ours, scheduler_class_of(ours), path, reached)
        elif key == "lr_lambdas" and isinstance(theirs, list | tuple):
            for index, pair in enumerate(zip(theirs, ours, strict=False)):
                yield from _factor(*pair, f"{path}[{index}]")
        elif key == "_scale_fn_custom":
            yield from _factor(theirs, ours, path)
        elif not same(theirs, ours):
            yield Difference(path, theirs, ours)


def _inside(have: Any, file: Any, path: str, reached: bool) -> Iterator[Difference | OtherClass]:
    """The schedulers in another: as many, each of its class."""
    if not isinstance(have, list | tuple) or len(have) != len(file):
        yield Difference(path, have, file)
        return
    for index, (theirs, ours) in enumerate(zip(have, file, strict=True)):
        if isinstance(theirs, Mapping) and isinstance(ours, Mapping):
            yield from _differences(theirs, ours, scheduler_class_of(ours), f"{path}[{index}]", reached)


def _factor(have: Any, file: Any, path: str) -> Iterator[Difference]:
    """A function in a state: torch stores what is in an object, and nothing of a function."""
    if isinstance(have, Mapping) and isinstance(file, Mapping):
        for key in have.keys() & file.keys():
            if not same(have[key], file[key]):
                yield Difference(f"{path}.{key}", have[key], file[key])


def same(have: Any, file: Any) -> bool:
    """True for values that are the same: numbers but for rounding, lists and tuples alike; a value not read is any."""
    if isinstance(have, Made | Tensor) or isinstance(file, Made | Tensor):
        return True
    if isinstance(have, bool) or isinstance(file, bool):
        return bool(have == file)
    if isinstance(have, int | float) and isinstance(file, int | float):
        return alike(have, file, have.tolerance if isinstance(have, Rounded) else ARGUMENTS_ALIKE)
    if isinstance(have, list | tuple) and isinstance(file, list | tuple):
        return len(have) == len(file) and all(map(same, have, file))
    if isinstance(have, Mapping) and isinstance(file, Mapping):
        return have.keys() == file.keys() and all(same(have[key], file[key]) for key in file)
    return bool(have == file)


LONGEST: Final = 60
"""A value is shown with at most so many letters."""


def shown(value: Any) -> str:
    """A value of a state in a sentence; a text of the checkpoint is cut."""
    if isinstance(value, list | tuple | Mapping) and any(
        isinstance(each, Mapping) for each in (value.values() if isinstance(value, Mapping) else value)
    ):
        return f"{len(value)} states"
    if isinstance(value, Rounded):
        return f"{value:.8g} (a tensor)"
    if isinstance(value, list | tuple):
        text = f"[{', '.join(map(shown, value[:20]))}{', ...' if len(value) > 20 else ''}]"
    elif isinstance(value, Mapping):  # the milestones of a MultiStepLR, and how often each stands there
        text = f"[{', '.join(map(str, list(value)[:20]))}{', ...' if len(value) > 20 else ''}]"
    else:
        text = repr(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."
