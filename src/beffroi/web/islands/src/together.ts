// Several cameras' recorded pictures on one clock: the clock leads, each picture is steered to it, none leads another.
//
// A picture that is off by less than a third of a second is played a little faster or slower; by more, it is sought.
// Where a camera has no picture at the clock's moment its tile says why and waits for the next one. Where one still
// loads, the clock waits for it, so that what stands side by side happened at the same time; after a while its tile
// says so and the others go on. While the clock waits, pictures stand where they are: to seek them again and again
// would keep them from ever being ready.
import { type Texts, Refused, clock, make, text } from "./door";
import { merge } from "./merge";
import { frameBeside, groupBeside } from "./moments";
import { Reel, type Source } from "./reel";
import { Rewind } from "./rewind";
import { type Mark, type Recorded, Timeline } from "./timeline";
import { type Acts, Transport, faster } from "./transport";

interface TogetherData {
  readonly cameras: readonly Source[];
  readonly from_us: number;
  readonly to_us: number;
  readonly incidents?: readonly Mark[];
  readonly texts: Texts;
}

const BEAT_MS = 40;
const PATIENCE_MS = 4_000;
const JUMP_US = 300_000;
const LATE_LEAD_US = 500_000;
const CALM_US = 6_000;
const PULL_US = 400_000;
const MOST = 0.12;
const MOST_STEPS = 25;
const RUNNING_SLACK_US = 700_000;

interface Tile {
  readonly reel: Reel;
  readonly figure: HTMLElement;
  readonly state: HTMLElement;
  recorded: Recorded | undefined;
  failed: boolean;
  empty: boolean; // nothing is recorded in the half hour that was asked for
  since_ms: number | undefined; // from when on the others have waited for it
  late: boolean; // they wait no longer
}

class Together implements Acts {
  private readonly tiles: Tile[];
  private readonly time = make("output", "replay-time");
  private readonly state = make("p", "replay-together-state");
  private readonly timeline: Timeline;
  private readonly transport: Transport;
  private readonly rewind: Rewind;
  private beat: number | undefined;
  private at_us: number;
  private lastCalm_us = 0;
  private since_ms = 0;
  private rate = 1;
  private running = true;
  private standing_ms = 0; // until when pictures may come to stand before it is said that they load
  private turn = 0; // of standing: what is asked for later makes what was asked for before void
  private steps = 0;
  private stepping = false;

  constructor(
    private readonly element: HTMLElement,
    private readonly data: TogetherData,
  ) {
    this.at_us = data.from_us;
    this.timeline = new Timeline(data.from_us, data.to_us, data.incidents ?? [], data.texts, (at) => this.seek(at));
    this.tiles = data.cameras.map((source) => this.tile(source));
    this.transport = new Transport(data.texts, this);
    this.rewind = new Rewind(
      () => this.reels(),
      data.from_us,
      (at) => this.show(at),
      () => this.pause(),
    );
    this.state.setAttribute("role", "status");
    const wall = make("div", "replay-wall");
    wall.append(...this.tiles.map((one) => one.figure));
    element.classList.add("replay-player");
    element.tabIndex = -1;
    element.replaceChildren(wall, this.state, this.time, this.transport.element, this.timeline.element);
    this.transport.listen(element);
    element.addEventListener("beffroi:seek", (event) => {
      this.seek((event as CustomEvent<{ at_us: number }>).detail.at_us);
    });
  }

  async start(): Promise<void> {
    this.state.textContent = text(this.data.texts, "loading");
    await Promise.all(this.tiles.map((tile) => this.open(tile)));
    const merged = merge(this.tiles.flatMap((tile) => tile.recorded ?? []), this.data.from_us, this.data.to_us);
    this.timeline.show(merged);
    this.set(Math.max(this.data.from_us, merged.pieces[0]?.start_us ?? this.data.from_us));
    await Promise.all(this.tiles.map((tile) => this.load(tile)));
    this.set(this.at_us);
    this.lastCalm_us = this.at_us;
    this.beat = window.setInterval(() => this.tick(), BEAT_MS);
  }

  stop(): void {
    window.clearInterval(this.beat);
    this.rewind.stop();
    this.turn++;
    for (const tile of this.tiles) tile.reel.close();
  }

  toggle(): void {
    if (this.running || this.rewind.running) this.pause();
    else this.go();
  }

  pause(): void {
    this.rewind.stop();
    if (this.running) this.set(this.lastCalm_us);
    this.running = false;
    for (const tile of this.tiles) tile.reel.video.pause();
    this.transport.playing(false);
    void this.stand();
  }

  skip(by_us: number): void {
    this.seek(this.now_us() + by_us);
  }

  step(by: 1 | -1): void {
    if (this.running || this.rewind.running) this.pause();
    this.steps = Math.min(MOST_STEPS, Math.max(-MOST_STEPS, this.steps + by));
    if (!this.stepping) void this.walk();
  }

  group(by: 1 | -1): void {
    const slack_us = this.running ? RUNNING_SLACK_US * this.rate : 0; // while it plays, one would never get back
    this.seek(groupBeside(this.reels(), this.now_us(), by, slack_us));
  }

  shuttle(way: 1 | -1): void {
    if (way > 0) {
      this.speed(this.running ? faster(this.rate, 1) : 1);
      this.go();
      return;
    }
    const at_us = this.now_us();
    this.rate = this.rewind.running ? faster(this.rate, -1) : -1;
    this.running = false;
    this.set(at_us);
    this.turn++;
    this.transport.playing(true);
    this.rewind.start(this.at_us, -this.rate);
  }

  speed(rate: number): void {
    this.set(this.now_us());
    this.rate = rate;
    this.transport.shows(rate);
    if (this.rewind.running) this.rewind.start(this.at_us, rate);
  }

  private go(): void {
    this.rewind.stop();
    this.turn++;
    if (this.rate < 0) this.speed(1);
    this.running = true;
    this.set(this.at_us);
    this.lastCalm_us = this.at_us;
    this.transport.playing(true);
  }

  private tile(source: Source): Tile {
    const figure = make("figure", "replay-tile");
    const state = make("p", "replay-state");
    const made: Tile = {
      reel: new Reel(
        source,
        this.data.from_us,
        this.data.to_us,
        this.data.texts,
        () => made.reel.go(this.now_us()),
        (error) => this.failed(made, error),
      ),
      figure,
      state,
      recorded: undefined,
      failed: false,
      empty: false,
      since_ms: undefined,
      late: false,
    };
    figure.dataset["camera"] = source.camera;
    figure.append(made.reel.video, made.reel.note, state, make("figcaption", "", source.title));
    return made;
  }

  private reels(): Reel[] {
    return this.tiles.filter((one) => !one.failed && !one.empty).map((one) => one.reel);
  }

  private async open(tile: Tile): Promise<void> {
    try {
      tile.recorded = await tile.reel.open();
    } catch (error) {
      this.failed(tile, error);
    }
  }

  private async load(tile: Tile): Promise<void> {
    if (tile.failed) return;
    tile.empty = false;
    delete tile.figure.dataset["failed"];
    try {
      await tile.reel.load(this.now_us());
    } catch (error) {
      this.failed(tile, error);
    }
  }

  /** The one time. */
  private now_us(): number {
    if (!this.running) return this.at_us;
    return this.at_us + (performance.now() - this.since_ms) * 1000 * this.rate;
  }

  /** Let the clock stand at a moment from which it goes on, if it runs. */
  private set(at_us: number): void {
    this.at_us = Math.min(this.data.to_us - 1, Math.max(this.data.from_us, at_us));
    this.since_ms = performance.now();
  }

  private tick(): void {
    if (!this.running) {
      const stands = !this.rewind.running && performance.now() > this.standing_ms;
      if (stands) for (const tile of this.tiles) this.describe(tile, this.at_us);
      return;
    }
    const now = this.now_us();
    // Every one is asked: each has a patience of its own.
    if (this.tiles.filter((tile) => this.holds(tile, now)).length > 0) {
      this.set(this.lastCalm_us);
      for (const tile of this.tiles) tile.reel.video.pause();
      return;
    }
    if (now >= this.data.to_us - 1) {
      this.lastCalm_us = this.data.to_us - 1;
      this.pause();
      this.state.textContent = text(this.data.texts, "end");
      return;
    }
    this.lastCalm_us = now;
    if (this.state.textContent !== "") this.state.textContent = "";
    for (const tile of this.tiles) this.steer(tile, now);
    this.show(now);
  }

  private show(at_us: number): void {
    if (this.rewind.running) this.set(at_us);
    for (const tile of this.tiles) this.describe(tile, at_us);
    this.time.value = clock(at_us);
    this.element.dataset["utcUs"] = String(Math.round(at_us));
    this.timeline.move(at_us);
  }

  /** Whether the clock waits for this camera: it loads, and has not done so for too long. */
  private holds(tile: Tile, now: number): boolean {
    if (!tile.failed && !tile.reel.covers(now)) void this.load(tile);
    if (!this.loads(tile, now, 3)) {
      tile.since_ms = undefined;
      return false;
    }
    tile.since_ms ??= performance.now();
    if (performance.now() - tile.since_ms > PATIENCE_MS) tile.late = true;
    return !tile.late;
  }

  /** Whether this camera's picture of a moment is still to come; `state`: how ready the video must be. */
  private loads(tile: Tile, at_us: number, state: number): boolean {
    if (tile.failed || tile.empty) return false;
    const { reel } = tile;
    if (!reel.covers(at_us) || !reel.ready) return true;
    return reel.has(at_us) && !reel.video.ended && (reel.video.seeking || reel.video.readyState < state);
  }

  private steer(tile: Tile, now: number): void {
    const { reel } = tile;
    const { video } = reel;
    if (tile.failed || !reel.has(now)) {
      if (!video.paused) video.pause();
      return;
    }
    const off = (reel.shown_us() ?? now) - now;
    if (tile.late && !video.seeking && video.readyState >= 3) tile.late = Math.abs(off) > JUMP_US;
    if (Math.abs(off) > JUMP_US && !video.seeking) reel.go(now + (tile.late ? LATE_LEAD_US : 0));
    if (video.paused) void video.play().catch(() => undefined);
    const pull = Math.abs(off) < CALM_US ? 0 : Math.min(MOST, Math.max(-MOST, off / PULL_US));
    const rate = this.rate * (1 - pull);
    if (Math.abs(video.playbackRate - rate) > 0.002) video.playbackRate = rate;
  }

  /** Say of one tile what is to be said: that it loads, why there is no picture, or nothing. */
  private describe(tile: Tile, at_us: number): void {
    if (tile.failed) return;
    const { reel, figure, state } = tile;
    let words = "";
    delete figure.dataset["gap"];
    delete figure.dataset["offUs"];
    if (this.loads(tile, at_us, 2)) {
      words = text(this.data.texts, "still_loading");
    } else if (!reel.has(at_us)) {
      figure.dataset["gap"] = "";
      words = this.why(tile, at_us);
    } else {
      figure.dataset["offUs"] = String(Math.round((reel.shown_us() ?? at_us) - at_us));
    }
    if (state.textContent !== words) state.textContent = words;
  }

  private why(tile: Tile, now: number): string {
    const gap = tile.recorded?.gaps.find((one) => one.start_us <= now && (one.end_us ?? Infinity) > now);
    return gap === undefined
      ? text(this.data.texts, "nothing_recorded")
      : text(this.data.texts, "none", { time: clock(gap.start_us), cause: text(this.data.texts, `cause.${gap.cause}`) });
  }

  private failed(tile: Tile, error: unknown): void {
    const code = error instanceof Refused ? error.code : "no_answer";
    tile.empty = code === "nothing_recorded";
    tile.failed = !tile.empty;
    tile.figure.dataset["failed"] = code;
    tile.state.textContent = text(this.data.texts, code in this.data.texts ? code : "refused");
  }

  private seek(at_us: number): void {
    const backwards = this.rewind.running;
    this.rewind.stop();
    this.turn++;
    this.set(at_us);
    this.lastCalm_us = this.at_us;
    if (backwards) this.rewind.start(this.at_us, -this.rate);
    else if (this.running) this.bring();
    else void this.stand();
  }

  /** Every picture goes where the clock stands. */
  private bring(): void {
    for (const tile of this.tiles) {
      if (!tile.reel.covers(this.at_us)) void this.load(tile);
      else if (!tile.failed && !tile.empty) tile.reel.go(this.at_us);
    }
  }

  /** The same, until all of them stand there; one whose data does not come is not waited for. */
  private async stand(): Promise<void> {
    const turn = ++this.turn;
    const until_ms = (this.standing_ms = performance.now() + PATIENCE_MS);
    this.bring();
    do {
      await new Promise((done) => window.setTimeout(done, BEAT_MS / 4));
      if (turn !== this.turn) return;
    } while (this.tiles.some((tile) => this.loads(tile, this.at_us, 2)) && performance.now() < until_ms);
    this.standing_ms = 0;
    this.show(this.at_us);
  }

  private async walk(): Promise<void> {
    this.stepping = true;
    while (this.steps !== 0 && !this.running && !this.rewind.running) {
      const by = this.steps > 0 ? 1 : -1;
      this.steps -= by;
      this.set(frameBeside(this.reels(), this.at_us, by));
      this.lastCalm_us = this.at_us;
      await this.stand();
    }
    this.steps = 0;
    this.stepping = false;
  }
}

/** Mount the players with their clock; returns what takes them down. */
export function mount(element: HTMLElement, data: unknown): () => void {
  const players = new Together(element, data as TogetherData);
  void players.start();
  return () => players.stop();
}
