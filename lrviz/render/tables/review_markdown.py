"""A review in Markdown, for the comment of a pull request or the summary of a job."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import IO

from lrviz.checks.finding import Finding
from lrviz.foreign import escaped, markdown_text
from lrviz.render.tables.columns import TextColumn, write_pipes
from lrviz.render.tables.review import MOST_CAUSES, MOST_FINDINGS, heading, sentence, titles_of
from lrviz.render.tables.review_rows import blocks_of, cause_words, common_part, short_words, verdict_words
from lrviz.review.result import Review, Reviewed
from lrviz.words import counted

MOST_LETTERS = 50_000
"""Details are written up to so many characters: a comment on GitHub has at most 65,536."""


def write_markdown(review: Review, stream: IO[str]) -> None:
    """A sentence, a table with a row for each schedule, and the details of each below it."""
    stream.write(f"### Learning rates\n\n{markdown_text(sentence(review))}\n")
    told = [each for each in review.told if each.verdict != "same" or each.causes or each.came or each.went]
    if told:
        stream.write("\n")
        write_pipes(
            [
                TextColumn([escaped(each.name) for each in told], "schedule", left=True),
                TextColumn([_verdict(each) for each in told], "curve", left=True),
                TextColumn([escaped(short_words(each)) for each in told], "what", left=True),
                TextColumn([_count(each) for each in told], "findings", left=True),
            ],
            stream,
        )
    written = left_out = 0
    for each in told:
        details = _details(each, titles_of(review))
        if written + len(details) > MOST_LETTERS:
            left_out += 1
            continue
        written += len(details)
        stream.write(details)
    if left_out:
        stream.write(f"\nThe details of {counted(left_out, 'schedule')} are left out; `lrviz review` shows them.\n")
    for unread in review.unread:
        file = markdown_text(unread.file)
        stream.write(f"\nThe file {file} cannot be read at {markdown_text(str(review.base))}:\n\n")
        stream.writelines(f"- {markdown_text(str(each._replace(hint='')))}\n" for each in unread.problems[:3])


def _verdict(one: Reviewed) -> str:
    return verdict_words(one) + (", and must not" if one.frozen and one.moved else "")


def _count(one: Reviewed) -> str:
    parts = [f"+{len(one.came)}"] if one.came else []
    return ", ".join(parts + ([f"-{len(one.went)}"] if one.went and one.new is not None else []))


def _details(one: Reviewed, sides: tuple[str, str, str]) -> str:
    """What can be folded away: causes, findings, and the table."""
    stream = io.StringIO()
    lines = list(_lines(one))
    if not lines and one.verdict not in ("curve", "added"):
        return ""
    stream.write(f"\n<details{' open' if one.verdict == 'curve' else ''}>\n")
    stream.write(f"<summary>{_html(heading(one))}</summary>\n\n")
    if lines:
        stream.writelines(f"- {line}\n" for line in lines)
        stream.write("\n")
    if one.verdict in ("curve", "added"):
        blocks, others = blocks_of(one)
        for block in blocks:
            if block.group:
                stream.write(f"Param group {markdown_text(block.group)}:\n\n")
            cells = [[getattr(row, key) for row in block.rows] for key in ("name", "old", "new", "ratio")]
            titles = ("", *sides)
            write_pipes(
                [
                    TextColumn(column, title, left=title == "")
                    for column, title in zip(cells, titles, strict=True)
                    if any(column)
                ],
                stream,
            )
            stream.write("\n")
        if others:
            stream.write(f"{others}\n\n")
    stream.write("</details>\n")
    return stream.getvalue()


def _lines(one: Reviewed) -> Iterator[str]:
    for cause in one.causes[:MOST_CAUSES]:
        name, change = cause_words(cause)
        place = cause.where or cause.old_where
        where = f" ({'' if cause.where else 'was '}{place})" if place is not None and place.line else ""
        yield f"{markdown_text(name)}: {markdown_text(change + where)}"
    if len(one.causes) > MOST_CAUSES:
        yield f"and {counted(len(one.causes) - MOST_CAUSES, 'other value')}"
    said = one.apart or common_part(one)
    if said:
        yield markdown_text(said)
    for what, findings in (("new", one.came), ("gone", one.went if one.new is not None else ())):
        for each in findings[:MOST_FINDINGS]:
            yield f"{what}: {markdown_text(_finding(each))}"
        if len(findings) > MOST_FINDINGS:
            yield f"{what}: {counted(len(findings) - MOST_FINDINGS, 'other finding')}"


def _finding(finding: Finding) -> str:
    return f"{finding.where}: {finding.severity}: {finding.message} [{finding.code}]"


def _html(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
