"""The class report counts right, opens fast and offline, and gives no one away when it is to be anonymous."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, replace
from itertools import pairwise
from pathlib import Path
from statistics import mean, median
from typing import Any

import pytest
from click.testing import CliRunner, Result
from conftest import ROOT, CourseFolder
from playwright.sync_api import Browser, Page, Playwright
from synthetic_class import ODD_NAMES
from synthetic_class import records as synthetic

from autograder import records
from autograder.cli import main
from autograder.exercise import Failure
from autograder.exercises import EXERCISES, of_lesson
from autograder.judge import describe, is_missing
from autograder.records import FAILED, LOOK, Record
from autograder.report.page import _share
from autograder.report.summary import Mistake, kind_of_failure, summarise

CHROMIUM = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
CHROMIUM += " --disable-component-update --disable-sync"

pytestmark = pytest.mark.xdist_group("report")  # the classes are made once


def class_folder(root: Path, found: list[Record]) -> Path:
    """A course folder in which these records were kept."""
    (root / "source").mkdir(parents=True)
    for lesson in {exercise.lesson for exercise in EXERCISES.values()}:
        (root / "source" / lesson).mkdir()
    shutil.copy(ROOT / "nbgrader_config.py", root)
    for record in found:
        records.save(root, record)
    return root


def report(root: Path, *arguments: str) -> Result:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        return CliRunner().invoke(main, ["report", *arguments])


def html(root: Path) -> str:
    return (root / "report" / "index.html").read_text(encoding="utf-8")


def rows(root: Path) -> list[dict[str, str]]:
    text = (root / "report" / "results.csv").read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture(scope="module")
def found() -> list[Record]:
    return synthetic(300)


@pytest.fixture(scope="module")
def reported(found: list[Record], tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = class_folder(tmp_path_factory.mktemp("synthetic") / "class", found)
    result = report(root)
    assert result.exit_code == 0, result.output
    return root


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> CourseFolder:
    """A small class that was really graded: a named mistake, a broken file, a syntax error."""
    course = CourseFolder(tmp_path_factory.mktemp("real") / "class")
    for name in ("emeka/02-one-step", "emeka/03-conv-forward", "liam/03-conv-forward", "hana/03-conv-forward"):
        shutil.copytree(ROOT / "examples/class/submitted" / name, course.root / "submitted" / name)
    course.autograder("grade")
    assert report(course.root).exit_code == 0
    return course


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM.split())
    yield browser
    browser.close()


def test_scores_are_counted(found: list[Record]) -> None:
    scores = {one.assignment: one for one in summarise(found).scores}
    for assignment, one in scores.items():
        points = [record.points for record in found if record.assignment == assignment and record.points is not None]
        assert one.handed_in == len(points) == sum(bin.count for bin in one.bins)
        assert (one.mean, one.median) == pytest.approx((mean(points), median(points)))
        assert one.full == one.bins[-1].count == sum(value == 10 for value in points)
        assert one.none == points.count(0)
        assert one.bins[7].count == sum(7 <= value < 8 for value in points)
    assert len(scores) == 5


def test_criteria_and_mistakes_are_counted(found: list[Record]) -> None:
    summary = summarise(found)
    verdicts = [verdict for record in found for verdict in record.verdicts]
    met = Counter((v["exercise"], c["name"]) for v in verdicts for c in v["criteria"] if c["passed"])
    judged = Counter((v["exercise"], c["name"]) for v in verdicts for c in v["criteria"])
    assert {(e.name, c.name): c.met for e in summary.exercises for c in e.criteria.values() if c.met} == met
    assert {(e.name, c.name): c.judged for e in summary.exercises for c in e.criteria.values()} == judged
    named = Counter((v["exercise"], v["diagnosis"]["id"]) for v in verdicts if v["diagnosis"])
    assert {(one.exercise, one.id): one.count for one in summary.mistakes} == named
    counts = [one.count for one in summary.mistakes]
    assert counts == sorted(counts, reverse=True)
    lost = sum(not all(c["passed"] for c in v["criteria"]) for v in verdicts)
    assert sum(counts) + sum(one.count for one in summary.unnamed) == lost


def test_example_is_the_smallest(found: list[Record]) -> None:
    (top, *_) = summarise(found).mistakes
    tables = [
        verdict["example"]["expected"]
        for record in found
        for verdict in record.verdicts
        if verdict["exercise"] == top.exercise and (verdict["diagnosis"] or {}).get("id") == top.id
    ]
    assert top.example
    assert sum(map(len, top.example["expected"])) == min(sum(map(len, table)) for table in tables)


def test_exercises_come_in_the_order_of_the_course(found: list[Record]) -> None:
    names = [one.name for one in summarise(reversed(found)).exercises]
    assert names == [name for name in EXERCISES if name in names]


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (Failure("NotImplementedError", ""), "not written yet"),
        (Failure("NameError", "zero_pad is not defined"), "not defined"),
        (Failure("TimeLimit", "it took too long"), "took too long"),
        (Failure("IndexError", "maria's list is too short", "x[3]"), "raised IndexError on every input"),
        (Failure("Stopped", "It crashed Python (exit status 139)."), "gave no answer to any input"),
    ],
)
def test_failures_without_a_name_are_grouped(failure: Failure, kind: str) -> None:
    assert kind_of_failure(describe("zero_pad", failure, "every input, for example the first")) == kind
    assert kind_of_failure(is_missing("zero_pad")) == "not defined"
    assert kind_of_failure(None) == "wrong in a way that no known mistake explains"


def test_shares_say_all_and_none_only_where_that_is_so() -> None:
    shares = [_share(0, 999), _share(1, 999), _share(998, 999), _share(999, 999), _share(0, 0)]
    assert [share.replace("\N{NO-BREAK SPACE}", " ") for share in shares] == [
        "0 %",
        "under 1 %",
        "over 99 %",
        "100 %",
        "–",
    ]


def test_table_has_every_submission_exercise_and_criterion(reported: Path, found: list[Record]) -> None:
    table = rows(reported)
    assert len(table) == len(found)
    by_key = {(row["student"].removeprefix("'"), row["assignment"]): row for row in table}
    for record in found:
        row = by_key[record.student, record.assignment]
        assert (row["state"], row["reason"]) == (record.state, record.reason)
        assert row["score"] == ("" if record.points is None else f"{record.points:g}")
        for verdict in record.verdicts:
            assert float(row[verdict["exercise"]]) == verdict["points"]
            assert row[f"{verdict['exercise']}: mistake"] == (verdict["diagnosis"] or {"id": ""})["id"]
            for criterion in verdict["criteria"]:
                assert float(row[f"{verdict['exercise']}: {criterion['name']}"]) == criterion["points"]
    exercises = [exercise for lesson in {record.assignment for record in found} for exercise in of_lesson(lesson)]
    columns = sum(2 + 1 + len(exercise.criteria) for exercise in exercises)
    assert len(table[0]) == 7 + columns


def test_no_cell_begins_a_formula(reported: Path) -> None:
    assert {row["student"] for row in rows(reported)} > {"'=1+1"}
    assert not [cell for row in rows(reported) for cell in row.values() if cell.startswith(("=", "+", "-", "@"))]


def test_names_are_only_text(reported: Path) -> None:
    page = html(reported)
    assert "<script" not in page.lower()
    assert "<img" not in page.lower()
    assert "&lt;script&gt;alert(&#39;x&#39;)&lt;script&gt;" in page


@pytest.mark.parametrize("name", ["index.html", "results.csv"])
def test_anonymous_report_names_no_one(found: list[Record], tmp_path: Path, name: str) -> None:
    secret = Record("kai", "03 of kai", FAILED, "the course has no assignment '03 of kai': is the folder's name right?")
    root = class_folder(tmp_path / "class", [*found, secret])
    (root / "feedback/student-00010/03-conv-forward").mkdir(parents=True)
    (root / "feedback/student-00010/03-conv-forward/conv_forward.html").touch()
    assert report(root, "--anonymous").exit_code == 0
    text = (root / "report" / name).read_text(encoding="utf-8-sig")
    for student in {record.student for record in found}:
        assert student not in text
    assert not re.search("script|alert|maria|kai|feedback/", text.replace("Content-Security-Policy", ""))
    assert "student 01" in text
    assert "conv_forward.ipynb is missing" in text
    assert "the course has no assignment" in text


def test_anonymous_numbers_are_drawn_anew(found: list[Record], tmp_path: Path) -> None:
    root = class_folder(tmp_path / "class", found)
    orders = set()
    for _ in range(3):
        report(root, "--anonymous")
        orders.add(tuple(row["score"] for row in rows(root)))
    assert len(orders) > 1


def test_empty_class_is_told_what_to_do(tmp_path: Path) -> None:
    root = class_folder(tmp_path / "class", [])
    result = report(root)
    assert (result.exit_code, result.output.count("\n")) == (1, 1)
    assert "Run autograder grade" in result.output
    assert not (root / "report").exists()


def test_class_of_failures_only(tmp_path: Path) -> None:
    root = class_folder(tmp_path / "class", [Record("ada", "02-one-step", FAILED, "nothing was handed in")])
    assert report(root).exit_code == 0
    assert "No submission has a score." in html(root)


def test_old_records_are_readable(found: list[Record], tmp_path: Path) -> None:
    root = class_folder(tmp_path / "class", [])
    for record in found[:20]:
        old = asdict(replace(record, verdicts=[older(verdict) for verdict in record.verdicts]))
        records.write_whole(records.path_of(root, record.student, record.assignment), json.dumps(old))
    assert report(root).exit_code == 0
    assert len(rows(root)) == 20


def older(verdict: dict[str, Any]) -> dict[str, Any]:
    """A verdict as it was kept before examples were."""
    criteria = [{key: one[key] for key in ("name", "passed", "points", "message")} for one in verdict["criteria"]]
    return {**{key: value for key, value in verdict.items() if key != "example"}, "criteria": criteria}


def test_unreadable_records_are_told(found: list[Record], tmp_path: Path) -> None:
    root = class_folder(tmp_path / "class", found[:5])
    records.path_of(root, found[0].student, found[0].assignment).write_text("{")
    result = report(root)
    assert result.exit_code == 0
    assert "1 of the records" in result.output
    assert len(rows(root)) == 4


def test_mistakes_of_a_real_class(real: CourseFolder) -> None:
    summary = summarise(records.load_all(real.root))
    named = {one.label: one for one in summary.mistakes}
    mistake: Mistake = named["conv_single_step: bias-per-element"]
    assert mistake.count == 1
    assert mistake.example
    difference = mistake.example["yours"][0][0] - mistake.example["expected"][0][0]
    assert mistake.example["off"] == [[pytest.approx(difference)]]
    assert mistake.hint.split("`")[0] in html(real.root)
    assert {one.label: one.count for one in summary.unnamed} == {
        "conv_forward: not defined, since its cell stopped with SyntaxError": 1
    }


def test_links_lead_to_pages(real: CourseFolder) -> None:
    targets = re.findall(r'href="(\.\./[^"]+)"', html(real.root))
    assert "../feedback/liam/03-conv-forward/conv_forward.html" in targets
    assert all((real.root / "report" / target).is_file() for target in targets)


def test_json_of_check_is_as_it_was(real: CourseFolder) -> None:
    path = real.root / "submitted/emeka/02-one-step/one_step.ipynb"
    (line,) = real.autograder("check", "--json", path).stdout.splitlines()
    verdict = json.loads(line)
    assert set(verdict) == {"file", "exercise", "points", "max_points", "criteria", "diagnosis", "error"}
    assert set(verdict["criteria"][0]) == {"name", "passed", "points", "message"}


def opened(browser: Browser, path: Path) -> tuple[Page, list[str], float]:
    """The page in a fresh window, what went beyond it or was complained of, and the seconds it took."""
    page = browser.new_context(offline=True, viewport={"width": 1280, "height": 900}).new_page()
    trouble: list[str] = []
    address = path.as_uri()
    page.on("request", lambda request: trouble.append(request.url) if request.url != address else None)
    page.on("console", lambda message: trouble.append(message.text))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    began = time.monotonic()
    page.goto(address, wait_until="load")
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return page, [one for one in trouble if not one.startswith("data:")], time.monotonic() - began


@pytest.mark.browser
def test_page_stands_alone(browser: Browser, reported: Path, found: list[Record]) -> None:
    page, trouble, _ = opened(browser, reported / "report/index.html")
    assert trouble == []
    for link in page.locator("nav a").all():
        assert page.locator(link.get_attribute("href") or "").count() == 1
    attention = page.locator("section[aria-labelledby=attention] tbody tr")
    assert attention.count() == sum(record.state in (LOOK, FAILED) for record in found)
    page.get_by_text("Show all 300 submissions").click()
    shown = page.locator("table.many tbody th").all_inner_texts()
    assert shown == sorted(record.student for record in found)
    assert set(ODD_NAMES) < set(shown)
    assert trouble == []


@pytest.mark.browser
def test_page_can_be_read_without_seeing_it(browser: Browser, reported: Path) -> None:
    page, _, _ = opened(browser, reported / "report/index.html")
    levels = [int(name[1]) for name in page.locator("h1, h2, h3").evaluate_all("found => found.map(e => e.tagName)")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))
    pictures = page.locator("svg")
    assert pictures.count() > 10
    assert pictures.evaluate_all("found => found.every(e => e.getAttribute('role') == 'img')")
    named = "e => document.getElementById(e.getAttribute('aria-labelledby'))?.textContent.length > 40"
    assert pictures.evaluate_all(f"found => found.every({named})")
    assert page.locator("table:not(.grid) th:not([scope])").count() == 0
    assert page.locator("table:not(:has(caption))").count() == 0
    for section in page.locator("section").all():  # pictures before tables
        order = section.evaluate("e => [...e.querySelectorAll('svg, table')].map(x => x.tagName.toLowerCase())")
        assert not order or "svg" not in order or order[0] == "svg"


@pytest.mark.browser
def test_page_fits_small_screens_and_paper(browser: Browser, reported: Path) -> None:
    page, _, _ = opened(browser, reported / "report/index.html")
    for width, medium in ((390, "screen"), (690, "print")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(media=medium)  # type: ignore[arg-type]
        assert page.evaluate("document.documentElement.scrollWidth") <= width, medium
    assert not page.locator("nav").is_visible()
    assert len(page.pdf(format="A4")) > 20_000


@pytest.mark.browser
def test_ten_thousand_results_open_in_three_seconds(browser: Browser, tmp_path: Path) -> None:
    some = synthetic(500, seed=1)
    twenty_times = [replace(record, student=f"{record.student} {i}") for i in range(20) for record in some]
    root = class_folder(tmp_path / "class", twenty_times)
    assert report(root).exit_code == 0
    page, trouble, seconds = opened(browser, root / "report/index.html")
    assert trouble == []
    assert seconds < 3
    assert page.locator("table.many tbody tr").count() == 10_000


def test_colours_can_be_told_from_paper(reported: Path) -> None:
    palette = dict(re.findall(r"--(\w+): (#\w{6})", html(reported)))
    for name in ("ink", "soft", "blue", "green", "red"):
        assert 1.05 / (luminance(palette[name]) + 0.05) >= 4.5, name  # WCAG 2.2, 1.4.3


def luminance(colour: str) -> float:
    """The relative luminance of a colour, as WCAG defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
