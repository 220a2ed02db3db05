"""The Python client of filmgate: post a prompt, get a signed link that works.

    from filmgate import Filmgate

    made = Filmgate().video.generate(model="MiniMax-Hailuo-2.3", prompt="Ocean waves at sunset")
    print(made["download_url"])

This file is its door: the two clients, and by name everything else that callers may rely on.
"""

from ._async.client import AsyncFilmgate
from ._async.video import AsyncVideoClient
from ._sync.client import Filmgate
from ._sync.video import VideoClient
from .contract import (
    AccountSpending,
    BaseResponse,
    Caps,
    Cost,
    CostState,
    CreatedTicket,
    CreateTicketRequest,
    CreateVideoRequest,
    CreateVideoResponse,
    DeleteVideoResponse,
    DownloadVideoResponse,
    DryRunResponse,
    KeySpending,
    ListModelsResponse,
    ListVideosResponse,
    Mode,
    ModelName,
    Period,
    Publication,
    PublishRequest,
    QueryStatus,
    QueryVideoResponse,
    ResolutionName,
    SubjectReference,
    Sums,
    UnpublishResponse,
    UploadedImage,
    UsageResponse,
    Video,
    VideoError,
    VideoEvent,
    VideoModel,
    VideoStatus,
    VisitorVideo,
    WebhookEvent,
    WebhookEventType,
)
from .errors import (
    FilmgateConnectionError,
    FilmgateError,
    MiniMaxAnswer,
    VideoFailedError,
    WaitTimeoutError,
    WebhookError,
)
from .orders import (
    GeneratedVideo,
    ImageVideoOrder,
    LinkOptions,
    ListOptions,
    VideoOrder,
    VideoQuoteRequest,
)
from .progress import describe_progress
from .version import __version__
from .webhook import WebhookMessage, verify_webhook

__all__ = [
    "AccountSpending",
    "AsyncFilmgate",
    "AsyncVideoClient",
    "BaseResponse",
    "Caps",
    "Cost",
    "CostState",
    "CreateTicketRequest",
    "CreateVideoRequest",
    "CreateVideoResponse",
    "CreatedTicket",
    "DeleteVideoResponse",
    "DownloadVideoResponse",
    "DryRunResponse",
    "Filmgate",
    "FilmgateConnectionError",
    "FilmgateError",
    "GeneratedVideo",
    "ImageVideoOrder",
    "KeySpending",
    "LinkOptions",
    "ListModelsResponse",
    "ListOptions",
    "ListVideosResponse",
    "MiniMaxAnswer",
    "Mode",
    "ModelName",
    "Period",
    "Publication",
    "PublishRequest",
    "QueryStatus",
    "QueryVideoResponse",
    "ResolutionName",
    "SubjectReference",
    "Sums",
    "UnpublishResponse",
    "UploadedImage",
    "UsageResponse",
    "Video",
    "VideoClient",
    "VideoError",
    "VideoEvent",
    "VideoFailedError",
    "VideoModel",
    "VideoOrder",
    "VideoQuoteRequest",
    "VideoStatus",
    "VisitorVideo",
    "WaitTimeoutError",
    "WebhookError",
    "WebhookEvent",
    "WebhookEventType",
    "WebhookMessage",
    "__version__",
    "describe_progress",
    "verify_webhook",
]
