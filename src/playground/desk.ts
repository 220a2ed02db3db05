/** What all parts of the page share: the client, what can be made, the videos, and how to tell people something. */

import type { Filmgate, UsageResponse, VideoModel } from "../client/filmgate.ts";
import type { Follower } from "./follow.ts";
import type { Shelf } from "./shelf.ts";

export type Desk = {
  client: Filmgate;
  models: readonly VideoModel[];
  shelf: Shelf;
  follower: Follower;
  /** As it was last heard of. */
  usage: () => UsageResponse;
  /** Asks again what was spent, and shows it wherever it stands. */
  refreshUsage: () => Promise<void>;
  /** Says it to those who listen instead of looking; once for each change of meaning. */
  say: (sentence: string) => void;
  /** The sentence of what went wrong. A key that is not accepted any more ends the session. */
  explain: (error: unknown) => string;
  /** Puts a video into the gate; null empties it. */
  stage: (id: string | null) => void;
  staged: () => string | null;
  /** Puts the order of a video into the composer. */
  takeOver: (id: string) => void;
};
