"""mmengine and mmcv count epochs and iterations from 1, and log the learning rate that the iteration used.

- mmengine: `Epoch(train)  [3][ 50/100]  base_lr: 4.9000e-04 lr: 4.9000e-04`, `Iter(train) [   50/90000]  lr: ...`
  (`LogProcessor.get_log_after_iter`). The learning rate is noted before the iteration
  (`RuntimeInfoHook.before_train_iter`), so that it is no matter that schedulers step after it.
- mmcv: `Epoch [3][50/100]\tlr: 4.900e-04`, `Iter [50/80000]\tlr: ...` (`TextLoggerHook._log_info`); `LrUpdaterHook`
  sets the learning rate before the iteration.
"""

from __future__ import annotations

from lrviz.log.text.format import Format, line

_LR = r"lr: (?P<lr>NUMBER)(?![\w.])"
_EPOCH = r" *\[ *(?P<epoch>COUNT)\]\[ *(?P<iteration>COUNT)/(?P<of>COUNT)\]"
_ITER = r" *\[ *(?P<step>COUNT)/COUNT\]"

FORMATS = tuple(
    Format(program, words, line(found + _LR), first_epoch=1, behind=(1,), digits="written")
    for program, words, found in (
        ("mmengine", ("Epoch(train)", " lr: "), rf"Epoch\(train\){_EPOCH}.* "),
        ("mmengine", ("Iter(train)", " lr: "), rf"Iter\(train\){_ITER}.* "),
        ("mmcv", ("Epoch [", "\tlr: "), rf"Epoch{_EPOCH}\t"),
        ("mmcv", ("Iter [", "\tlr: "), rf"Iter{_ITER}\t"),
    )
)
