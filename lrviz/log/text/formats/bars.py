"""Progress bars of tqdm, whose last words are the learning rate: `Steps:  10%|# | 100/1000 [..., lr=1e-5]`.

- Lightning: `Epoch 3:  50%|#####     | 50/100 [00:10<00:10, 4.9it/s, lr=0.0001]`, with epochs from 0
  (`TQDMProgressBar`).
- Lightning: `Epoch 3/9 ━━━━╸━━━━ 50/100 0:00:10 • 0:00:10 4.9it/s v_num: 0 lr: 0.001`, the same of `RichProgressBar`,
  which writes 3 decimals.
- `Epoch 3/10:  50%|...`, as hand-written loops name their bar, with epochs from 1.
- `Steps:  10%|...` of a whole run, as the scripts of diffusers draw it.

The bar says how many steps are made. A learning rate that Lightning logs in `training_step` is the one of the last of
them; the scripts of diffusers log the one of the next, after `lr_scheduler.step()`; other loops do either. A bar is
first drawn with the old learning rate, then with the new: the last at a step counts. Lightning draws an empty bar with
the learning rate of the epoch before, other programs a full bar with that of some step before: these do not count. tqdm
writes numbers with 3 digits where that is shorter (`format_num`).
"""

from __future__ import annotations

from typing import Literal

from lrviz.log.text.format import Format, line

_LR = r"(?:train[_/])?(?:lr|LR|learning_rate)(?:-\w+)?=(?P<lr>NUMBER)(?=[,\]])"
_BAR = r"%\|[^|\n]*\| (?P<{}>COUNT)/{} \[.*?[ ,]" + _LR
_OF = r"(?P<of>COUNT)"
_WORDS = ("%|", "=")


def _bar(program: str, named: str, first_epoch: int = 0, old: Literal["first", "last"] = "last") -> Format:
    return Format(program, _WORDS, line(named), first_epoch, (1, 0), digits=3, redrawn=True, old=old)


FORMATS = (
    _bar("Lightning's progress bar", r"\bEpoch (?P<epoch>COUNT): *[0-9]+" + _BAR.format("iteration", _OF), old="first"),
    Format(
        "Lightning's progress bar",
        ("Epoch ", "it/s"),
        line(
            r"\bEpoch (?P<epoch>COUNT)/COUNT +[━╸╺ -]{1,300} (?P<iteration>COUNT)/(?P<of>COUNT) [0-9:]{4,12} .*it/s .*"
            r"\b(?:lr|learning_rate)(?:-\w+)?: (?P<lr>NUMBER)(?!\S)"
        ),
        behind=(1, 0),
        redrawn=True,
        old="first",
    ),
    _bar("a progress bar", r"\bEpoch \[?(?P<epoch>COUNT)/COUNT\]?:? *[0-9]+" + _BAR.format("iteration", _OF), 1),
    _bar("a progress bar", _BAR.format("step", _OF)),
)
