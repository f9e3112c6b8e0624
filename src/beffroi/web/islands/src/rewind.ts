// Recorded pictures played backwards. No browser plays so: one moment after another is sought, each of all cameras at
// once, as often as the machine can; the faster, the fewer pictures, and from four times on only key frames.
import { groupBeside } from "./moments";
import type { Reel } from "./reel";

const BEAT_MS = 40;
const PATIENCE_MS = 3_000;
const KEYS_FROM = 4;

export class Rewind {
  private beat: number | undefined;
  private at_us = 0; // the pictures sought
  private from_us = 0; // where the clock began to run backwards, and when
  private since_ms = 0;
  private asked_ms = 0;
  private times = 1;

  /** `shown` is told of each moment of which every picture stands; `ended` where there is none before. */
  constructor(
    private readonly reels: () => readonly Reel[],
    private readonly first_us: number,
    private readonly shown: (at_us: number) => void,
    private readonly ended: () => void,
  ) {}

  get running(): boolean {
    return this.beat !== undefined;
  }

  start(at_us: number, times: number): void {
    this.stop();
    this.times = times;
    this.stand(at_us);
    for (const reel of this.reels()) reel.video.pause();
    this.beat = window.setInterval(() => this.tick(), BEAT_MS);
  }

  stop(): void {
    window.clearInterval(this.beat);
    this.beat = undefined;
  }

  private stand(at_us: number): void {
    this.at_us = this.from_us = at_us;
    this.since_ms = this.asked_ms = performance.now();
  }

  private tick(): void {
    const reels = this.reels();
    const now_ms = performance.now();
    if (reels.some((one) => !one.settled) && now_ms - this.asked_ms < PATIENCE_MS) {
      if (now_ms - this.asked_ms > PATIENCE_MS / 6) this.since_ms += BEAT_MS; // loads: the clock waits
      return;
    }
    this.shown(this.at_us);
    if (this.at_us <= this.first_us) {
      this.ended();
      return;
    }
    this.seek(reels, Math.max(this.first_us, this.from_us - (now_ms - this.since_ms) * 1000 * this.times));
    this.asked_ms = now_ms;
  }

  private seek(reels: readonly Reel[], clock_us: number): void {
    let to = this.times >= KEYS_FROM ? Math.max(this.first_us, groupBeside(reels, clock_us, -1)) : clock_us;
    if (to >= this.at_us) return;
    if (reels.every((one) => one.covers(to) && one.ready && !one.has(to))) {
      const picture = Math.max(...reels.map((one) => one.before(to) ?? this.first_us));
      if (picture < to) this.stand((to = Math.max(this.first_us, picture))); // nothing was recorded in between
    }
    this.at_us = to;
    for (const reel of reels) {
      if (!reel.covers(to) || !reel.ready) void reel.load(to).catch(() => this.ended());
      else if (reel.has(to)) reel.go(to);
    }
  }
}
