// Where a step leads when several cameras stand side by side: to the next moment at which any of them has another picture.
import type { Reel } from "./reel";

/** One stands a little after the beginning of a frame, so that rounding does not show the one before it. */
const INTO_US = 1_000;
const NEAR_US = INTO_US + 500;
const FRAME_US = 40_000;
const GROUP_US = 2_000_000;

/** The moment of the next (`by` 1) or last frame of any camera; a guess where that piece is not loaded yet. */
export function frameBeside(reels: readonly Reel[], at_us: number, by: 1 | -1): number {
  return beside(reels, at_us, by, false) ?? at_us + by * FRAME_US;
}

/** The same from one key frame, where a group of pictures begins, to another; `slack_us` before it counts as there. */
export function groupBeside(reels: readonly Reel[], at_us: number, by: 1 | -1, slack_us = 0): number {
  return beside(reels, by > 0 ? at_us : at_us - slack_us, by, true) ?? at_us + by * GROUP_US;
}

function beside(reels: readonly Reel[], at_us: number, by: 1 | -1, keys: boolean): number | undefined {
  if (by > 0) return into(least(reels.map((one) => one.frameAt(at_us + NEAR_US, 1, keys))));
  const now = most(reels.map((one) => one.frameAt(at_us + NEAR_US, -1, keys)));
  if (now === undefined) return undefined;
  if (keys && now < at_us - 2 * NEAR_US) return into(now);
  return into(most(reels.map((one) => one.frameAt(now - NEAR_US, -1, keys))));
}

function into(at_us: number | undefined): number | undefined {
  return at_us === undefined ? undefined : at_us + INTO_US;
}

function least(all: readonly (number | undefined)[]): number | undefined {
  const known = all.filter((one) => one !== undefined);
  return known.length > 0 ? Math.min(...known) : undefined;
}

function most(all: readonly (number | undefined)[]): number | undefined {
  const known = all.filter((one) => one !== undefined);
  return known.length > 0 ? Math.max(...known) : undefined;
}
