"""Reports made by hand, and the files that they are about."""

from __future__ import annotations

from lrviz.checks.finding import Finding, Held, Results
from lrviz.errors import Position, Severity

LONG = "[" + ", ".join(str(epoch) for epoch in range(5, 300, 5)) + "]"

FILES = {
    "schedules/step.yaml": [
        "epochs: 30",
        "optimizer: {type: SGD, lr: 0.1}",
        "scheduler: {type: StepLR, step_size: 10}",
        "expect:",
        "  at: {0: 0.1, 10: 0.1, end: 1e-4}",
        "  max: 0.1",
        "",
    ],
    "schedules/all.yaml": [
        "epochs: 30",
        "optimizer: {type: SGD, lr: 0.1}",
        "expect: {max: 0.1, min: 1e-5}",
        "schedules:",
        "  cosine:",
        "    scheduler: {type: CosineAnnealingLR, T_max: 20}",
        "    metric: [1, 2]",
        "  multi-step:",
        f"    scheduler: {{type: MultiStepLR, milestones: {LONG}}}",
    ],
    "déjà vu/50% #1?.yaml": [
        "epochs: 3\t# 日本語",
        'schedules: {"🔥 日本": {scheduler: {type: StepLR, gamma: 2}}}',
        "e\u0301te\u0301: \x1b[31m\u202edne",
    ],
    "<stdin>": ["epochs: 0"],
}
"""The lines of each file, as `ReportOptions.lines` gives them."""


def lines(file: str) -> list[str]:
    return FILES.get(file, [])


STEP, ALL, ODD, STDIN = FILES


def failed(file: str, line: int, column: int, schedule: str, code: str, message: str, hint: str = "") -> Finding:
    return Finding(Position(file, line, column), schedule, code, "error", message, hint, "expectation")


def lint(file: str, line: int, column: int, schedule: str | None, code: str, severity: Severity, *text: str) -> Finding:
    message, hint = text
    return Finding(Position(file, line, column), schedule, code, severity, message, hint, "lint")


MISSED = failed(
    STEP, 5, 16, "step", "expect.at", "the learning rate at epoch 10 is 0.01, not 0.1", "epoch 9 has this value"
)
CLIMBS = lint(ALL, 6, 49, "cosine", "cosine-climbs", "warning", "after T_max = 20 calls it climbs again", "T_max: 30")
UNREAD = lint(ALL, 7, 13, "cosine", "metric-unread", "note", "no scheduler reads this metric", "leave it out")
BEYOND = lint(ALL, 9, 194, "multi-step", "milestone-beyond", "error", "30 is not in the run", "")
NOTHING = lint(
    STEP, 1, 1, "step", "nothing-expected", "note", "nothing is expected of this schedule", "expect: {at: {0: 0.1}}"
)
UNREADABLE = Finding(
    Position("missing.yaml"), None, "input", "error", "the file cannot be read: No such file or directory", "", "input"
)
REFUSED = Finding(
    Position(ALL, 9, 16), "multi-step", "input", "error", "torch does not make this", "write a number", "input"
)
LEFT = Finding(
    Position("run.csv", 12), "step", "log", "error", "the log leaves the plan at step 10", "it was not resumed", "log"
)
SHORT = Finding(Position("run.csv"), "step", "log-ends-early", "note", "the log ends at step 20 of 30", "", "log")

HELD = (
    Held(Position(STEP, 5, 8), "step", "expect.at", "the learning rate at epoch 0 is 0.1"),
    Held(Position(STEP, 6, 8), "step", "expect.max", "the largest learning rate is 0.1, at epoch 0"),
    Held(Position(ALL, 3, 15), "cosine", "expect.max", "the largest learning rate is 0.1, at epoch 0"),
    Held(Position(ALL, 3, 15), "multi-step", "expect.max", "the largest learning rate is 0.1, at epoch 0"),
)

FOLLOWED = Held(Position("run.csv"), "step", "log", "the log followed the plan: 30 records, steps 0 to 29")

SCHEDULES = ((STEP, "step"), (ALL, "cosine"), (ALL, "multi-step"))

MIXED = Results(
    files=(STEP, ALL, "missing.yaml"),
    schedules=SCHEDULES,
    findings=(
        UNREADABLE,
        MISSED,
        failed(ALL, 3, 25, "cosine", "expect.min", "the smallest learning rate is 0, not 1e-05", "min: 0.0"),
        CLIMBS,
        UNREAD,
        failed(ALL, 3, 25, "multi-step", "expect.min", "the smallest learning rate is 0, not 1e-05", "min: 0.0"),
        REFUSED,
        BEYOND,
        LEFT,
        SHORT,
    ),
    held=HELD,
)
"""A finding of every kind and severity, of files and schedules that also hold."""

WELL = Results(files=(STEP, ALL), schedules=SCHEDULES, findings=(), held=HELD)

LOGGED = Results((STEP,), SCHEDULES[:1], (SHORT,), (*HELD[:2], FOLLOWED))

STRICT = Results(
    files=(STEP, ALL),
    schedules=SCHEDULES,
    findings=(NOTHING.required(), CLIMBS, UNREAD),
    held=HELD[2:],
    strict=True,
)
"""With `--strict` and `--require-expect`."""

ODD_TEXT = Results(
    files=(ODD, STDIN, "a:b,c\\d.yaml"),
    schedules=((ODD, "🔥 日本"), (ODD, "a \"b\" <c> & 'd', 100%: :: ]]>")),
    findings=(
        failed(ODD, 2, 40, "🔥 日本", "expect.at", "the <lr> is \"0.1\" & not '1e-3'", "50% of it: a, b :: c"),
        lint(ODD, 1, 11, "a \"b\" <c> & 'd', 100%: :: ]]>", "lr-zero", "warning", "]]> 100%0A\r\n日本語", "a\nb"),
        lint(ODD, 3, 15, None, "lr-zero", "note", "twice", ""),
        lint(ODD, 3, 15, None, "lr-zero", "note", "twice", ""),
        Finding(Position(STDIN, 1, 9), None, "input", "error", "0 is too small", "at least 1", "input"),
        Finding(Position("a:b,c\\d.yaml", 7), None, "input", "error", "\x1b\ufffe\ud800", "", "input"),
    ),
    held=(
        Held(Position(ODD, 2, 40), "🔥 日本", "expect.at", "1 > 0 & \"so\" 'on'"),
        Held(Position(ODD, 2, 40), "🔥 日本", "expect.at", "twice in one place"),
    ),
)
"""What each format has to escape, in every place where it can stand."""

UNREADABLE_ONLY = Results(files=("missing.yaml",), schedules=(), findings=(UNREADABLE,), held=())

NOTHING_AT_ALL = Results(files=(), schedules=(), findings=(), held=())

REPORTS = {
    "mixed": MIXED,
    "well": WELL,
    "logged": LOGGED,
    "strict": STRICT,
    "odd": ODD_TEXT,
    "unreadable": UNREADABLE_ONLY,
    "nothing": NOTHING_AT_ALL,
}
