"""Words of the type language that Python has only had since 3.11."""

import sys

if sys.version_info >= (3, 11):
    from typing import NotRequired, Required, Self, TypedDict, Unpack
else:
    from typing_extensions import NotRequired, Required, Self, TypedDict, Unpack

__all__ = ["NotRequired", "Required", "Self", "TypedDict", "Unpack"]
