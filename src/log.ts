/**
 * The log: one line an event, as JSON, with its name first and then who and what. Ids, codes, times and MiniMax's
 * trace ids stand in it; keys, prompts, bodies, links and signatures never do. docs/operating.md tells every event.
 */

/** What a line may be about. */
export type LogEvent =
  /** Routes: what was asked of the deployment. */
  | "order"
  | "refused"
  | "owner"
  | "defect"
  /** A task: what MiniMax and the receivers of webhooks answered, and how it ended. */
  | "submit"
  | "confirm"
  | "look"
  | "cancel"
  | "list"
  | "store"
  | "callback"
  | "ended"
  | "webhook"
  /** An account: that a site was to be built again. */
  | "deploy_hook"
  /** Something broke down, and is tried again by itself. */
  | "turn_failed"
  | "outbox_failed"
  | "deploy_hook_failed"
  | "publish_failed"
  | "poster_failed"
  | "sweep_failed";

type About = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** What is undefined is left out. */
export function log(event: LogEvent, about: About): void {
  console.log(JSON.stringify({ event, ...about }));
}

/** For what somebody should look at. */
export function logProblem(event: LogEvent, about: About): void {
  console.error(JSON.stringify({ event, ...about }));
}
