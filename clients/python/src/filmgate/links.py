"""What a link may be asked for, checked before a video is ordered for it: the server tells only once that is made."""

from __future__ import annotations

from .errors import FilmgateError
from .orders import LinkOptions

SHORTEST_SECONDS = 60
LONGEST_SECONDS = 604_800


def check_link_options(options: LinkOptions) -> None:
    """The server's rules, as far as they are short.

    Raises FilmgateError `invalid_argument`, naming the option in `param`.
    """
    life, filename = options.get("expires_in"), options.get("filename")
    if life is not None and not (_is_whole(life) and SHORTEST_SECONDS <= life <= LONGEST_SECONDS):
        raise _invalid(
            "expires_in",
            f"expires_in must be a whole number of seconds from {SHORTEST_SECONDS} to {LONGEST_SECONDS}.",
        )
    if filename is None:
        return
    if filename == "" or "/" in filename or "\\" in filename:
        raise _invalid("filename", "filename must be a name without slashes.")
    if options.get("disposition") == "inline":
        raise _invalid("filename", "filename is for what is saved; leave it out, or disposition.")


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _invalid(param: str, message: str) -> FilmgateError:
    return FilmgateError(message, code="invalid_argument", param=param)
