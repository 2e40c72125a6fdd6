"""Families of lines that agents meet at work; each draws one concrete layout from a seed.

Field names, their order, separators, stamps, levels and the number of shapes all vary. Rules:
every shape of a layout can be told from the others by its literals; the first shape holds every
field. The table of families stands at the end.
"""

from collections.abc import Callable, Sequence
from random import Random

from skillkiln.demo.layouts import Layout
from skillkiln.demo.values import (
    STAMPS,
    TIGHT_STAMPS,
    Field,
    address,
    choice,
    client,
    decimal,
    host,
    message,
    number,
    referrer,
    stamp,
    token,
    web_path,
)

LEVELS = (
    ("DEBUG", "INFO", "WARN", "ERROR"),
    ("debug", "info", "warning", "error"),
    ("D", "I", "W", "E"),
    ("NOTICE", "WARNING", "CRIT"),
)
STAMP_NAMES = ("time", "at", "when", "ts")
LEVEL_NAMES = ("level", "severity", "lvl")
MESSAGE_NAMES = ("message", "msg", "text")
USERS = ("-", "deploy", "batch7", "svc-mail", "root")
MODULES = ("billing", "auth", "search", "mailer", "gateway", "sync")
PROGRAMS = ("sshd", "cron", "nginx", "postfix")


def slot(field: Field) -> str:
    """Return the place of a field in a shape."""
    return f"{{{field.name}}}"


def draw_access_log(rng: Random) -> Layout:
    """Draw a web server's access log, with or without timings, referrers and user agents."""
    who = address(rng.choice(("client", "ip", "remote")))
    user = choice("user", USERS)
    when = stamp(rng.choice(STAMP_NAMES), STAMPS[2])
    method = choice("method", ("GET", "POST", "PUT", "DELETE"))
    path = web_path(rng.choice(("path", "target", "url")))
    protocol = choice("protocol", ("HTTP/1.1", "HTTP/2.0"), r'[^"]+')
    status = choice("status", ("200", "201", "304", "404", "500", "503"), r"\d+")
    size = number(rng.choice(("size", "sent", "length")), 0, 98_000)
    ident = rng.choice(("- ", ""))
    request = f'"{slot(method)} {slot(path)} {slot(protocol)}"'
    shape = f"{slot(who)} {ident}{slot(user)} [{slot(when)}] {request} {slot(status)} {slot(size)}"
    tails: tuple[tuple[str, tuple[Field, ...]], ...] = (
        ("", ()),
        (' "{referrer}" "{agent}"', (referrer("referrer"), client("agent"))),
        (" {took}", (number("took", 1, 4_000, "ms"),)),
        (' rt={took} "{agent}"', (decimal("took", 9), client("agent"))),
    )
    tail, more = rng.choice(tails)
    shapes = (shape + tail, shape) if tail and rng.random() < 0.5 else (shape + tail,)
    fields = (who, user, when, method, path, protocol, status, size, *more)
    return Layout("access-log", "logs", ".log", fields, shapes)


def draw_key_value_log(rng: Random) -> Layout:
    """Draw an application's `key=value` log in any order, some keys only on some lines."""
    when = stamp(rng.choice(STAMP_NAMES), rng.choice(TIGHT_STAMPS))
    pool = [
        choice(rng.choice(LEVEL_NAMES), rng.choice(LEVELS)),
        choice(rng.choice(("module", "component", "svc")), MODULES),
        token(rng.choice(("trace", "request_id", "span")), 8),
        number(rng.choice(("took", "elapsed", "duration")), 1, 9_000, "ms"),
        address(rng.choice(("peer", "addr"))),
        number("attempt", 1, 5),
        choice("region", ("eu-1", "eu-2", "us-1", "ap-3")),
    ]
    chosen = rng.sample(pool, rng.randint(3, 5))
    text = message(rng.choice(MESSAGE_NAMES))
    optional = rng.sample(chosen, rng.randint(0, 2))
    kept = [chosen, *([field for field in chosen if field is not gone] for gone in optional)]
    shapes = tuple(_pair_shape((when, *fields), text) for fields in kept)
    return Layout("app-log", "logs", ".log", (when, *chosen, text), shapes, is_key_value=True)


def _pair_shape(fields: Sequence[Field], text: Field) -> str:
    pairs = " ".join(f"{field.name}={slot(field)}" for field in fields)
    return f'{pairs} {text.name}="{slot(text)}"'


def draw_system_log(rng: Random) -> Layout:
    """Draw a system log: stamp, host, program; a process id on all lines or on some."""
    when = stamp(rng.choice(STAMP_NAMES), rng.choice(STAMPS[:4]))
    machine = host("host", ("web", "db", "edge", "mx"), rng.choice(("-", "")))
    program = choice(rng.choice(("app", "program", "process")), PROGRAMS, r"[^\s:\[]+")
    pid = number("pid", 100, 32_000)
    text = message(rng.choice(MESSAGE_NAMES))
    head = f"{slot(when)} {slot(machine)} {slot(program)}"
    tail = f": {slot(text)}"
    with_pid, without_pid = f"{head}[{slot(pid)}]{tail}", head + tail
    shapes = rng.choice(((with_pid,), (with_pid, without_pid)))
    return Layout("system-log", "logs", ".log", (when, machine, program, pid, text), shapes)


def draw_bracket_csv(rng: Random) -> Layout:
    """Draw delimited lines whose first columns stand in brackets."""
    comma = rng.choice((",", ";", ", "))
    opening, closing = rng.choice((("[", "]"), ("(", ")"), ("<", ">")))
    inside = rf"[^\{closing}]+" if closing != ">" else r"[^>]+"
    style = (inside, rng.choice((*TIGHT_STAMPS, STAMPS[1]))[1])
    when = stamp(rng.choice(STAMP_NAMES), style)
    level = choice(rng.choice(LEVEL_NAMES), rng.choice(LEVELS), inside)
    middle = [
        choice(rng.choice(("component", "area")), MODULES, rf"[^{comma[0]}]+"),
        number(rng.choice(("code", "line")), 1, 999),
        token(rng.choice(("job", "order")), 5, "x"),
    ]
    kept = rng.sample(middle, rng.randint(2, 3))
    text = message(rng.choice(MESSAGE_NAMES))
    boxed = [f"{opening}{slot(field)}{closing}" for field in (when, level)]
    shape = comma.join((*boxed, *(slot(field) for field in (*kept, text))))
    return Layout("event-list", "exports", ".csv", (when, level, *kept, text), (shape,))


def draw_firewall_log(rng: Random) -> Layout:
    """Draw a packet filter's lines; the ports in columns of their own, or only on some lines."""
    bar = rng.choice(("|", " | ", "||"))
    column = r"[^|\s]+"
    when = stamp(rng.choice(STAMP_NAMES), rng.choice(TIGHT_STAMPS))
    action = choice(rng.choice(("action", "verdict")), ("ACCEPT", "DROP", "REJECT"), column)
    protocol = choice("proto", ("TCP", "UDP", "ICMP"), column)
    source, target = address("src"), address("dst")
    source_port, target_port = number("sport", 1024, 65_535), number("dport", 20, 9_999)
    size = number(rng.choice(("bytes", "packets")), 40, 1_500)
    head = (when, *rng.sample((action, protocol), 2))
    fields = (*head, source, source_port, target, target_port, size)
    shapes = (bar.join(slot(field) for field in fields),)
    if rng.random() < 0.5:
        before, after = bar.join(slot(field) for field in head), slot(size)
        shapes = (
            bar.join((before, "{src}:{sport}", "{dst}:{dport}", after)),
            bar.join((before, "{src}", "{dst}", after)),
        )
    return Layout("firewall-log", "logs", ".txt", fields, shapes)


def draw_job_list(rng: Random) -> Layout:
    """Draw a scheduler's lines that look like sections of an ini file."""
    joint = rng.choice(("; ", ", ", " / "))
    equals = rng.choice(("=", ": ", " = "))
    value = rf"[^{joint.strip()}\s]+"
    job = Field("job", r"[^\]]+", token("job", 4, rng.choice(("nightly-", "job-", "etl."))).make)
    pool = [
        choice("owner", ("ops", "finance", "web", "research"), value),
        choice("queue", ("fast", "slow", "bulk"), value),
        stamp("started", (value, TIGHT_STAMPS[0][1])),
        number(rng.choice(("took", "runtime")), 1, 7_200, "s"),
        number("retries", 0, 4),
        choice("state", ("done", "failed", "waiting"), value),
    ]
    chosen = rng.sample(pool, rng.randint(4, 6))
    kept = (chosen, chosen[:-1]) if rng.random() < 0.5 else (chosen,)
    shapes = tuple(
        f"[{slot(job)}] " + joint.join(f"{field.name}{equals}{slot(field)}" for field in fields)
        for fields in kept
    )
    return Layout("job-list", "reports", ".ini", (job, *chosen), shapes)


def draw_query_log(rng: Random) -> Layout:
    """Draw a database's log of statements, some lines without a duration."""
    when = stamp(rng.choice(STAMP_NAMES), rng.choice(STAMPS[:2]))
    pid = number("pid", 100, 9_999)
    account = choice("account", ("app", "reports", "admin"), r"[^@]+")
    database = choice("database", ("shop", "ledger", "stock"))
    level = choice(rng.choice(LEVEL_NAMES), ("LOG", "WARNING", "ERROR"), r"[A-Z]+")
    took = decimal(rng.choice(("ms", "duration")), 900)
    text = message(rng.choice(("statement", "detail")))
    gap = rng.choice((":  ", ": "))
    head = f"{slot(when)} [{slot(pid)}] {slot(account)}@{slot(database)} {slot(level)}{gap}"
    shapes = (f"{head}duration: {slot(took)} ms{gap}{slot(text)}",)
    if rng.random() < 0.5:
        shapes = (*shapes, head + slot(text))
    fields = (when, pid, account, database, level, took, text)
    return Layout("query-log", "logs", ".log", fields, shapes)


def draw_reading_list(rng: Random) -> Layout:
    """Draw plain columns of sensor readings, in any order and with any delimiter."""
    delimiter = rng.choice(("\t", ";", ",", " | "))
    column = rf"[^{delimiter.strip(' ')}]+".replace("\t", r"\t")
    when = stamp(rng.choice(STAMP_NAMES), (column, rng.choice(STAMPS[:2])[1]))
    pool = [
        choice("sensor", ("north-1", "north-2", "roof", "cellar"), column),
        Field("reading", column, decimal("reading", 90).make),
        choice("unit", ("celsius", "percent", "lux"), column),
        choice(rng.choice(("state", "quality")), ("ok", "stale", "suspect"), column),
        Field("serial", column, token("serial", 6, "sn").make),
        number("battery", 1, 100, "%"),
    ]
    fields = (when, *rng.sample(pool, rng.randint(3, 6)))
    shape = delimiter.join(slot(field) for field in fields)
    return Layout("reading-list", "exports", ".txt", fields, (shape,))


LINE_FAMILIES: tuple[Callable[[Random], Layout], ...] = (
    draw_access_log,
    draw_key_value_log,
    draw_system_log,
    draw_bracket_csv,
    draw_firewall_log,
    draw_job_list,
    draw_query_log,
    draw_reading_list,
)
