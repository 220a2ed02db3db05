"""The JSON that both sides speak, as typed dicts: what the server answers is handed on untouched.

Instants are Unix seconds, money is US dollars. A test holds every key and type against the server's /openapi.json, for which
annotations are read at run time: no `from __future__ import annotations` here, which hides NotRequired.
"""

from typing import Literal

from ._typing import NotRequired, Required, TypedDict

ModelName = Literal[
    "T2V-01",
    "T2V-01-Director",
    "I2V-01",
    "I2V-01-Director",
    "I2V-01-live",
    "S2V-01",
    "MiniMax-Hailuo-02",
    "MiniMax-Hailuo-2.3",
    "MiniMax-Hailuo-2.3-Fast",
    "MiniMax-H3",
    "MiniMax-H3-Max",
]
ResolutionName = Literal["480P", "512P", "720P", "768P", "1080P", "2K"]
Mode = Literal["text", "image", "frames", "subject", "references"]
Ratio = Literal["21:9", "16:9", "4:3", "1:1", "3:4", "9:16"]
RatioOrAdaptive = Literal["21:9", "16:9", "4:3", "1:1", "3:4", "9:16", "adaptive"]
PromptExpansion = Literal["disabled", "balanced", "quality"]
VideoStatus = Literal["queued", "in_progress", "completed", "failed"]
QueryStatus = Literal["Preparing", "Queueing", "Processing", "Success", "Fail", "failed"]
CostState = Literal["reserved", "settled", "released", "held"]
"""`reserved` may still be charged, `settled` was, `released` was not, `held`: nobody knows."""


class BaseResponse(TypedDict):
    """MiniMax's envelope: 0 and "success", or its code and sentence."""

    status_code: int
    status_msg: str


class SubjectReference(TypedDict):
    """Whose likeness the video shows: pictures as a public URL, a data URL, base64, or an id of an upload."""

    type: Literal["character"]
    image: list[str]


class PublishRequest(TypedDict, total=False):
    """How a video is published. What is left out is as if it were None."""

    origins: list[str] | None
    """Sites that may show it, as `https://example.com`, at most 20; None: any."""
    title: str | None
    """At most 200 characters."""
    alt: str | None
    """What is seen, for those who do not see it; at most 1,000 characters."""
    expires_at: int | None
    """Unix second from which on it is not served any more; None: until it is taken down."""


class OrderFields(TypedDict, total=False):
    """What every order may say beside its model and first frame."""

    prompt: str
    """At most 2,000 characters; may be left out with a first frame. H3 models: 7,000, and always needed."""
    last_frame_image: str
    subject_reference: list[SubjectReference]
    reference_images: list[str]
    """H3 models: at most nine images to go by. References and frames exclude each other."""
    reference_videos: list[str]
    """H3 models: at most three, 15 seconds together. MiniMax charges their seconds, too."""
    reference_audio: list[str]
    """H3 models: at most three, 15 seconds together, beside an image or video."""
    duration: int
    """Seconds: 6 or 10, with the H3 models 4 (Max: 5) to 15, as the model allows."""
    resolution: str
    ratio: RatioOrAdaptive
    """H3 models: `16:9` from text by default, else `adaptive`; with frames it is always that."""
    prompt_expansion: PromptExpansion
    """MiniMax-H3-Max: `balanced` by default."""
    prompt_optimizer: bool
    fast_pretreatment: bool
    take: int
    """Which attempt at the same order is wanted: 1 (default) to 1000."""
    metadata: dict[str, str]
    """At most 16 pairs, shown again on the video."""
    max_cost_usd: float
    """Refuse the order if the model's price is above this."""
    retention_days: int
    """Keep the video for so many days after it ended, 1 to 3650; by default as the account says."""
    webhook_url: str
    """Who is told when the video succeeded, failed or was cancelled; by default whom the account says."""
    publish: PublishRequest
    """Give the video an address that stays, known at once."""
    n: int
    """Sent by existing clients; only 1 is accepted."""
    aspect_ratio: str
    """The other name of `ratio`; has no effect on models without one."""


class CreateVideoRequest(OrderFields, total=False):
    """Body of a create."""

    model: Required[str]
    first_frame_image: str
    """A public URL, a data URL, bare base64, or an id from `upload_image`."""
    dry_run: bool
    """Check and price the order without making it."""


class Publication(TypedDict):
    """A video at an address that stays."""

    object: Literal["publication"]
    id: str
    """The task's."""
    file_id: str
    url: str
    """The video. It is the same for ever."""
    page_url: str
    """Its player page, for an iframe or a link."""
    poster_url: str | None
    """The picture that stands for it, also while the video is made; None where there is none."""
    oembed_url: str
    embed_html: str
    """A `<video>` to paste into a page."""
    state: Literal["making", "ready", "failed"]
    origins: list[str] | None
    title: str | None
    alt: str | None
    expires_at: int | None


class UnpublishResponse(TypedDict):
    id: str
    object: Literal["publication.deleted"]
    deleted: Literal[True]


class CreateVideoResponse(TypedDict):
    task_id: str
    """What to ask for the video by."""
    id: str
    object: Literal["video"]
    model: ModelName
    status: VideoStatus
    created_at: int
    estimated_cost_usd: float | None
    """None where MiniMax publishes no price."""
    joined: NotRequired[Literal[True]]
    """Present if the same order was given before and this is its task."""
    ignored_fields: NotRequired[list[str]]
    """With `joined`: fields in which this request differs from what that task was ordered with."""
    publication: NotRequired[Publication]
    base_resp: BaseResponse


class CostPart(TypedDict):
    """One part of a price: so much of something, at so much."""

    of: Literal["video", "images", "reference_video"]
    quantity: int
    unit: Literal["video", "second", "image"]
    unit_usd: float
    usd: float
    is_most: bool
    """True where MiniMax may charge less."""


class DryRunResponse(TypedDict):
    object: Literal["video.quote"]
    dry_run: Literal[True]
    model: ModelName
    mode: Mode
    duration: int
    resolution: ResolutionName
    ratio: RatioOrAdaptive | None
    """None where the model has none to choose."""
    fingerprint: str
    """What is to be made, in 64 hex digits: orders with the same one are the same order, however they are written."""
    estimated_cost_usd: float | None
    cost_parts: list[CostPart]
    """What the cost is made of; empty where no price is known."""
    base_resp: BaseResponse


class QueryVideoResponse(TypedDict):
    """How a task is doing, in MiniMax's words."""

    id: str
    object: Literal["video"]
    task_id: str
    status: QueryStatus
    file_id: str
    """Empty until the video is stored, as MiniMax has it."""
    video_width: int
    video_height: int
    progress: int
    """Per cent; an estimate from the model's usual time."""
    queue_position: NotRequired[int]
    """While it waits for its turn at MiniMax: its place in line, 1 for the next."""
    error: NotRequired[str]
    download_url: NotRequired[str]
    expires_at: NotRequired[int]
    base_resp: BaseResponse


class DownloadVideoResponse(TypedDict):
    """A signed link: whoever has it plays the video until it expires, without a key."""

    download_url: str
    file_id: str
    expires_in_seconds: int
    expires_at: int
    bytes: int
    sha256: str
    content_type: Literal["video/mp4"]
    filename: str
    disposition: Literal["inline", "attachment"]
    via: Literal["worker", "r2"]
    """Who serves it: filmgate, or R2 itself."""
    notice: str | None
    """What such a link cannot do; None if there is nothing to know."""
    base_resp: BaseResponse


class Cost(TypedDict):
    """What a video costs: as reserved, and what was charged, which is None while nobody can say."""

    estimated_usd: float | None
    charged_usd: float | None
    state: CostState


class VideoError(TypedDict):
    code: str
    message: str


class VideoEvent(TypedDict):
    """What was asked of MiniMax, or heard from it."""

    at: int
    event: Literal["submit", "confirm", "look", "cancel", "list", "store", "callback"]
    answer: str
    """In one word: `accepted`, `refused`, `Processing`, `success`, `stored`, `trouble` …"""
    trace_id: str | None
    """MiniMax's `Trace-Id`, which its support asks for."""
    code: int | None
    detail: str | None


class VisitorVideo(TypedDict):
    """What a publishable key reads of a video: without what only its owner needs."""

    id: str
    object: Literal["video"]
    model: ModelName
    mode: Mode
    status: VideoStatus
    progress: int
    queue_position: int | None
    seconds: str
    """Seconds, as a string, as OpenAI's video object has it."""
    size: str
    """`1366x768` once MiniMax told it, else the resolution's name."""
    resolution: ResolutionName
    take: int
    created_at: int
    completed_at: int | None
    """When it was stored; None for as long as there is no video."""
    expires_at: int | None
    """When the video and its file will be removed; None: never, or not before it ends."""
    remixed_from_video_id: str | None
    """Read by OpenAI's clients; nothing is remixed here."""
    error: VideoError | None
    file_id: str | None
    bytes: int | None
    sha256: str | None
    download_url: str | None
    download_url_expires_at: int | None
    publication: Publication | None


class Video(VisitorVideo):
    """A task as a video object."""

    prompt: str | None
    retry_of: str | None
    """The task whose next take this is."""
    cost: Cost
    metadata: dict[str, str]
    events: NotRequired[list[VideoEvent]]


class ListVideosResponse(TypedDict):
    object: Literal["list"]
    data: list[Video]
    first_id: str | None
    last_id: str | None
    has_more: bool


class DeleteVideoResponse(TypedDict):
    id: str
    object: Literal["video.deleted", "video.cancelled"]
    deleted: bool
    cancelled: bool
    cost: Cost
    message: str
    """What happened, and what it means for the money."""


class ModelDefault(TypedDict):
    resolution: ResolutionName
    duration: int


class ModelMakes(TypedDict):
    mode: Mode
    resolution: ResolutionName
    duration: int
    price_usd: float | None
    expected_seconds: int


class ReferenceCounts(TypedDict):
    """How many of each a model goes by."""

    images: int
    videos: int
    audio: int


class ReferenceVideoPrice(TypedDict):
    resolution: ResolutionName
    usd: float


class Extras(TypedDict):
    """What is paid beside a video's price."""

    free_images: int
    image_usd: float
    reference_video_second_usd: list[ReferenceVideoPrice]


class VideoModel(TypedDict):
    id: ModelName
    object: Literal["model"]
    owned_by: Literal["minimax"]
    modes: list[Mode]
    fast_pretreatment: list[Mode]
    """The modes in which it takes `fast_pretreatment`."""
    default: ModelDefault
    makes: list[ModelMakes]
    last_frame_alone: bool
    """Whether it takes a last frame without a first."""
    max_prompt_characters: int
    prompt_needed: list[Mode]
    """The modes that need a prompt."""
    ratios: list[Ratio]
    """Shapes to choose from; empty where MiniMax decides."""
    prompt_expansions: list[PromptExpansion]
    references: ReferenceCounts | None
    extras: Extras | None


class ListModelsResponse(TypedDict):
    object: Literal["list"]
    data: list[VideoModel]


class UploadedImage(TypedDict):
    id: str
    """To be named wherever an order wants an image."""
    object: Literal["file"]
    purpose: Literal["image"]
    content_type: Literal["image/jpeg", "image/png", "image/webp", "image/heic", "image/heif"]
    bytes: int
    width: int
    height: int


class Caps(TypedDict):
    """Most that may be ordered in one UTC day or month, in US dollars; None for no cap."""

    usd_per_day: float | None
    usd_per_month: float | None


class Sums(TypedDict):
    """Money by its state, in US dollars."""

    reserved_usd: float
    settled_usd: float
    released_usd: float
    held_usd: float


class Period(Sums):
    remaining_usd: float | None
    """None without a cap."""


class AccountSpending(TypedDict):
    name: str
    caps: Caps
    day: Period
    month: Period
    total: Sums


class KeySpending(AccountSpending):
    id: str


class UsageResponse(TypedDict):
    object: Literal["usage"]
    account: AccountSpending
    key: KeySpending


class CreateTicketRequest(TypedDict):
    model: str
    max_cost_usd: float
    """Most that the video may cost."""
    origin: str
    """Of the site whose pages may use it, as `https://example.com`."""
    expires_in_seconds: NotRequired[int]
    """30 to 3600, by default 600."""


class CreatedTicket(TypedDict):
    """A permission to create one video from a browser. It is shown this once, and nothing of it is kept."""

    object: Literal["ticket"]
    ticket: str
    """What a browser sends as `Filmgate-Ticket`."""
    model: ModelName
    max_cost_usd: float
    origin: str
    expires_at: int


WebhookEventType = Literal["video.succeeded", "video.failed", "video.cancelled"]


class WebhookEvent(TypedDict):
    """What is posted to a `webhook_url`."""

    type: WebhookEventType
    timestamp: str
    """When it happened, as ISO 8601."""
    data: Video
    """As it was then; the link in it works for seven days."""
