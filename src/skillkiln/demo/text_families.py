"""Families of text rewrites; each draws one concrete rewrite, with its style, from a seed.

Rules: a pair is made from parts, input and output separately, so that the truth owes nothing to
the scripts; what makes an input odd is something that the draft did not think of, and that the
final version handles. The table of families stands at the end.
"""

from collections.abc import Callable
from random import Random

from skillkiln.demo.rewrites import Rewrite
from skillkiln.demo.wording import Program

GIVEN_NAMES = ("Ada", "Carla", "Dario", "Elif", "Femi", "Greta", "Hugo", "Ines", "Jonas", "Kofi")
FAMILY_NAMES = (
    *("Abbott", "Brandt", "Costa", "Duarte", "Ekholm", "Fischer", "Garcia", "Horvat", "Ito"),
    *("Jansen", "Keller", "Lopez", "Moreau", "Novak", "Okafor", "Petrov", "Quinn", "Rossi"),
)
CITIES = ("Berlin", "Lyon", "Porto", "Oslo", "Turin", "Ghent", "Malmo", "Graz", "Cork", "Brno")
DOMAINS = ("example.org", "example.com", "example.net")
WORDS = ("orders", "stock", "invoices", "contacts", "prices", "returns", "visits", "ledger")

USES_RE = ("import re",)
Pair = tuple[str, str]


def draw_names(rng: Random) -> Rewrite:
    """Draw a way to write persons' names; some have a middle name."""
    label, render, expression = rng.choice(NAME_STYLES)

    def pair(source: Random, middle: tuple[str, ...]) -> Pair:
        given, family = source.choice(GIVEN_NAMES), source.choice(FAMILY_NAMES)
        return " ".join((given, *middle, family)), render(given, family)

    def odd(source: Random) -> Pair:
        return pair(source, (source.choice(GIVEN_NAMES),))

    def make(source: Random) -> Pair:
        return odd(source) if source.random() < 0.3 else pair(source, ())

    return Rewrite(
        name="short-names",
        goal=f"Rewrite every name in $path as '{label}', one per line, in the same order.",
        stem="people",
        make=make,
        odd=odd,
        draft=Program(f"first, last = $line.split()\n$result = {expression('first', 'last')}"),
        ways=(
            Program(f"$parts = $line.split()\n$result = {expression('$parts[0]', '$parts[-1]')}"),
            Program(
                "$match = re.match(r'(\\S+) .*?(\\S+)$$', $line)\n"
                f"$result = {expression('$match.group(1)', '$match.group(2)')}",
                imports=USES_RE,
            ),
        ),
    )


NAME_STYLES: tuple[tuple[str, Callable[[str, str], str], Callable[[str, str], str]], ...] = (
    ("Last, F.", lambda g, f: f"{f}, {g[0]}.", lambda g, f: f'{f} + ", " + {g}[0] + "."'),
    ("F. Last", lambda g, f: f"{g[0]}. {f}", lambda g, f: f'{g}[0] + ". " + {f}'),
    ("Last, First", lambda g, f: f"{f}, {g}", lambda g, f: f'{f} + ", " + {g}'),
    ("LAST First", lambda g, f: f"{f.upper()} {g}", lambda g, f: f'{f}.upper() + " " + {g}'),
)
"""What a style is called, its truth, and the expression that an agent writes for it."""


def draw_part_numbers(rng: Random) -> Rewrite:
    """Draw a normal form for part numbers that people type in many ways."""
    joint = rng.choice(("-", "/", " ", "."))
    digits = rng.choice((3, 4, 5))
    typed = [mark for mark in ("-", " ", "/") if mark != joint]

    def pair(source: Random, marks: tuple[str, str]) -> Pair:
        head = "".join(source.choices("abcdefghkmnprst", k=2))
        middle = str(source.randint(10 ** (digits - 1), 10**digits - 1))
        tail = source.choice("xyzq")
        cased = source.choice((str.upper, str.lower))
        given = cased(f"{head}{marks[0]}{middle}{marks[1]}{tail}")
        return given, joint.join((head.upper(), middle, tail.upper()))

    def make(source: Random) -> Pair:
        return pair(source, (source.choice(typed), source.choice(typed)))

    def odd(source: Random) -> Pair:
        return pair(source, (typed[1], typed[1]))

    return Rewrite(
        name="part-numbers",
        goal=f"Bring the part numbers in $path to one form, upper case, joined by '{joint}'.",
        stem="parts",
        make=make,
        odd=odd,
        draft=Program(
            f'head, middle, tail = $line.upper().split("{typed[0]}")\n'
            f'$result = "{joint}".join((head, middle, tail))'
        ),
        ways=(
            Program(
                "$parts = re.findall(r'[A-Za-z]+|[0-9]+', $line)\n"
                f'$result = "{joint}".join($parts).upper()',
                imports=USES_RE,
            ),
            Program(
                f"$result = re.sub(r'[^A-Za-z0-9]+', \"{joint}\", $line).upper()", imports=USES_RE
            ),
        ),
    )


def draw_phones(rng: Random) -> Rewrite:
    """Draw a normal form for ten-digit phone numbers; 555-01xx numbers belong to nobody."""
    render = rng.choice(("{0}-{1}-{2}", "{0}{1}{2}", "{0} {1} {2}", "({0}) {1}-{2}"))
    typed = [form for form in ("{0}-{1}-{2}", "({0}) {1}-{2}", "{0}.{1}.{2}") if form != render]

    def pair(source: Random, form: str) -> Pair:
        groups = (str(source.randint(201, 989)), "555", f"01{source.randint(0, 99):02d}")
        return form.format(*groups), render.format(*groups)

    def make(source: Random) -> Pair:
        return pair(source, source.choice(typed))

    def odd(source: Random) -> Pair:
        return pair(source, "{0}.{1}.{2}")

    written = render.format("{area}", "{middle}", "{last}")
    return Rewrite(
        name="phone-numbers",
        goal=f"Write all phone numbers of $path like {render.format('212', '555', '0100')}.",
        stem="phones",
        make=make,
        odd=odd,
        draft=Program(
            "area, rest = $line.replace(')', '-').replace(' ', '').strip('(').split('-', 1)\n"
            f"middle, last = rest.split('-')\n$result = f'{written}'"
        ),
        ways=(
            Program(
                "digits = re.sub(r'[^0-9]', '', $line)\n"
                "area, middle, last = digits[:3], digits[3:6], digits[6:]\n"
                f"$result = f'{written}'",
                imports=USES_RE,
            ),
            Program(
                f"area, middle, last = re.findall(r'[0-9]+', $line)\n$result = f'{written}'",
                imports=USES_RE,
            ),
        ),
    )


def draw_paths(rng: Random) -> Rewrite:
    """Draw base names out of paths, with or without the suffix."""
    keeps_suffix = rng.random() < 0.5

    def pair(source: Random, depth: int) -> Pair:
        folders = source.sample(WORDS, depth)
        stem = f"{source.choice(WORDS)}_{source.randint(1, 99):02d}"
        suffix = source.choice((".csv", ".json", ".log", ".parquet"))
        return f"/{'/'.join(folders)}/{stem}{suffix}", stem + suffix if keeps_suffix else stem

    def make(source: Random) -> Pair:
        return pair(source, source.randint(1, 4))

    def odd(source: Random) -> Pair:
        return pair(source, 3)

    tail = "" if keeps_suffix else ".rsplit('.', 1)[0]"
    attribute = "name" if keeps_suffix else "stem"
    return Rewrite(
        name="base-names",
        goal=f"List only the file names {'with' if keeps_suffix else 'without'} suffix of $path.",
        stem="files",
        make=make,
        odd=odd,
        draft=Program(f"root, folder, name = $line.split('/')\n$result = name{tail}"),
        ways=(
            Program(f"name = $line.split('/')[-1]\n$result = name{tail}"),
            Program(
                f"name = PurePosixPath($line)\n$result = name.{attribute}",
                imports=("from pathlib import PurePosixPath",),
            ),
        ),
    )


def draw_slugs(rng: Random) -> Rewrite:
    """Draw short ids out of titles made of a word, a number and a city."""
    joint = rng.choice(("-", "_", "."))
    marks = rng.sample((" / ", ", ", " - ", ": "), 3)

    def pair(source: Random, mark: str) -> Pair:
        word, city = source.choice(WORDS).capitalize(), source.choice(CITIES)
        count = source.randint(2, 9_999)
        return f"{word} {count}{mark}{city}", f"{word}{joint}{count}{joint}{city}".lower()

    def make(source: Random) -> Pair:
        return pair(source, source.choice(marks))

    def odd(source: Random) -> Pair:
        return pair(source, marks[1])

    return Rewrite(
        name="slugs",
        goal=f"Make ids out of the titles in $path: lower case, words joined by '{joint}'.",
        stem="titles",
        make=make,
        odd=odd,
        draft=Program(
            f"head, city = $line.lower().split('{marks[0]}')\n"
            f"word, count = head.split()\n$result = '{joint}'.join((word, count, city))"
        ),
        ways=(
            Program(
                f"$result = '{joint}'.join(re.findall(r'[A-Za-z0-9]+', $line)).lower()",
                imports=USES_RE,
            ),
            Program(f"$result = re.sub(r'[^a-z0-9]+', '{joint}', $line.lower())", imports=USES_RE),
        ),
    )


def draw_hosts(rng: Random) -> Rewrite:
    """Draw the hosts out of web addresses, with and without a port."""
    is_scheme_mixed = rng.random() < 0.5

    def pair(source: Random, port: str) -> Pair:
        scheme = source.choice(("https", "http")) if is_scheme_mixed else "https"
        name = f"{source.choice(('www', 'shop', 'api', 'files'))}.{source.choice(DOMAINS)}"
        page = f"{source.choice(WORDS)}/{source.randint(1, 999)}"
        return f"{scheme}://{name}{port}/{page}", name

    def make(source: Random) -> Pair:
        return pair(source, source.choice(("", "", ":8080", ":8443")))

    def odd(source: Random) -> Pair:
        return pair(source, "")

    return Rewrite(
        name="url-hosts",
        goal="Which hosts do the addresses in $path point at? One per line, same order.",
        stem="links",
        make=make,
        odd=odd,
        draft=Program(
            "rest = $line.split('://')[1]\n$result, port = rest.split('/')[0].split(':')"
        ),
        ways=(
            Program(
                "$parts = urlsplit($line)\n$result = $parts.hostname",
                imports=("from urllib.parse import urlsplit",),
            ),
            Program(
                "$match = re.match(r'[a-z]+://([^/:]+)', $line)\n$result = $match.group(1)",
                imports=USES_RE,
            ),
        ),
    )


def draw_dates(rng: Random) -> Rewrite:
    """Draw another order for dates, some of which carry a time."""
    form = rng.choice(("{2}/{1}/{0}", "{2}.{1}.{0}", "{0}{1}{2}", "{1}/{2}/{0}"))

    def pair(source: Random, clock: str) -> Pair:
        parts = (
            str(source.randint(1998, 2031)),
            f"{source.randint(1, 12):02d}",
            f"{source.randint(1, 28):02d}",
        )
        return "-".join(parts) + clock, form.format(*parts)

    def odd(source: Random) -> Pair:
        return pair(source, f"T{source.randint(0, 23):02d}:{source.randint(0, 59):02d}")

    def make(source: Random) -> Pair:
        return odd(source) if source.random() < 0.3 else pair(source, "")

    written = form.format("{year}", "{month}", "{day:02d}")
    return Rewrite(
        name="plain-dates",
        goal=f"Write the dates in $path like {form.format('2024', '07', '31')}, without times.",
        stem="dates",
        make=make,
        odd=odd,
        draft=Program(
            f"year, month, day = $line.split('-')\nday = int(day)\n$result = f'{written}'"
        ),
        ways=(
            Program(
                f"year, month, day = $line[:10].split('-')\nday = int(day)\n$result = f'{written}'"
            ),
            Program(
                "year, month, day = re.match(r'(\\d+)-(\\d+)-(\\d+)', $line).groups()\n"
                f"day = int(day)\n$result = f'{written}'",
                imports=USES_RE,
            ),
        ),
    )


TEXT_FAMILIES: tuple[Callable[[Random], Rewrite], ...] = (
    draw_names,
    draw_part_numbers,
    draw_phones,
    draw_paths,
    draw_slugs,
    draw_hosts,
    draw_dates,
)
