"""Makes `samples/`: checkpoints that the libraries themselves wrote, of models with three weights.

    pip install torch lightning transformers accelerate
    python tests/training/checkpoint/make_samples.py

The tests read what is stored, so that they need none of these libraries.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import torch
from torch.multiprocessing.spawn import spawn
from torch.optim import SGD, AdamW
from torch.optim.lr_scheduler import CosineAnnealingLR, StepLR

SAMPLES = Path(__file__).parent / "samples"


def lightning(folder: Path) -> None:
    """Two epochs of StepLR after each epoch, and a Namespace and a Path among the hyper-parameters."""
    from lightning import LightningModule, Trainer
    from lightning.pytorch.callbacks import ModelCheckpoint

    class Module(LightningModule):  # type: ignore[misc]
        def __init__(self, options: Any, data: Any) -> None:
            super().__init__()
            self.save_hyperparameters()
            self.layer = torch.nn.Linear(2, 1)

        def training_step(self, batch: Any, index: int) -> Any:
            return self.layer(batch).square().mean()

        def configure_optimizers(self) -> Any:
            optimizer = AdamW(self.parameters(), lr=0.01)
            return [optimizer], [StepLR(optimizer, step_size=2, gamma=0.5)]

    data: Any = torch.ones(8, 2)
    saving = ModelCheckpoint(dirpath=folder, filename="lightning", save_top_k=-1, every_n_epochs=2)
    Trainer(
        max_epochs=3,
        accelerator="cpu",
        logger=False,
        callbacks=[saving],
        enable_progress_bar=False,
        enable_model_summary=False,
        default_root_dir=folder,
    ).fit(Module(argparse.Namespace(depth=50), Path("data")), torch.utils.data.DataLoader(data, 2))


def hugging_face(folder: Path) -> None:
    """Four of eight steps of the Trainer's own cosine with a warmup, which is a LambdaLR."""
    from transformers import Trainer, TrainingArguments

    class Model(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = torch.nn.Linear(2, 1)

        def forward(self, x: Any) -> Any:
            return {"loss": self.layer(x).square().mean()}

    arguments = TrainingArguments(
        output_dir=str(folder / "out"),
        max_steps=8,
        save_steps=4,
        per_device_train_batch_size=2,
        learning_rate=1e-3,
        lr_scheduler_type="cosine",
        warmup_steps=2,
        weight_decay=0.1,
        logging_steps=1,
        report_to=[],
        use_cpu=True,
        disable_tqdm=True,
    )
    Trainer(Model(), arguments, train_dataset=[{"x": torch.ones(2)} for _ in range(16)]).train()
    kept = folder / "checkpoint-4"
    kept.mkdir()
    for name in ("optimizer.pt", "scheduler.pt", "trainer_state.json"):
        shutil.copy(folder / "out" / "checkpoint-4" / name, kept)
    shutil.rmtree(folder / "out")


def accelerate(rank: int, port: int, folder: str) -> None:
    """Five steps in each of two processes, so that the scheduler, made for all, was stepped ten times."""
    os.environ.update(
        RANK=str(rank), LOCAL_RANK=str(rank), WORLD_SIZE="2", MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port)
    )
    from accelerate import Accelerator

    accelerator = Accelerator(cpu=True)
    model = torch.nn.Linear(2, 1)
    optimizer = SGD(model.parameters(), lr=0.1, momentum=0.9)
    scheduler = CosineAnnealingLR(optimizer, T_max=40)
    data: Any = torch.ones(40, 2)
    loader: Any = torch.utils.data.DataLoader(data, 1)
    model, optimizer, loader, scheduler = accelerator.prepare(model, optimizer, loader, scheduler)
    for _, batch in zip(range(5), loader, strict=False):
        accelerator.backward(model(batch).square().mean())
        optimizer.step()
        scheduler.step()
        optimizer.zero_grad()
    accelerator.save_state(str(Path(folder) / "accelerate"))
    accelerator.wait_for_everyone()
    accelerator.end_training()


def main() -> None:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        lightning(folder)
        hugging_face(folder)
        spawn(accelerate, (29517, made), nprocs=2)  # type: ignore[no-untyped-call]
        for name in ("model.safetensors", "pytorch_model.bin"):
            (folder / "accelerate" / name).unlink(missing_ok=True)
        for file in (folder / "accelerate").glob("random_states_*.pkl"):
            file.write_bytes(b"")  # only how many there are is read
        print(*sorted(folder.rglob("*")), sep="\n")
        if "--look" not in sys.argv:
            shutil.rmtree(SAMPLES, ignore_errors=True)
            shutil.copytree(folder, SAMPLES)


if __name__ == "__main__":
    main()
