"""Which names of the standard library a skill may use, and what the others would do.

An allow-list: a module that is not named here is refused, so that a module which a later Python
adds is refused until somebody has read it.
"""

from skillkiln.skill.contract import SideEffect


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


PURE_MODULES = _words(
    """
    __future__ abc array ast base64 binascii bisect calendar cmath codecs collections colorsys copy
    csv dataclasses datetime decimal difflib enum fnmatch fractions functools graphlib hashlib heapq
    hmac html io ipaddress itertools json keyword math numbers operator pathlib posixpath pprint
    quopri random re reprlib secrets shlex statistics string stringprep struct textwrap time token
    tokenize tomllib types typing unicodedata urllib.parse uuid zlib zoneinfo collections.abc
    contextlib html.entities html.parser json.decoder
    """
)
"""Modules that compute and do nothing else, apart from the names below."""

EFFECT_MODULES: dict[str, SideEffect] = {
    "asyncore": SideEffect.NETWORK,
    "ftplib": SideEffect.NETWORK,
    "http": SideEffect.NETWORK,
    "imaplib": SideEffect.NETWORK,
    "nntplib": SideEffect.NETWORK,
    "poplib": SideEffect.NETWORK,
    "select": SideEffect.NETWORK,
    "selectors": SideEffect.NETWORK,
    "smtplib": SideEffect.NETWORK,
    "socket": SideEffect.NETWORK,
    "socketserver": SideEffect.NETWORK,
    "ssl": SideEffect.NETWORK,
    "telnetlib": SideEffect.NETWORK,
    "urllib.request": SideEffect.NETWORK,
    "xmlrpc": SideEffect.NETWORK,
    "multiprocessing": SideEffect.EXECUTE,
    "pty": SideEffect.EXECUTE,
    "subprocess": SideEffect.EXECUTE,
    "shutil": SideEffect.WRITE_FILES,
    "tempfile": SideEffect.WRITE_FILES,
}
"""Modules that are there for one effect, by dotted name or root."""

PURE_OS_NAMES = frozenset({"path", "sep", "linesep", "fspath", "altsep", "curdir", "pardir"})
PURE_SYS_NAMES = frozenset({"maxsize", "float_info", "int_info", "maxunicode", "version_info"})
PURE_PATH_FUNCTIONS = _words(
    "basename commonpath commonprefix dirname isabs join normcase normpath split splitext"
)
"""Functions of `os.path` and `posixpath` that only look at text."""

OS_STARTERS = _words("exec fork kill popen posix_spawn spawn system")
OS_WRITERS = _words(
    """
    chmod chown link make mkdir mkfifo mknod open remove rename replace rmdir symlink truncate
    unlink utime write
    """
)
"""How functions of `os` begin that start or steer processes, and that change files."""

FORBIDDEN_BUILTINS = _words(
    "__import__ breakpoint compile delattr eval exec globals locals setattr vars"
)
"""Builtins that run text, or rebind or reveal what other code uses."""

ATTRIBUTE_READERS = frozenset(
    {"getattr", "hasattr", "operator.attrgetter", "operator.methodcaller"}
)
"""Functions that take attribute names as text."""

FORBIDDEN_NAMES = frozenset(
    {
        "contextlib.redirect_stdout",
        "contextlib.redirect_stderr",
        "io.FileIO",
        "io.open_code",
        "tokenize.open",
        "types.CodeType",
        "types.FunctionType",
        "typing.no_type_check",
        "typing.no_type_check_decorator",
        "uuid.getnode",
        "uuid.uuid1",
    }
)
"""Names of otherwise pure modules that steer the interpreter, the runner or a checker."""

OPENERS = frozenset({"open", "io.open", "codecs.open", "os.open"})

PATH_READERS = _words("iterdir glob rglob read_text read_bytes walk resolve stat lstat")
PATH_WRITERS = _words(
    """
    write_text write_bytes unlink mkdir touch rmdir rename symlink_to hardlink_to chmod
    """
)
"""Methods of `pathlib.Path`; looked for only where `pathlib` is imported."""

DEEP_ATTRIBUTES = _words(
    """
    f_back f_builtins f_code f_globals f_locals tb_frame tb_next gi_frame cr_frame ag_frame gi_code
    """
)
"""Ways from a frame or a generator to what other code holds."""

PLAIN_DUNDERS = _words(
    """
    __name__ __doc__ __file__ __init__ __post_init__ __all__ __slots__ __future__ __annotations__
    __total__ __required_keys__ __optional_keys__ __members__ __version__ __author__ __eq__ __lt__
    __hash__ __repr__ __str__ __len__ __iter__ __next__ __getitem__ __contains__ __enter__ __exit__
    __call__ __bool__ __add__ __sub__ __mul__ __or__ __and__
    """
)
"""Double-underscore names that ordinary code writes; the rest lead into the interpreter."""
