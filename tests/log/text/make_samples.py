"""Writes the samples in `positive/`: what programs print of a training, in plain torch loops in the order of each.

    python tests/log/text/make_samples.py

The lines are formatted as the source of the program does it, and the learning rate is taken where it takes it; which
file and function that is stands in `lrviz/log/text/formats/`. `hf_trainer_5_real.log` and `lightning_real.log` are what
transformers 5.24 and Lightning 2.6 printed of trainings on a CPU.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from torch.optim.lr_scheduler import CosineAnnealingLR, ExponentialLR, LRScheduler, StepLR

HERE = Path(__file__).parent / "positive"
STEPS, PER_EPOCH, LR = 60, 15, 1e-3

BY_STEP = "steps: 60\noptimizer: {lr: 1e-3}\nscheduler: {type: CosineAnnealingLR}\n"
BY_EPOCH_STEP = (
    "epochs: 4\nsteps_per_epoch: 15\ninterval: step\noptimizer: {lr: 1e-3}\nscheduler: {type: CosineAnnealingLR}\n"
)
BY_EPOCH = (
    "epochs: 4\nsteps_per_epoch: 15\noptimizer: {lr: 1e-3}\nscheduler: {type: StepLR, step_size: 1, gamma: 0.3}\n"
)
EPOCHS = "epochs: 10\noptimizer: {lr: 1e-3}\nscheduler: {type: ExponentialLR, gamma: 0.8}\n"
GROUPS = (
    "steps: 60\noptimizer:\n  groups: [{name: body, lr: 1e-3}, {name: head, lr: 1e-2}]\n"
    "scheduler: {type: CosineAnnealingLR}\n"
)

Written = Iterator[str]


class Loop:
    """A training of one parameter (or of one a learning rate); `step()` is a step of the optimizer, `call()` one of the
    scheduler."""

    def __init__(self, make: Callable[[torch.optim.Optimizer], LRScheduler] | None = None, *lrs: float) -> None:
        groups = [{"params": [torch.nn.Parameter(torch.zeros(1))], "lr": lr} for lr in lrs or (LR,)]
        self.optimizer = torch.optim.SGD(groups, lr=LR)
        self.scheduler = (make or (lambda optimizer: CosineAnnealingLR(optimizer, T_max=STEPS)))(self.optimizer)

    @property
    def lr(self) -> float:
        return float(self.optimizer.param_groups[0]["lr"])

    @property
    def lrs(self) -> list[float]:
        return [float(group["lr"]) for group in self.optimizer.param_groups]

    def step(self) -> None:
        self.optimizer.step()

    def call(self) -> None:
        self.scheduler.step()


def by_epoch(optimizer: torch.optim.Optimizer) -> LRScheduler:
    return StepLR(optimizer, step_size=1, gamma=0.3)


def hf_trainer_4() -> Written:
    """Since 4.47: the learning rate of before the call, and the epoch in full."""
    loop = Loop()
    for done in range(1, STEPS + 1):
        loop.step()
        lr = loop.lr
        loop.call()
        if done % 5 == 0:
            yield str({"loss": round(2 / done, 4), "grad_norm": 1.25, "learning_rate": lr, "epoch": done / PER_EPOCH})
    yield str({"train_runtime": 12.3, "train_loss": 0.9, "epoch": 4.0})


def hf_trainer_4_30() -> Written:
    """Before 4.47: the learning rate of after the call, and the epoch rounded to two decimals."""
    loop = Loop()
    for done in range(1, STEPS + 1):
        loop.step()
        loop.call()
        if done % 4 == 0:
            epoch = round(done / PER_EPOCH, 2)
            yield f"{done}/60 [00:01<00:03]\r{ {'loss': round(2 / done, 4), 'learning_rate': loop.lr, 'epoch': epoch} }"


def hf_trainer_5(calls: int = 1) -> Written:
    loop = Loop()
    for done in range(1, STEPS + 1):
        loop.step()
        lr = loop.lr
        for _ in range(calls):
            loop.call()
        logs = {"loss": 2 / done, "grad_norm": 1.25, "learning_rate": lr, "epoch": done / PER_EPOCH}
        if done % 3 == 0:
            yield str({name: f"{value:.4g}" for name, value in logs.items()})


def hf_trainer_5_late() -> Written:
    """The scheduler is called four times a step, as by a scheduler that Accelerate does not know of on four devices."""
    return hf_trainer_5(calls=4)


def megatron(stamp: str = " [2025-03-01 10:00:00.000000]") -> Written:
    yield "> building train, validation, and test datasets for GPT ..."
    yield "learning rate decay style: cosine"
    loop = Loop()
    for iteration in range(1, STEPS + 1):
        loop.step()
        loop.call()
        if iteration % 5 == 0:
            text = f"{stamp} iteration {iteration:8d}/{STEPS:8d} | consumed samples: {iteration * 256:12d} |"
            text += (
                f" elapsed time per iteration (ms): 812.4 | learning rate: {loop.lr:.6E} | global batch size: {256:5d}"
            )
            yield f"{text} | lm loss: 9.123456E+00 | loss scale: 1.0 | grad norm: 1.234 |"


def megatron_old() -> Written:
    return megatron("")


def megatron_frozen() -> Written:
    """From iteration 31 on, nobody calls the scheduler."""
    loop = Loop()
    for iteration in range(1, STEPS + 1):
        loop.step()
        if iteration <= 30:
            loop.call()
        text = f" iteration {iteration:8d}/{STEPS:8d} | consumed samples: {iteration * 256:12d} |"
        text += f" elapsed time per iteration (ms): 812.4 | learning rate: {loop.lr:.6E} |"
        yield f"{text} global batch size:   256 |"


MM = "2023/05/01 10:00:00 - mmengine - INFO - "


def mmengine_epoch() -> Written:
    loop = Loop(by_epoch)
    for epoch in range(4):
        for iteration in range(PER_EPOCH):
            lr = loop.lr
            loop.step()
            if (iteration + 1) % 5 == 0:
                at = f"Epoch(train)  [{epoch + 1}][{iteration + 1:2d}/{PER_EPOCH}]  base_lr: {lr:.4e} lr: {lr:.4e}"
                yield f"{MM}{at}  eta: 0:10:00  time: 0.1000  data_time: 0.0100  memory: 400  loss: 1.2000"
        loop.call()
        yield f"{MM}Epoch(val)  [{epoch + 1}][10/10]    accuracy/top1: 71.0000  data_time: 0.0100  time: 0.0200"


def mmengine_iter() -> Written:
    loop = Loop()
    for iteration in range(STEPS):
        lr = loop.lr
        loop.step()
        loop.call()
        if (iteration + 1) % 5 == 0:
            at = f"Iter(train) [{iteration + 1:2d}/{STEPS}]  lr: {lr:.4e}"
            yield f"{MM}{at}  eta: 0:10:00  time: 0.1000  loss: 1.2000"


def mmcv_epoch() -> Written:
    loop = Loop(by_epoch)
    for epoch in range(4):
        for iteration in range(PER_EPOCH):
            lr = loop.lr
            loop.step()
            if (iteration + 1) % 5 == 0:
                at = f"Epoch [{epoch + 1}][{iteration + 1}/{PER_EPOCH}]\tlr: {lr:.3e}, eta: 0:10:00, time: 0.300"
                yield f"2021-05-01 10:00:00,000 - mmdet - INFO - {at}, data_time: 0.010, memory: 3000, loss: 1.2000"
        loop.call()


def mmcv_iter() -> Written:
    loop = Loop()
    for iteration in range(STEPS):
        lr = loop.lr
        loop.step()
        loop.call()
        if (iteration + 1) % 5 == 0:
            at = f"Iter [{iteration + 1}/{STEPS}]\tlr: {lr:.3e}, eta: 0:10:00, time: 0.300, loss: 1.2000"
            yield f"2021-05-01 10:00:00,000 - mmseg - INFO - {at}"


def detectron2() -> Written:
    """With the colours that detectron2 gives its time."""
    loop = Loop()
    for iteration in range(STEPS):
        loop.step()
        lr = loop.lr
        loop.call()
        if (iteration + 1) % 20 == 0:
            at = f"eta: 0:10:00  iter: {iteration}  total_loss: 1.2  loss_cls: 0.5  loss_box_reg: 0.7    time: 0.3000"
            more = "last_time: 0.3000  data_time: 0.0100  last_data_time: 0.0100 "
            yield f"\x1b[32m[05/01 10:00:00 d2.utils.events]: \x1b[0m {at}  {more}  lr: {lr:.5g}  max_mem: 2000M"


def fairseq() -> Written:
    loop = Loop()
    for update in range(1, STEPS + 1):
        loop.step()
        loop.call()
        if update % 10 == 0:
            at = f"epoch 001:  {update:5d} / 100 loss=11.2, ppl=2353.2, wps=9000, ups=2.1, wpb=4000, bsz=120"
            more = f"num_updates={update}, lr={loop.lr:g}, gnorm=1.5, train_wall=10, wall=20"
            yield f"2021-05-01 10:00:00 | INFO | train_inner | {at}, {more}"


def fairseq_json() -> Written:
    loop = Loop()
    for update in range(1, STEPS + 1):
        loop.step()
        loop.call()
        if update % 10 == 0:
            stats = {"epoch": 1, "update": update / 100, "loss": "11.2", "ppl": "2353.2", "num_updates": str(update)}
            stats |= {"lr": f"{loop.lr:g}", "gnorm": "1.5", "wall": "20"}
            yield f"2021-05-01 10:00:00 | INFO | train_inner | {json.dumps(stats)}"


def timm() -> Written:
    loop = Loop(by_epoch)
    for epoch in range(4):
        for update in range(PER_EPOCH):
            loop.step()
            if update % 5 == 0 or update == PER_EPOCH - 1:
                at = f"Train: {epoch} [{update:>4d}/{PER_EPOCH} ({100.0 * update / (PER_EPOCH - 1):>3.0f}%)]"
                more = "Loss: 6.91 (6.91)  Time: 0.300s,  400.00/s  (0.300s,  400.00/s)"
                yield f"{at}  {more}  LR: {loop.lr:.3e}  Data: 0.010 (0.010)"
        loop.call()
        yield "Test: [   0/10]  Time: 0.200 (0.200)  Loss:   6.900 ( 6.900)  Acc@1:   0.100 (  0.100)"


def deepspeed_one_lr() -> Written:
    """The second param group has the learning rate of the first."""
    return deepspeed(1e-3)


def deepspeed(head: float = 1e-2) -> Written:
    loop = Loop(None, 1e-3, head)
    for done in range(1, STEPS + 1):
        loop.step()
        loop.call()
        if done % 10 == 0:
            at = f"step={done}, skipped=0, lr={loop.lrs}, mom=[(0.9, 0.999), (0.9, 0.999)]"
            yield f"[2024-05-01 10:00:00,000] [INFO] [logging.py:96:log_dist] [Rank 0] {at}"


def keras_2() -> Written:
    for epoch, lr in enumerate(_keras()):
        yield f"Epoch {epoch + 1}/10"
        shown = f"{lr:.4f}" if abs(lr) > 1e-3 else f"{lr:.4e}"
        yield f"100/100 [==============================] - 1s 10ms/step - loss: 0.5000 - accuracy: 0.9000 - lr: {shown}"


def keras_3() -> Written:
    for epoch, lr in enumerate(_keras()):
        yield f"Epoch {epoch + 1}/10"
        shown = f"{lr:.4f}" if abs(lr) > 1e-3 else f"{lr:.4e}"
        bar = "\x1b[1m 99/100\x1b[0m \x1b[32m━━━━━━━━━━━━━━━━━━━\x1b[0m\x1b[37m━\x1b[0m \x1b[1m0s\x1b[0m 10ms/step"
        full = "\x1b[1m100/100\x1b[0m \x1b[32m━━━━━━━━━━━━━━━━━━━━\x1b[0m\x1b[37m\x1b[0m \x1b[1m1s\x1b[0m 10ms/step"
        yield f"{bar} - loss: 0.5\r{full} - accuracy: 0.9000 - loss: 0.5000 - learning_rate: {shown}"


def keras_scheduler() -> Written:
    for epoch, lr in enumerate(_keras()):
        yield f"Epoch {epoch + 1}/10"
        yield ""
        yield f"Epoch {epoch + 1:05d}: LearningRateScheduler setting learning rate to {lr}."
        yield "391/391 [==============================] - 10s 25ms/step - loss: 1.4905 - acc: 0.4650"


def _keras() -> Iterator[float]:
    loop = Loop(lambda optimizer: ExponentialLR(optimizer, gamma=0.8))
    for _ in range(10):
        yield loop.lr
        loop.step()
        loop.call()


def yolox() -> Written:
    """The learning rate of the next iteration is set, and then logged."""
    loop = Loop()
    done = 0
    for epoch in range(4):
        for iteration in range(PER_EPOCH):
            loop.step()
            loop.call()
            done += 1
            if (iteration + 1) % 5 == 0:
                at = f"epoch: {epoch + 1}/4, iter: {iteration + 1}/{PER_EPOCH}, gpu mem: 6000Mb, mem: 20.0Gb"
                more = "iter_time: 0.300s, data_time: 0.010s, total_loss: 9.1, iou_loss: 3.1, l1_loss: 0.0"
                where = "2023-05-01 10:00:00 | INFO     | yolox.core.trainer:270"
                yield f"{where} - {at}, {more}, lr: {loop.lr:.3e}, size: 640, ETA: 0:10:00"


def torchvision_reference() -> Written:
    loop = Loop(by_epoch)
    for epoch in range(4):
        for iteration in range(PER_EPOCH):
            loop.step()
            if iteration % 5 == 0 or iteration == PER_EPOCH - 1:
                at = f"Epoch: [{epoch}]  [{iteration:2d}/{PER_EPOCH}]  eta: 0:00:10  lr: {loop.lr}  img/s: 100.0"
                yield f"{at}  loss: 6.9000 (6.9000)  acc1: 0.0000 (0.0000)  time: 0.3000  data: 0.0100  max mem: 4000"
        yield f"Epoch: [{epoch}] Total time: 0:00:10"
        loop.call()


def torchvision_accumulated() -> Written:
    """Four batches a step: the log counts batches."""
    loop = Loop()
    for epoch in range(4):
        for batch in range(4 * PER_EPOCH):
            lr = loop.lr
            if batch % 4 == 3:
                loop.step()
                loop.call()
            if batch % 6 == 0:
                at = f"Epoch: [{epoch}]  [{batch:2d}/{4 * PER_EPOCH}]  eta: 0:00:10  lr: {lr:.6f}  img/s: 100.0"
                yield f"{at}  loss: 6.9000 (6.9000)  time: 0.3000  data: 0.0100  max mem: 4000"


def openclip() -> Written:
    """960 samples in batches of 64: the log counts samples."""
    loop = Loop()
    for epoch in range(4):
        for step in range(PER_EPOCH):
            lr = loop.lr
            loop.step()
            loop.call()
            if step % 4 == 0 or step == PER_EPOCH - 1:
                percent = 100.0 * (step + 1) / PER_EPOCH
                at = f"Train Epoch: {epoch} [{(step + 1) * 64:>3}/960 ({percent:.0f}%)] Data (t): 0.010"
                more = f"Batch (t): 0.300, 213.3/s, 213.3/s/gpu LR: {lr:5f} Logit Scale: 14.286"
                yield f"2024-05-01,10:00:00 | INFO | {at} {more} Contrastive_loss: 4.1589 (4.1589)"


def build_nanogpt() -> Written:
    loop = Loop()
    for step in range(STEPS):
        lr = loop.lr
        loop.step()
        loop.call()
        yield f"step {step:5d} | loss: 10.901234 | lr {lr:.4e} | norm: 1.2345 | dt: 338.12ms | tok/sec: 15500.12"


def build_nanogpt_late() -> Written:
    """`scheduler.step()` is called before `optimizer.step()`."""
    loop = Loop()
    for step in range(STEPS):
        loop.call()
        lr = loop.lr
        loop.step()
        yield f"step {step:5d} | loss: 10.901234 | lr {lr:.4e} | norm: 1.2345 | dt: 338.12ms | tok/sec: 15500.12"


def nanogpt_iter() -> Written:
    loop = Loop()
    for step in range(STEPS):
        lr = loop.lr
        loop.step()
        loop.call()
        yield f"iter {step}: loss 2.5123, lr {lr:.6f}, time 23.10ms, mfu 12.30%"


def llm_c() -> Written:
    loop = Loop()
    for step in range(STEPS):
        lr = loop.lr
        loop.step()
        loop.call()
        at = f"step {step + 1:4d}/{STEPS} | loss 10.901234 (+0.10z)| norm 1.2345 (+0.10z)| lr {lr:.2e}"
        yield f"{at} | 338.12 ms | 45.1% bf16 MFU | 155000 tok/s"


def bar_of_diffusers() -> Written:
    """The bar moves on with the old learning rate, and is then given the new one."""
    loop = Loop()
    shown = ["\rSteps:   0%|          | 0/60 [00:00<?, ?it/s]"]
    lr = None
    for done in range(1, STEPS + 1):
        loop.step()
        loop.call()
        filled = "█" * (done * 10 // STEPS)
        for written in (lr, loop.lr):
            postfix = "" if written is None else f", lr={_number_of_tqdm(written)}, step_loss=0.123"
            percent = done * 100 // STEPS
            shown.append(f"\rSteps: {percent:3d}%|{filled:<10}| {done}/{STEPS} [00:10<00:10,  4.90it/s{postfix}]")
        lr = loop.lr
    yield "".join(shown)


def _number_of_tqdm(number: float) -> str:
    short = f"{number:.3g}".replace("e+0", "e+").replace("e-0", "e-")
    return short if len(short) < len(str(number)) else str(number)


def bar_of_epochs() -> Written:
    loop = Loop(by_epoch)
    for epoch in range(1, 5):
        shown = [f"Epoch {epoch}/4:   0%|          | 0/{PER_EPOCH} [00:00<?, ?it/s]"]
        for done in range(1, PER_EPOCH + 1):
            loop.step()
            filled = "#" * (done * 10 // PER_EPOCH)
            at = (
                f"Epoch {epoch}/4: {done * 100 // PER_EPOCH:3d}%|{filled:<10}| {done}/{PER_EPOCH} [00:01<00:01, 9.8it/s"
            )
            shown.append(f"{at}, loss=0.5, lr={_number_of_tqdm(loop.lr)}]")
        yield "\r".join(shown)
        loop.call()


def ranks_of_torchrun() -> Written:
    loop = Loop()
    for step in range(STEPS):
        for rank in range(4):
            yield f"[rank{rank}]: 2024-05-01 10:00:00 INFO step {step} | loss 3.9 | lr {loop.lr:.6e} | rank {rank}"
        loop.step()
        loop.call()


def ranks_of_srun_disagree() -> Written:
    """Rank 1 does not call its scheduler at step 20."""
    loops = [Loop(), Loop()]
    for step in range(STEPS):
        for rank, loop in enumerate(loops):
            yield f"{rank}: step {step} | loss 3.9 | lr {loop.lr:.6e}"
            loop.step()
            if (rank, step) != (1, 20):
                loop.call()


def ranks_of_mpirun() -> Written:
    loop = Loop()
    for step in range(STEPS):
        for rank in (1, 0):
            yield f"[1,{rank}]<stdout>:step {step} | loss 3.9 | lr {loop.lr:.6e}"
        loop.step()
        loop.call()


def ranks_without_names() -> Written:
    """Four ranks say the same, and none says which it is."""
    loop = Loop()
    for step in range(STEPS):
        yield from [f"step {step} | loss 3.9 | lr {loop.lr:.6e}"] * 4
        loop.step()
        loop.call()


def by_names() -> Written:
    yield "2024-05-01 10:00:00 INFO config: lr=1e-3 warmup=0"
    loop = Loop()
    for step in range(STEPS):
        yield f"2024-05-01 10:00:00 INFO trainer: global_step={step} loss=0.51 Learning Rate: {loop.lr!r}"
        loop.step()
        loop.call()


def by_names_epoch_from_1() -> Written:
    for epoch, lr in enumerate(_keras(), 1):
        yield f"=> Epoch [{epoch}/10] finished, train loss 0.51, lr {lr:.6f}"


def by_names_within_epochs() -> Written:
    loop = Loop(by_epoch)
    for epoch in range(4):
        for iteration in range(0, PER_EPOCH, 5):
            yield f"Epoch: [{epoch}][{iteration}/{PER_EPOCH}]\tTime 0.3 (0.3)\tLoss 6.9 (6.9)\tLR {loop.lr:.5f}"
        loop.call()


def by_names_iterations() -> Written:
    """Epochs and iterations count from 1, and iterations start over."""
    loop = Loop()
    for epoch in range(1, 5):
        for iteration in range(1, PER_EPOCH + 1):
            yield f"(Epoch {epoch} / 4) (Iter {iteration:2d} / {PER_EPOCH}) loss = 0.51, learning_rate = {loop.lr:.5e}"
            loop.step()
            loop.call()


def groups_by_names() -> Written:
    loop = Loop(None, 1e-3, 1e-2)
    for step in range(STEPS):
        yield f"step={step} loss=0.5 lr/body={loop.lrs[0]:.5e} lr/head={loop.lrs[1]:.5e}"
        loop.step()
        loop.call()


SAMPLES: dict[Callable[[], Written], str] = {
    hf_trainer_4: BY_EPOCH_STEP,
    hf_trainer_4_30: BY_EPOCH_STEP,
    hf_trainer_5: BY_EPOCH_STEP,
    hf_trainer_5_late: BY_EPOCH_STEP.replace("4\n", "4\ndata: {samples: 480, batch_size: 8, devices: 4}\n", 1).replace(
        "steps_per_epoch: 15\n", ""
    ),
    megatron: BY_STEP,
    megatron_old: BY_STEP,
    megatron_frozen: BY_STEP,
    mmengine_epoch: BY_EPOCH,
    mmengine_iter: BY_STEP,
    mmcv_epoch: BY_EPOCH,
    mmcv_iter: BY_STEP,
    detectron2: BY_STEP,
    fairseq: BY_STEP,
    fairseq_json: BY_STEP,
    timm: BY_EPOCH,
    deepspeed: GROUPS,
    deepspeed_one_lr: GROUPS,
    keras_2: EPOCHS,
    keras_3: EPOCHS,
    keras_scheduler: EPOCHS,
    yolox: BY_EPOCH_STEP,
    torchvision_reference: BY_EPOCH,
    torchvision_accumulated: BY_EPOCH_STEP,
    openclip: BY_EPOCH_STEP,
    build_nanogpt: BY_STEP,
    build_nanogpt_late: BY_STEP,
    nanogpt_iter: BY_STEP,
    llm_c: BY_STEP,
    bar_of_diffusers: BY_STEP,
    bar_of_epochs: BY_EPOCH,
    ranks_of_torchrun: BY_STEP,
    ranks_of_srun_disagree: BY_STEP,
    ranks_of_mpirun: BY_STEP,
    ranks_without_names: BY_STEP,
    by_names: BY_STEP,
    by_names_epoch_from_1: EPOCHS,
    by_names_within_epochs: BY_EPOCH,
    by_names_iterations: BY_EPOCH_STEP,
    groups_by_names: GROUPS,
}
"""Each program with the plan that it follows, or should."""


def main() -> None:
    for written, plan in SAMPLES.items():
        text = "".join(f"{line}\n" for line in written())
        (HERE / f"{written.__name__}.log").write_text(text, encoding="utf-8", newline="")
        (HERE / f"{written.__name__}.yaml").write_text(plan, encoding="utf-8")


if __name__ == "__main__":
    main()
