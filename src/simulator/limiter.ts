/*
 * Requests per minute, per key and wire: MiniMax answers 1002 beyond them (documented; 20 a minute for Hailuo as
 * of 2026-10, 300 for H3). Whether looks count is not documented; here only creates do, refused ones included.
 * The minute is the simulator's own: at speed 30 it lasts two seconds.
 */

/** Admits an instant into a key's history, which it shortens to the last minute; false beyond the limit. */
export function admit(history: number[], now: number, perMinute: number, speed: number): boolean {
  const windowMs = 60_000 / speed;
  while (history[0] !== undefined && history[0] <= now - windowMs) history.shift();
  if (history.length >= perMinute) return false;
  history.push(now);
  return true;
}
