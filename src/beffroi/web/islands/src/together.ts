// Several cameras' recorded pictures on one clock: the clock leads, each picture is steered to it, none leads another.
//
// A picture that is off by less than a third of a second is played a little faster or slower; by more, it is sought.
// Where a camera has no picture at the clock's moment its tile says why and waits for the next one; where one of the
// others still loads, the clock waits for it, so that what stands side by side happened at the same time.
import { type Texts, Refused, clock, make, text } from "./door";
import { Reel, type Source } from "./reel";
import { SKIP_US, SPEEDS } from "./replay";
import { type Gap, type Mark, type Piece, type Recorded, Timeline } from "./timeline";

interface TogetherData {
  readonly cameras: readonly Source[];
  readonly from_us: number;
  readonly to_us: number;
  readonly incidents?: readonly Mark[];
  readonly texts: Texts;
}

const BEAT_MS = 40;
const JUMP_US = 300_000;
const CALM_US = 6_000;
const PULL_US = 400_000;
const MOST = 0.12;

interface Tile {
  readonly reel: Reel;
  readonly figure: HTMLElement;
  readonly state: HTMLElement;
  recorded: Recorded | undefined;
  failed: boolean;
  empty: boolean; // nothing is recorded in the half hour that was asked for
}

class Together {
  private readonly tiles: Tile[];
  private readonly time = make("output", "replay-time");
  private readonly state = make("p", "replay-together-state");
  private readonly controls = make("div", "replay-controls");
  private readonly timeline: Timeline;
  private readonly play = make("button", "button small");
  private beat: number | undefined;
  private at_us: number;
  private lastCalm_us = 0;
  private since_ms = 0;
  private rate = 1;
  private running = true;

  constructor(
    private readonly element: HTMLElement,
    private readonly data: TogetherData,
  ) {
    this.at_us = data.from_us;
    this.timeline = new Timeline(data.from_us, data.to_us, data.incidents ?? [], data.texts, (at) => this.seek(at));
    this.tiles = data.cameras.map((source) => this.tile(source));
    this.state.setAttribute("role", "status");
    this.buttons();
    const wall = make("div", "replay-wall");
    wall.append(...this.tiles.map((one) => one.figure));
    element.classList.add("replay-player");
    element.tabIndex = -1;
    element.replaceChildren(wall, this.state, this.time, this.controls, this.timeline.element);
    element.addEventListener("keydown", (event) => this.key(event));
    element.addEventListener("beffroi:seek", (event) => {
      this.seek((event as CustomEvent<{ at_us: number }>).detail.at_us);
    });
  }

  async start(): Promise<void> {
    this.state.textContent = text(this.data.texts, "loading");
    await Promise.all(this.tiles.map((tile) => this.open(tile)));
    const merged = merge(this.tiles.flatMap((tile) => tile.recorded ?? []), this.data.from_us, this.data.to_us);
    this.timeline.show(merged);
    this.at_us = Math.max(this.data.from_us, merged.pieces[0]?.start_us ?? this.data.from_us);
    await Promise.all(this.tiles.map((tile) => this.load(tile)));
    this.set(this.at_us);
    this.lastCalm_us = this.at_us;
    this.beat = window.setInterval(() => this.tick(), BEAT_MS);
  }

  stop(): void {
    window.clearInterval(this.beat);
    for (const tile of this.tiles) tile.reel.close();
  }

  private tile(source: Source): Tile {
    const figure = make("figure", "replay-tile");
    const state = make("p", "replay-state");
    const made: Tile = {
      reel: new Reel(
        source,
        this.data.from_us,
        this.data.to_us,
        () => made.reel.go(this.now_us()),
        (error) => this.failed(made, error),
      ),
      figure,
      state,
      recorded: undefined,
      failed: false,
      empty: false,
    };
    figure.dataset["camera"] = source.camera;
    figure.append(made.reel.video, state, make("figcaption", "", source.title));
    return made;
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
    const now = this.now_us();
    if (this.running && this.tiles.some((tile) => this.lags(tile, now))) {
      this.set(this.lastCalm_us);
      for (const tile of this.tiles) this.align(tile);
      return;
    }
    if (now >= this.data.to_us - 1 && this.running) {
      this.pause();
      this.state.textContent = text(this.data.texts, "end");
      return;
    }
    this.lastCalm_us = now;
    if (this.running && this.state.textContent !== "") this.state.textContent = "";
    for (const tile of this.tiles) this.steer(tile, now);
    this.time.value = clock(now);
    this.element.dataset["utcUs"] = String(Math.round(now));
    this.timeline.move(now);
  }

  /** Whether the clock must wait for this camera. */
  private lags(tile: Tile, now: number): boolean {
    if (tile.failed) return false;
    if (!tile.reel.covers(now)) {
      void this.load(tile);
      return true;
    }
    if (tile.empty) return false;
    if (!tile.reel.ready) return true;
    const { video } = tile.reel;
    return tile.reel.has(now) && (video.seeking || video.readyState < 3);
  }

  /** While the clock waits: stand where it stands. */
  private align(tile: Tile): void {
    const { reel } = tile;
    reel.video.pause();
    if (tile.failed || !reel.has(this.at_us) || reel.video.seeking) return;
    const shown = reel.shown_us();
    if (shown === undefined || Math.abs(shown - this.at_us) > JUMP_US) reel.go(this.at_us);
  }

  private steer(tile: Tile, now: number): void {
    if (tile.failed) return;
    const { reel, state } = tile;
    const { video } = reel;
    if (!reel.has(now)) {
      if (!video.paused) video.pause();
      tile.figure.dataset["gap"] = "";
      state.textContent = this.why(tile, now);
      delete tile.figure.dataset["offUs"];
      return;
    }
    delete tile.figure.dataset["gap"];
    if (state.textContent !== "") state.textContent = "";
    const shown = reel.shown_us();
    if (shown === undefined) return;
    const off = shown - now;
    tile.figure.dataset["offUs"] = String(Math.round(off));
    if (!this.running) return;
    if (video.paused) {
      reel.go(now);
      void video.play().catch(() => undefined);
    } else if (Math.abs(off) > JUMP_US) {
      reel.go(now);
    }
    const pull = Math.abs(off) < CALM_US ? 0 : Math.min(MOST, Math.max(-MOST, off / PULL_US));
    const rate = this.rate * (1 - pull);
    if (Math.abs(video.playbackRate - rate) > 0.002) video.playbackRate = rate;
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
    this.set(at_us);
    this.lastCalm_us = this.at_us;
    for (const tile of this.tiles) {
      if (tile.reel.covers(this.at_us) && tile.reel.ready) tile.reel.go(this.at_us);
      else void this.load(tile);
    }
    if (!this.running) this.tick();
  }

  private pause(): void {
    this.set(this.now_us());
    this.running = false;
    for (const tile of this.tiles) {
      tile.reel.video.pause();
      if (tile.reel.has(this.at_us)) tile.reel.go(this.at_us);
    }
    this.play.textContent = text(this.data.texts, "play");
  }

  private go(): void {
    this.running = true;
    this.set(this.at_us);
    this.play.textContent = text(this.data.texts, "pause");
  }

  private toggle(): void {
    if (this.running) this.pause();
    else this.go();
  }

  private step(frames: number): void {
    if (this.running) this.pause();
    const shown = this.tiles.filter((tile) => tile.reel.has(this.at_us)).map((tile) => tile.reel.frame_s);
    this.seek(this.at_us + frames * Math.min(...shown, 0.2) * 1e6);
  }

  private buttons(): void {
    const act = (name: string, does: () => void, button = make("button", "button small")): void => {
      button.type = "button";
      button.textContent = text(this.data.texts, name);
      button.dataset["act"] = name;
      button.addEventListener("click", does);
      this.controls.append(button);
    };
    act("back_10", () => this.seek(this.now_us() - SKIP_US));
    act("frame_back", () => this.step(-1));
    act("pause", () => this.toggle(), this.play);
    act("frame_forward", () => this.step(1));
    act("forward_10", () => this.seek(this.now_us() + SKIP_US));
    const speed = make("select", "input replay-speed");
    speed.setAttribute("aria-label", text(this.data.texts, "speed"));
    for (const value of SPEEDS) speed.add(new Option(`${value}×`, String(value), value === 1, value === 1));
    speed.addEventListener("change", () => {
      this.set(this.now_us());
      this.rate = Number(speed.value);
    });
    this.controls.append(speed);
  }

  private key(event: KeyboardEvent): void {
    if (event.target instanceof HTMLButtonElement || event.target instanceof HTMLSelectElement) return;
    const acts: Record<string, () => void> = {
      " ": () => this.toggle(),
      k: () => this.toggle(),
      j: () => this.seek(this.now_us() - SKIP_US),
      l: () => this.seek(this.now_us() + SKIP_US),
      ArrowLeft: () => this.seek(this.now_us() - SKIP_US),
      ArrowRight: () => this.seek(this.now_us() + SKIP_US),
      ",": () => this.step(-1),
      ".": () => this.step(1),
    };
    const act = acts[event.key];
    if (act === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  }
}

/** One timeline of all: recorded where any camera is, a gap where none is; holds of each. */
export function merge(all: readonly Recorded[], from_us: number, to_us: number): Recorded {
  const pieces: Piece[] = [];
  for (const piece of all.flatMap((one) => one.pieces).sort((one, other) => one.start_us - other.start_us)) {
    const last = pieces.at(-1);
    if (last !== undefined && piece.start_us <= last.end_us) {
      pieces[pieces.length - 1] = { start_us: last.start_us, end_us: Math.max(last.end_us, piece.end_us) };
    } else {
      pieces.push(piece);
    }
  }
  const gaps = all
    .flatMap((one) => one.gaps)
    .flatMap((gap): Gap[] => {
      const end = gap.end_us ?? to_us;
      let start = gap.start_us;
      const left: Gap[] = [];
      for (const piece of pieces) {
        if (piece.end_us <= start || piece.start_us >= end) continue;
        if (piece.start_us > start) left.push({ ...gap, start_us: start, end_us: piece.start_us });
        start = piece.end_us;
      }
      return start < end ? [...left, { ...gap, start_us: start, end_us: end }] : left;
    });
  return { span: [from_us, to_us], pieces, gaps, holds: all.flatMap((one) => one.holds) };
}

/** Mount the players with their clock; returns what takes them down. */
export function mount(element: HTMLElement, data: unknown): () => void {
  const players = new Together(element, data as TogetherData);
  void players.start();
  return () => players.stop();
}
