/**
 * Cloudflare's Media Transformations: a still frame out of a video. A deployment has it where it is bound as `MEDIA`;
 * each frame is an operation that is billed. On one's own machine there is nothing that stands in for it.
 *
 * Its documentation (developers.cloudflare.com/stream/transform-videos, and /bindings below that): the input has less
 * than 100 MB and at most 10 minutes, MP4 with H.264; sides of the output are 10 to 2000 pixels; `input` and `output`
 * throw a MediaError; nothing is cached for the caller.
 */

/** What filmgate uses of it; the rest of the binding's type is nobody's matter. */
export type FrameSource = Readonly<{
  input(video: ReadableStream<Uint8Array>): Pick<MediaTransformer, "transform">;
}>;

/** As wide or high as social cards are shown at most, and light enough to come before the video does. */
const longestSide = 1280;

/**
 * The first frame of a video as a JPEG, in the video's own shape.
 * @returns its stream, which the caller reads to the end or cancels.
 * @throws Error (a MediaError where the binding says why) if it could not be taken.
 */
export async function takeFirstFrame(
  media: FrameSource,
  video: ReadableStream<Uint8Array>,
): Promise<ReadableStream<Uint8Array>> {
  let response: Response;
  try {
    response = await media
      .input(video)
      .transform({ width: longestSide, height: longestSide, fit: "scale-down" })
      .output({ mode: "frame", time: "0s", format: "jpg" })
      .response();
  } catch (error) {
    if (!video.locked) await video.cancel().catch(() => {});
    throw error;
  }
  if (response.ok && response.body !== null) return response.body;
  await response.body?.cancel();
  throw new Error(`the frame answered HTTP ${response.status}`);
}
