"""Recurring work that no embedded author can learn: what the loop should refuse, and say why.

Totals lose the lines that they were made of; country codes need knowledge of the world; a list of
a few rows proves nothing. Rules: each `Task` says its reason in `refusal`.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from random import Random

from skillkiln.demo.layouts import build_sample
from skillkiln.demo.line_families import draw_system_log
from skillkiln.demo.rewrites import Rewrite, build_rewrite_task
from skillkiln.demo.tasks import Row, Sample, Task
from skillkiln.demo.text_families import TEXT_FAMILIES
from skillkiln.demo.wording import Program, bind_words, draw_habits

CITIES_OF = {
    "AT": ("Graz", "Linz", "Wels"),
    "BE": ("Ghent", "Namur", "Mons"),
    "CH": ("Basel", "Bern", "Thun"),
    "CZ": ("Brno", "Zlin", "Tabor"),
    "DE": ("Berlin", "Bremen", "Trier"),
    "ES": ("Seville", "Vigo", "Murcia"),
    "FR": ("Lyon", "Nantes", "Metz"),
    "IE": ("Cork", "Galway", "Sligo"),
    "IT": ("Turin", "Bari", "Parma"),
    "NL": ("Utrecht", "Delft", "Breda"),
    "NO": ("Oslo", "Bergen", "Narvik"),
    "PL": ("Gdansk", "Lublin", "Opole"),
}
COUNTRY_OF = {city: code for code, cities in CITIES_OF.items() for city in cities}
KNOWN_CITIES = 28
SMALL_LIST_ROWS = 4
"""Rows of a list that is too short to split into visible, sealed and held-back cases."""


def draw_totals(rng: Random) -> Task:
    """Draw a count of log lines by program: the script prints sums, never an entry."""
    # Only an empty line makes this draft fail; any other odd line would be counted.
    layout = replace(draw_system_log(rng), odd_lines=("",))
    habits = draw_habits(rng)
    setup = "$rows = Counter()"
    after = "for name, count in $rows.most_common():\n    print(name, count)"
    imports = ("from collections import Counter",)
    draft = '$parts = $line.split(": ")[0].split()\n$rows[$parts[-1].split("[")[0]] += 1'
    final = f'if ": " not in $line:\n    continue\n{draft}'
    return Task(
        name="line-totals",
        goal=f"How many lines are there in $path by {layout.fields[2].name}?",
        folder=layout.folder,
        stem="totals",
        suffix=layout.suffix,
        sample=lambda source, start: _hide_rows(build_sample(layout, source, start, 50)),
        draft=bind_words(Program(draft, setup, imports, shown="", after=after), habits),
        final=bind_words(Program(final, setup, imports, shown="", after=after), habits),
        refusal="the scripts print totals only, so no line can be paired with its result",
    )


def _hide_rows(sample: Sample) -> Sample:
    return Sample(sample.text, ())


def draw_country_codes(rng: Random) -> Task:
    """Draw a lookup of countries: right only for who knows the world."""
    known = rng.sample(sorted(COUNTRY_OF), KNOWN_CITIES)
    forgotten = known[-1]
    table = {city: COUNTRY_OF[city] for city in known}
    shorter = {city: code for city, code in table.items() if city != forgotten}

    def make(source: Random) -> tuple[str, str]:
        city = source.choice(known)
        return city, COUNTRY_OF[city]

    lookup = "$result = $columns[$line]"
    rewrite = Rewrite(
        name="country-codes",
        goal="Give the country code of every city in $path, one per line.",
        stem="cities",
        make=make,
        odd=lambda _: (forgotten, COUNTRY_OF[forgotten]),
        draft=Program(lookup, f"$columns = {shorter!r}"),
        ways=(Program(lookup, f"$columns = {table!r}"),),
    )
    reason = "a city does not hold its country's code; only knowledge of the world gives it"
    return replace(build_rewrite_task(rewrite, rng), refusal=reason)


def draw_small_list(rng: Random) -> Task:
    """Draw a rewrite of one and the same short list, over and over."""
    rewrite = rng.choice(TEXT_FAMILIES)(rng)
    pairs = [rewrite.odd(rng), *(rewrite.make(rng) for _ in range(SMALL_LIST_ROWS - 1))]

    def sample(source: Random, _: datetime) -> Sample:
        shuffled = source.sample(pairs, len(pairs))
        rows = tuple(Row({"text": given}, wanted) for given, wanted in shuffled)
        return Sample("".join(f"{given}\n" for given, _ in shuffled), rows)

    reason = f"{SMALL_LIST_ROWS} different rows are too few to learn from and to prove with"
    task = build_rewrite_task(rewrite, rng)
    return replace(task, name=f"few-{rewrite.name}", sample=sample, refusal=reason)


HARD_FAMILIES: tuple[Callable[[Random], Task], ...] = (
    draw_totals,
    draw_country_codes,
    draw_small_list,
)
