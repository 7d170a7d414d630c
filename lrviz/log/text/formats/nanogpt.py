"""The lines of short training scripts such as nanoGPT's kin.

- `step   100 | loss: 3.9 | lr 6.0000e-04 | norm: 0.3 | ...` (build-nanogpt), `iter 100: loss 2.5, lr 6e-4`: steps
  count from 0, and the learning rate is that of the step. Scripts that print such lines and count from 1 are many.
- `step  100/18865 | loss 3.9 (+0.1z)| norm 0.3 (+0.1z)| lr 6.00e-04 | ...` (llm.c, `train_gpt2.cu`): it prints
  `step + 1`, with the learning rate of the step just made.
"""

from __future__ import annotations

from lrviz.log.text.format import Format, line

_LR = r" *(?:lr|learning rate)[ :=]+(?P<lr>NUMBER)(?![\w.])"

FORMATS = (
    Format("llm.c", ("step ", "|", "lr "), line(rf"step +(?P<step>COUNT)/COUNT \|.*\|{_LR}"), behind=(1,)),
    Format("nanoGPT", ("step ", "|", "lr"), line(rf"step +(?P<step>COUNT) \|.*\|{_LR}"), sure=False),
    Format("nanoGPT", ("iter ", "loss", "lr"), line(rf"iter +(?P<step>COUNT): +loss\b.*,{_LR}"), sure=False),
)
