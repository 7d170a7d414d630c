"""Every learning-rate scheduler of torch: arguments, units, defaults, ranges, formula, source. Data only.

Names and defaults are torch's own; a test compares them with the installed torch. Ranges are those in
which an argument makes sense: torch itself checks few of them and silently turns other values into a flat, negative
or infinite learning rate. In the formulas `base` is the learning rate that the optimizer was constructed with, and `t`
the number of calls of `scheduler.step()` so far, from 0.
"""

from __future__ import annotations

from lrviz.schedule.catalogue.entry import Argument, Edge, Entry, Example

LR_SCHEDULER = "torch.optim.lr_scheduler"
SWA_UTILS = "torch.optim.swa_utils"

SCHEDULERS: dict[str, Entry] = {
    entry.name: entry
    for entry in (
        Entry(
            name="LambdaLR",
            summary="Base learning rate times a function of the call.",
            formula="lr(t) = base * lr_lambda(t)",
            source="torch.optim.lr_scheduler.LambdaLR",
            aliases=("lambda", "noam", "function"),
            module=LR_SCHEDULER,
            edges=(
                Edge("0", "base * lr_lambda(0)", "the function counts from the first step on"),
                Edge("20", "base * lr_lambda(20)", "and at every later call; it has no end"),
            ),
            use="The shape is a formula: inverse square root, Noam, or any published closed form.",
            avoid=(
                "A built-in class has the same shape. The function returns a factor, not a learning rate, and "
                "torch's checkpoints do not store it."
            ),
            example=Example('{type: LambdaLR,\n  lr_lambda: "min((t + 1) / 10, (10 / (t + 1)) ** 0.5)"}', 60),
            arguments=(
                Argument(
                    name="lr_lambda",
                    kind="function",
                    many="groups",
                    unit="factor",
                    meaning="the factor on the base learning rate, as a function of the call",
                ),
            ),
        ),
        Entry(
            name="MultiplicativeLR",
            summary="Each call multiplies the learning rate by a function of the call.",
            formula="lr(t) = lr(t - 1) * lr_lambda(t), lr(0) = base",
            source="torch.optim.lr_scheduler.MultiplicativeLR",
            aliases=("multiplicative",),
            module=LR_SCHEDULER,
            edges=(
                Edge("0", "base", "the function is not called yet"),
                Edge("1", "base * lr_lambda(1)", "its first factor"),
                Edge("2", "base * lr_lambda(1) * lr_lambda(2)", "factors compound; it has no end"),
            ),
            use="A paper gives the factor from one call to the next.",
            avoid=(
                "You want a factor on the base: use LambdaLR. Here factors compound, so 0.95 ** t falls far "
                "faster than in LambdaLR."
            ),
            example=Example('{type: MultiplicativeLR, lr_lambda: "0.9 if t < 20 else 0.98"}', 60),
            arguments=(
                Argument(
                    name="lr_lambda",
                    kind="function",
                    many="groups",
                    unit="factor",
                    stretch="decay",
                    meaning="the factor on the previous learning rate, as a function of the call",
                ),
            ),
        ),
        Entry(
            name="StepLR",
            summary="Multiplies the learning rate by gamma every step_size calls.",
            formula="lr(t) = base * gamma ** (t // step_size)",
            source="torch.optim.lr_scheduler.StepLR; He et al. 2016, arXiv 1512.03385",
            aliases=("step", "staircase", "step decay"),
            module=LR_SCHEDULER,
            edges=(
                Edge("0", "base", ""),
                Edge("step_size - 1", "base", "the last call before the first drop"),
                Edge("step_size", "base * gamma", "the first drop"),
                Edge("2 * step_size", "base * gamma ** 2", "and so on; it has no end"),
            ),
            use="Classic image training: evenly spaced drops, easy to compare with older results.",
            avoid=(
                "The drops belong at epochs of your choice: use MultiStepLR. step_size counts calls: if "
                "stepped per step, it is in steps."
            ),
            example=Example("{type: StepLR, step_size: 15, gamma: 0.5}", 60),
            arguments=(
                Argument(
                    name="step_size",
                    kind="calls",
                    low=1,
                    unit="calls",
                    meaning="calls between two decays",
                ),
                Argument(
                    name="gamma",
                    kind="number",
                    default=0.1,
                    low=0,
                    unit="factor",
                    meaning="factor of each decay",
                ),
            ),
        ),
        Entry(
            name="MultiStepLR",
            summary="Multiplies the learning rate by gamma at each milestone.",
            formula="lr(t) = base * gamma ** (number of milestones <= t)",
            source="torch.optim.lr_scheduler.MultiStepLR; He et al. 2016, arXiv 1512.03385",
            aliases=("multistep", "milestones", "piecewise"),
            module=LR_SCHEDULER,
            edges=(
                Edge("0", "base", "unless 0 is a milestone"),
                Edge("29", "base", "the last call before the first milestone"),
                Edge("30", "base * gamma", "the first milestone"),
                Edge("45", "base * gamma ** 2", "after the last milestone it stays", holds=True),
            ),
            use="Published recipes that name their epochs, such as 30, 60, 90.",
            avoid="The length of the run may still change: milestones written as numbers do not move with it.",
            example=Example("{type: MultiStepLR, milestones: [30, 45], gamma: 0.3}", 60),
            arguments=(
                Argument(
                    name="milestones",
                    kind="calls",
                    many="list",
                    low=0,
                    unit="calls",
                    meaning="the calls at which the learning rate decays, counted from the start",
                ),
                Argument(
                    name="gamma",
                    kind="number",
                    default=0.1,
                    low=0,
                    unit="factor",
                    meaning="factor of each decay",
                ),
            ),
        ),
        Entry(
            name="ConstantLR",
            summary="Base learning rate times a factor for total_iters calls, then the base itself.",
            formula="lr(t) = base * factor for t < total_iters, then base",
            source="torch.optim.lr_scheduler.ConstantLR",
            aliases=("constant",),
            module=LR_SCHEDULER,
            edges=(
                Edge("0", "base * factor", ""),
                Edge("total_iters - 1", "base * factor", "the last call at the factor"),
                Edge("total_iters", "base", "and from then on", holds=True),
            ),
            use="A short start at a fraction of the base, before the rest of a schedule.",
            avoid=(
                "You want a constant learning rate: use `scheduler: none`. ConstantLR jumps to the base "
                "after total_iters, 5 by default."
            ),
            example=Example("{type: ConstantLR, factor: 0.25, total_iters: 20}", 60),
            arguments=(
                Argument(
                    name="factor",
                    kind="number",
                    default=1.0 / 3,
                    low=0,
                    high=1,
                    unit="factor",
                    meaning="factor on the base learning rate until total_iters",
                ),
                Argument(
                    name="total_iters",
                    kind="calls",
                    default=5,
                    low=1,
                    unit="calls",
                    own_length=True,
                    meaning="calls after which the learning rate is the base again",
                ),
            ),
        ),
        Entry(
            name="LinearLR",
            summary="A straight line from start_factor to end_factor times the base, then level: the usual warmup.",
            formula="lr(t) = base * (start_factor + (end_factor - start_factor) * min(t, total_iters) / total_iters)",
            source="torch.optim.lr_scheduler.LinearLR; Goyal et al. 2017, arXiv 1706.02677 (warmup)",
            aliases=("linear", "warmup", "linear warmup", "ramp"),
            module=LR_SCHEDULER,
            edges=(
                Edge("0", "base * start_factor", ""),
                Edge("total_iters", "base * end_factor", "and from then on", holds=True),
            ),
            use="Warmup, most often as the first part of a SequentialLR; also a linear decay.",
            avoid=(
                "The warmup must begin at 0 (start_factor is above 0) or end above the base (end_factor is at"
                " most 1), or its length is left out: it is then 5 calls."
            ),
            example=Example("{type: LinearLR, start_factor: 0.1, total_iters: 40}", 60),
            arguments=(
                Argument(
                    name="start_factor",
                    kind="number",
                    default=1.0 / 3,
                    above=0,
                    high=1,
                    unit="factor",
                    meaning="factor on the base learning rate at call 0",
                ),
                Argument(
                    name="end_factor",
                    kind="number",
                    default=1.0,
                    low=0,
                    high=1,
                    unit="factor",
                    meaning="factor on the base learning rate from total_iters on",
                ),
                Argument(
                    name="total_iters",
                    kind="calls",
                    default=5,
                    low=1,
                    unit="calls",
                    own_length=True,
                    meaning="calls from the first factor to the last",
                ),
            ),
        ),
        Entry(
            name="ExponentialLR",
            summary="Multiplies the learning rate by gamma at every call.",
            formula="lr(t) = base * gamma ** t",
            source="torch.optim.lr_scheduler.ExponentialLR",
            aliases=("exponential", "exp"),
            module=LR_SCHEDULER,
            edges=(
                Edge("0", "base", ""),
                Edge("1", "base * gamma", "the first call already multiplies"),
                Edge("20", "base * gamma ** 20", "and so on; it has no end and never reaches 0"),
            ),
            use="A smooth decay at a constant rate, when the length of the run is not fixed.",
            avoid=(
                "It is stepped per step with a gamma meant for epochs: at 0.95 per step, nothing is left after "
                "a few hundred steps."
            ),
            example=Example("{type: ExponentialLR, gamma: 0.95}", 60),
            arguments=(
                Argument(
                    name="gamma",
                    kind="number",
                    low=0,
                    unit="factor",
                    stretch="decay",
                    meaning="factor of each call",
                ),
            ),
        ),
        Entry(
            name="PolynomialLR",
            summary="Falls to 0 over total_iters calls as a power of what remains.",
            formula="lr(t) = base * (1 - min(t, total_iters) / total_iters) ** power",
            source="torch.optim.lr_scheduler.PolynomialLR; Chen et al. 2017, arXiv 1606.00915",
            aliases=("polynomial", "poly"),
            module=LR_SCHEDULER,
            edges=(
                Edge("0", "base", ""),
                Edge("total_iters", "0", "and from then on", holds=True),
            ),
            use=("A decay to 0 at a known end: segmentation (power 0.9), fine-tuning of transformers (power 1)."),
            avoid=("total_iters is left out: the learning rate is then 0 from call 5 on. It cannot end above 0."),
            example=Example("{type: PolynomialLR, total_iters: 60, power: 2}", 80, drawn=60),
            arguments=(
                Argument(
                    name="total_iters",
                    kind="calls",
                    default=5,
                    low=1,
                    unit="calls",
                    own_length=True,
                    meaning="calls after which the learning rate is 0",
                ),
                Argument(
                    name="power",
                    kind="number",
                    default=1.0,
                    low=0,
                    unit="exponent",
                    meaning="1 is a straight line; above 1 it falls faster at first",
                ),
            ),
        ),
        Entry(
            name="CosineAnnealingLR",
            summary="Half a cosine from the base down to eta_min over T_max calls; past T_max it climbs again.",
            formula="lr(t) = eta_min + (base - eta_min) * (1 + cos(pi * t / T_max)) / 2",
            source="torch.optim.lr_scheduler.CosineAnnealingLR; Loshchilov & Hutter 2017, arXiv 1608.03983",
            aliases=("cosine", "cos", "cosine annealing", "cosine decay"),
            module=LR_SCHEDULER,
            edges=(
                Edge("0", "base", ""),
                Edge("T_max", "eta_min", "the end of its length"),
                Edge("T_max + 1", "eta_min", "past it, it climbs again", relation=">"),
                Edge("2 * T_max", "base", "and is back at the base"),
            ),
            use="The usual choice when the length of the run is known, often after a warmup.",
            avoid=(
                "The run goes on past T_max, or T_max counts epochs while it is stepped per step: it climbs "
                "back to the base, again and again."
            ),
            example=Example("{type: CosineAnnealingLR, T_max: 30, eta_min: 0.005}", 60, drawn=30),
            arguments=(
                Argument(
                    name="T_max",
                    kind="calls",
                    low=1,
                    unit="calls",
                    own_length=True,
                    meaning="calls from the base learning rate down to eta_min",
                ),
                Argument(
                    name="eta_min",
                    kind="number",
                    default=0.0,
                    low=0,
                    unit="learning rate",
                    meaning="the lowest learning rate, the same for every group",
                ),
            ),
        ),
        Entry(
            name="CosineAnnealingWarmRestarts",
            summary="Cosine cycles that jump back to the base; each may be T_mult times as long as the last.",
            formula="lr(t) = eta_min + (base - eta_min) * (1 + cos(pi * T_cur / T_i)) / 2",
            source="torch.optim.lr_scheduler.CosineAnnealingWarmRestarts; "
            "Loshchilov & Hutter 2017, arXiv 1608.03983 (SGDR)",
            aliases=("sgdr", "warm restarts", "cosine restarts", "cosine warm restarts", "cawr"),
            module=LR_SCHEDULER,
            edges=(
                Edge("0", "base", ""),
                Edge(
                    "T_0 - 1",
                    "eta_min",
                    "the end of the first cycle: near eta_min, which is never reached",
                    relation=">",
                ),
                Edge("T_0", "base", "the first restart"),
                Edge("T_0 + T_0 * T_mult", "base", "the second restart, and so on; it has no end"),
            ),
            use="One run should give several models: each cycle ends with one.",
            avoid="The run does not end at the end of a cycle: it then stops at a high learning rate.",
            example=Example("{type: CosineAnnealingWarmRestarts, T_0: 20, T_mult: 2}", 140),
            arguments=(
                Argument(
                    name="T_0",
                    kind="calls",
                    low=1,
                    unit="calls",
                    meaning="calls of the first cycle",
                ),
                Argument(
                    name="T_mult",
                    kind="whole",
                    default=1,
                    low=1,
                    unit="factor",
                    meaning="how many times longer each cycle is than the one before",
                ),
                Argument(
                    name="eta_min",
                    kind="number",
                    default=0.0,
                    low=0,
                    unit="learning rate",
                    meaning="the learning rate that each cycle approaches, the same for every group",
                ),
            ),
        ),
        Entry(
            name="CyclicLR",
            summary="Triangles between base_lr and max_lr; the optimizer's own lr is not used.",
            formula="lr(t) = base_lr + (max_lr - base_lr) * max(0, 1 - |x|) * scale, x the place in the cycle",
            source="torch.optim.lr_scheduler.CyclicLR; Smith 2017, arXiv 1506.01186",
            aliases=("cyclic", "clr", "cyclical", "triangular"),
            module=LR_SCHEDULER,
            edges=(
                Edge("0", "base_lr", ""),
                Edge("step_size_up", "max_lr", "the first peak"),
                Edge("2 * step_size_up", "base_lr", "the end of a cycle, where step_size_down is left out"),
                Edge("3 * step_size_up", "max_lr", "the next peak (mode triangular); it has no end"),
            ),
            use="Cycling through a range of learning rates that a range test found.",
            avoid=(
                "The optimizer has neither momentum nor betas (then only with cycle_momentum: false), or the "
                "run is shorter than step_size_up, 2000 by default: it never peaks."
            ),
            example=Example("{type: CyclicLR, base_lr: 0.01, max_lr: 0.1, step_size_up: 15}", 60),
            arguments=(
                Argument(
                    name="base_lr",
                    kind="number",
                    low=0,
                    many="groups",
                    unit="learning rate",
                    meaning="the lowest learning rate of a cycle",
                ),
                Argument(
                    name="max_lr",
                    kind="number",
                    low=0,
                    many="groups",
                    unit="learning rate",
                    meaning="the highest learning rate of the first cycle",
                ),
                Argument(
                    name="step_size_up",
                    kind="calls",
                    default=2000,
                    low=1,
                    unit="calls",
                    meaning="calls from base_lr up to max_lr",
                ),
                Argument(
                    name="step_size_down",
                    kind="calls",
                    default=None,
                    nullable=True,
                    low=1,
                    unit="calls",
                    meaning="calls back down; as many as up when left out",
                ),
                Argument(
                    name="mode",
                    kind="choice",
                    default="triangular",
                    choices=("triangular", "triangular2", "exp_range"),
                    meaning="how the height changes: not at all, halved each cycle, or by gamma each call",
                ),
                Argument(
                    name="gamma",
                    kind="number",
                    default=1.0,
                    low=0,
                    unit="factor",
                    stretch="decay",
                    meaning="factor of each call in mode exp_range",
                ),
                Argument(
                    name="scale_fn",
                    kind="function",
                    default=None,
                    nullable=True,
                    unit="factor",
                    meaning="the height as a function of the cycle or call, in place of mode",
                ),
                Argument(
                    name="scale_mode",
                    kind="choice",
                    default="cycle",
                    choices=("cycle", "iterations"),
                    meaning="whether scale_fn is given the cycle (from 1) or the call (from 0)",
                ),
                Argument(
                    name="cycle_momentum",
                    kind="flag",
                    default=True,
                    meaning="move momentum (or beta1) against the learning rate",
                ),
                Argument(
                    name="base_momentum",
                    kind="number",
                    default=0.8,
                    low=0,
                    below=1,
                    many="groups",
                    unit="momentum",
                    meaning="momentum at the highest learning rate",
                ),
                Argument(
                    name="max_momentum",
                    kind="number",
                    default=0.9,
                    low=0,
                    below=1,
                    many="groups",
                    unit="momentum",
                    meaning="momentum at the lowest learning rate",
                ),
            ),
        ),
        Entry(
            name="OneCycleLR",
            summary="One rise to max_lr and one long fall; the optimizer's own lr is not used.",
            formula="from max_lr / div_factor up to max_lr at call pct_start * total_steps - 1, "
            "then down to max_lr / div_factor / final_div_factor at call total_steps - 1",
            source="torch.optim.lr_scheduler.OneCycleLR; Smith & Topin 2018, arXiv 1708.07120",
            aliases=("onecycle", "1cycle", "one cycle", "superconvergence"),
            module=LR_SCHEDULER,
            edges=(
                Edge("0", "max_lr / div_factor", ""),
                Edge("pct_start * total_steps - 1", "max_lr", "the peak, where this is a whole number"),
                Edge("total_steps - 1", "max_lr / div_factor / final_div_factor", "the last call that torch defines"),
                Edge(
                    "total_steps",
                    "max_lr / div_factor / final_div_factor",
                    "past the end: the cosine climbs (linear: it falls below 0); the next call raises an error",
                    relation=">",
                ),
            ),
            use="Training on a fixed budget, stepped per step, with a max_lr from a range test.",
            avoid=(
                "The run may be extended: torch raises an error past total_steps. It sets learning rate and "
                "momentum itself; those of the optimizer are not used."
            ),
            example=Example("{type: OneCycleLR, max_lr: 0.1, total_steps: 60}", 60),
            arguments=(
                Argument(
                    name="max_lr",
                    kind="number",
                    above=0,
                    many="groups",
                    unit="learning rate",
                    meaning="the peak",
                ),
                Argument(
                    name="total_steps",
                    kind="calls",
                    default=None,
                    nullable=True,
                    low=1,
                    unit="calls",
                    own_length=True,
                    meaning="calls of the whole cycle; torch allows one more call",
                ),
                Argument(
                    name="epochs",
                    kind="whole",
                    default=None,
                    nullable=True,
                    low=1,
                    unit="epochs",
                    stretch="length",
                    meaning="with steps_per_epoch, in place of total_steps",
                ),
                Argument(
                    name="steps_per_epoch",
                    kind="whole",
                    default=None,
                    nullable=True,
                    low=1,
                    unit="calls",
                    meaning="with epochs, in place of total_steps",
                ),
                Argument(
                    name="pct_start",
                    kind="float",
                    default=0.3,
                    low=0,
                    high=1,
                    unit="fraction",
                    meaning="the part of the cycle in which it rises; a fraction, not a percentage",
                ),
                Argument(
                    name="anneal_strategy",
                    kind="choice",
                    default="cos",
                    choices=("cos", "linear"),
                    meaning="the shape of rise and fall",
                ),
                Argument(
                    name="cycle_momentum",
                    kind="flag",
                    default=True,
                    meaning="move momentum (or beta1) against the learning rate",
                ),
                Argument(
                    name="base_momentum",
                    kind="number",
                    default=0.85,
                    low=0,
                    below=1,
                    many="groups",
                    unit="momentum",
                    meaning="momentum at the peak",
                ),
                Argument(
                    name="max_momentum",
                    kind="number",
                    default=0.95,
                    low=0,
                    below=1,
                    many="groups",
                    unit="momentum",
                    meaning="momentum at both ends",
                ),
                Argument(
                    name="div_factor",
                    kind="number",
                    default=25.0,
                    above=0,
                    unit="factor",
                    meaning="the peak over the first learning rate",
                ),
                Argument(
                    name="final_div_factor",
                    kind="number",
                    default=1e4,
                    above=0,
                    unit="factor",
                    meaning="the first learning rate over the last",
                ),
                Argument(
                    name="three_phase",
                    kind="flag",
                    default=False,
                    meaning="fall to the first learning rate for as long as it rose, then to the last",
                ),
            ),
        ),
        Entry(
            name="ReduceLROnPlateau",
            summary="Multiplies the learning rate by factor when a metric has stopped improving.",
            formula="lr <- max(lr * factor, min_lr) at the (patience + 1)-th call in a row without improvement",
            source="torch.optim.lr_scheduler.ReduceLROnPlateau",
            aliases=("plateau", "reduce on plateau"),
            module=LR_SCHEDULER,
            edges=(
                Edge("0", "base", ""),
                Edge("10 + patience", "base", "here the metric last improved at call 9; patience calls are tolerated"),
                Edge("10 + patience + 1", "base * factor", "the next one reduces"),
                Edge("10 + 2 * (patience + 1)", "base * factor ** 2", "and so on, down to min_lr; it has no end"),
            ),
            use="The length of the run is not fixed, and there is a validation metric to trust.",
            avoid=(
                "The metric is noisier than patience allows for, or negative: with threshold_mode rel a "
                "standstill then counts as progress; abs is right."
            ),
            example=Example(
                "{type: ReduceLROnPlateau, factor: 0.5, patience: 4}",
                30,
                metric="[10, 9, 8, 7, 6, 5, 4, 3, 2, 1" + ", 1" * 20 + "]",
            ),
            arguments=(
                Argument(
                    name="mode",
                    kind="choice",
                    default="min",
                    choices=("min", "max"),
                    meaning="whether a smaller or a larger metric is better",
                ),
                Argument(
                    name="factor",
                    kind="number",
                    default=0.1,
                    low=0,
                    below=1,
                    unit="factor",
                    meaning="factor of each reduction",
                ),
                Argument(
                    name="patience",
                    kind="calls",
                    default=10,
                    low=0,
                    unit="calls",
                    stretch="none",
                    meaning="calls without improvement that are tolerated; the next one reduces",
                ),
                Argument(
                    name="threshold",
                    kind="number",
                    default=1e-4,
                    low=0,
                    unit="metric",
                    meaning="the smallest change that counts as improvement",
                ),
                Argument(
                    name="threshold_mode",
                    kind="choice",
                    default="rel",
                    choices=("rel", "abs"),
                    meaning="whether threshold is a fraction of the best metric or a difference",
                ),
                Argument(
                    name="cooldown",
                    kind="calls",
                    default=0,
                    low=0,
                    unit="calls",
                    stretch="none",
                    meaning="calls after a reduction that do not count as calls without improvement",
                ),
                Argument(
                    name="min_lr",
                    kind="number",
                    default=0,
                    low=0,
                    many="groups",
                    unit="learning rate",
                    meaning="lower bound of the learning rate",
                ),
                Argument(
                    name="eps",
                    kind="number",
                    default=1e-8,
                    low=0,
                    unit="learning rate",
                    meaning="a reduction smaller than this is skipped",
                ),
            ),
        ),
        Entry(
            name="SequentialLR",
            summary="Several schedulers one after the other; each begins anew from the base.",
            formula="lr(t) = schedulers[i](t - milestones[i - 1]) for milestones[i - 1] <= t < milestones[i]",
            source="torch.optim.lr_scheduler.SequentialLR",
            aliases=("sequential", "sequence"),
            module=LR_SCHEDULER,
            edges=(
                Edge("0", "base * 0.1", "the first part's start: here a LinearLR with start_factor 0.1"),
                Edge("10", "base", "the milestone: the next part begins at its own call 0, from the base"),
                Edge("60", "0", "the end of the last part; past it, what that part does"),
            ),
            use="Warmup and then anything; parts that each count from 0.",
            avoid=(
                "A part should continue from where the previous one ended: each begins from the base. "
                "ReduceLROnPlateau cannot be a part, and a composite only the first."
            ),
            example=Example(
                "{type: SequentialLR, milestones: [10], schedulers: [\n"
                "  {type: LinearLR, start_factor: 0.1, total_iters: 10},\n"
                "  {type: CosineAnnealingLR, T_max: 50}]}",
                60,
            ),
            arguments=(
                Argument(
                    name="schedulers",
                    kind="schedulers",
                    meaning="the schedulers, in order",
                ),
                Argument(
                    name="milestones",
                    kind="calls",
                    many="list",
                    low=0,
                    unit="calls",
                    meaning="the calls at which the next one takes over, counted from the start",
                ),
            ),
        ),
        Entry(
            name="ChainedScheduler",
            summary="Several schedulers at once: each call steps all of them, one after the other.",
            formula="lr(t) = base * the product of the schedulers' factors, where they work by factors",
            source="torch.optim.lr_scheduler.ChainedScheduler",
            aliases=("chained", "chain", "product"),
            module=LR_SCHEDULER,
            edges=(
                Edge("0", "base * 0.1", "the product of all first factors: here 0.1 and 1"),
                Edge("10", "base", "here the warmup is over"),
                Edge("20", "base * 0.5", "here the first drop; it ends when its parts do"),
            ),
            use="Factors that multiply: a warmup times a step decay.",
            avoid=(
                "A part sets the learning rate outright: LambdaLR, CyclicLR, OneCycleLR and "
                "CosineAnnealingWarmRestarts undo what the parts before them did."
            ),
            example=Example(
                "{type: ChainedScheduler, schedulers: [\n"
                "  {type: LinearLR, start_factor: 0.1, total_iters: 10},\n"
                "  {type: StepLR, step_size: 20, gamma: 0.5}]}",
                60,
            ),
            arguments=(
                Argument(
                    name="schedulers",
                    kind="schedulers",
                    meaning="the schedulers that every call steps",
                ),
            ),
        ),
        Entry(
            name="SWALR",
            summary="Anneals from the current learning rate to swa_lr, then holds it.",
            formula="lr(t) = (1 - a) * base + a * swa_lr, a the annealed fraction of anneal_epochs",
            source="torch.optim.swa_utils.SWALR; Izmailov et al. 2018, arXiv 1803.05407",
            aliases=("swa",),
            module=SWA_UTILS,
            stand_in=False,
            edges=(
                Edge("0", "base", ""),
                Edge("anneal_epochs", "swa_lr", "and from then on", holds=True),
            ),
            use="The last part of a run whose weights are averaged (stochastic weight averaging).",
            avoid="No weights are averaged: it is then only a short fall to a constant.",
            example=Example(
                "{type: SWALR, swa_lr: 0.05, anneal_epochs: 20}",
                60,
                quick="{type: SequentialLR, milestones: [20], schedulers: [\n"
                "  {type: CosineAnnealingLR, T_max: 20, eta_min: 0.05},\n"
                "  {type: ConstantLR, factor: 0.5, total_iters: 99}]}",
            ),
            arguments=(
                Argument(
                    name="swa_lr",
                    kind="number",
                    low=0,
                    many="groups",
                    unit="learning rate",
                    meaning="the learning rate to anneal to and hold",
                ),
                Argument(
                    name="anneal_epochs",
                    kind="calls",
                    default=10,
                    low=0,
                    unit="calls",
                    meaning="calls from the current learning rate to swa_lr",
                ),
                Argument(
                    name="anneal_strategy",
                    kind="choice",
                    default="cos",
                    choices=("cos", "linear"),
                    meaning="the shape of the anneal",
                ),
            ),
        ),
    )
}

SCHEDULER_ALIASES = {alias: entry.name for entry in SCHEDULERS.values() for alias in entry.aliases}
"""Other common names of schedulers -> torch's name."""

BRING_THEIR_OWN = ("OneCycleLR", "CyclicLR")
"""The schedulers that set the learning rate themselves, whatever the optimizer's is."""
