// Recorded pictures of one camera with its timeline: true times under the picture, keys, stills.
import { type Texts, Refused, clock, make, text } from "./door";
import { MovementSearch } from "./movement";
import { Reel, type Source } from "./reel";
import { type Mark, Timeline } from "./timeline";

export interface ReplayData extends Source {
  readonly from_us: number;
  readonly to_us: number;
  readonly at_us?: number;
  readonly incidents?: readonly Mark[];
  readonly movement?: boolean; // the ground of this look allows the search
  readonly texts: Texts;
}

export const SPEEDS = [0.25, 0.5, 1, 2, 4, 8];
export const SKIP_US = 10_000_000;

class ReplayPlayer {
  private readonly time = make("output", "replay-time");
  private readonly state = make("p", "replay-state");
  private readonly timeline: Timeline;
  private readonly reel: Reel;
  private readonly video: HTMLVideoElement;
  private readonly controls = make("div", "replay-controls");
  private readonly search: MovementSearch | undefined;
  private wanted_us: number;
  private playing = true;

  constructor(
    private readonly element: HTMLElement,
    private readonly data: ReplayData,
  ) {
    this.wanted_us = data.at_us ?? data.from_us;
    this.timeline = new Timeline(data.from_us, data.to_us, data.incidents ?? [], data.texts, (at) => this.seek(at));
    this.reel = new Reel(
      data,
      data.from_us,
      data.to_us,
      (at_us) => this.arrive(at_us),
      (error) => this.failed(error),
    );
    this.video = this.reel.video;
    this.state.setAttribute("role", "status");
    this.buttons();
    element.classList.add("replay-player");
    const picture = make("div", "replay-picture");
    picture.append(this.video);
    element.replaceChildren(picture, this.state, this.time, this.controls, this.timeline.element);
    if (data.movement === true) {
      const span = [data.from_us, data.to_us] as const;
      this.search = new MovementSearch(this.reel, data.camera, span, data.texts, (at) => this.seek(at));
      picture.append(this.search.frame);
      element.append(this.search.panel);
    }
    element.addEventListener("keydown", (event) => this.key(event));
    element.addEventListener("beffroi:seek", (event) => {
      this.seek((event as CustomEvent<{ at_us: number }>).detail.at_us);
    });
    this.video.addEventListener("timeupdate", () => this.tick());
    this.video.addEventListener("ended", () => this.onward());
  }

  async start(): Promise<void> {
    this.say("loading");
    try {
      const recorded = await this.reel.open();
      this.timeline.show(recorded);
      const first = recorded.pieces.find((piece) => piece.end_us > this.wanted_us);
      if (first !== undefined && first.start_us > this.wanted_us) this.wanted_us = first.start_us;
      await this.reel.load(this.wanted_us);
    } catch (error) {
      this.failed(error);
    }
  }

  stop(): void {
    this.search?.stop();
    this.reel.close();
  }

  private arrive(at_us: number): void {
    this.reel.go(at_us);
    if (this.playing) void this.video.play().catch(() => undefined);
  }

  /** Go to a moment; where nothing is recorded, to the first picture after it. */
  private seek(at_us: number): void {
    const to = Math.min(this.data.to_us - 1, Math.max(this.data.from_us, Math.round(at_us)));
    this.wanted_us = to;
    this.timeline.move(to);
    if (this.reel.covers(to) && this.reel.ready) this.reel.go(to);
    else void this.reel.load(to).catch((error: unknown) => this.failed(error));
  }

  private onward(): void {
    if (this.reel.end_us < this.data.to_us) this.seek(this.reel.end_us);
    else this.say("end");
  }

  private tick(): void {
    const at = this.reel.shown_us();
    if (at === undefined) return;
    this.element.dataset["utcUs"] = String(Math.round(at));
    this.time.value = clock(at);
    this.timeline.move(at);
    if (this.state.textContent !== "") this.state.textContent = "";
  }

  private say(key: string): void {
    this.state.textContent = text(this.data.texts, key);
  }

  private failed(error: unknown): void {
    const code = error instanceof Refused ? error.code : "no_answer";
    this.element.dataset["failed"] = code;
    this.say(code in this.data.texts ? code : "refused");
  }

  private buttons(): void {
    const add = (name: string, act: () => void): HTMLButtonElement => {
      const button = make("button", "button small", text(this.data.texts, name));
      button.type = "button";
      button.dataset["act"] = name;
      button.addEventListener("click", act);
      this.controls.append(button);
      return button;
    };
    add("back_10", () => this.skip(-SKIP_US));
    add("frame_back", () => this.step(-1));
    const play = add("pause", () => this.toggle());
    const show = (): void => {
      play.textContent = text(this.data.texts, this.video.paused ? "play" : "pause");
    };
    this.video.addEventListener("play", show);
    this.video.addEventListener("pause", show);
    add("frame_forward", () => this.step(1));
    add("forward_10", () => this.skip(SKIP_US));
    const speed = make("select", "input replay-speed");
    speed.setAttribute("aria-label", text(this.data.texts, "speed"));
    for (const value of SPEEDS) speed.add(new Option(`${value}×`, String(value), value === 1, value === 1));
    speed.addEventListener("change", () => (this.video.playbackRate = Number(speed.value)));
    this.controls.append(speed);
    add("still", () => void this.still());
  }

  private toggle(): void {
    this.playing = this.video.paused;
    if (this.video.paused) void this.video.play().catch(() => undefined);
    else this.video.pause();
  }

  private skip(by_us: number): void {
    this.seek((this.reel.shown_us() ?? this.wanted_us) + by_us);
  }

  private step(frames: number): void {
    this.playing = false;
    this.video.pause();
    this.video.currentTime = Math.max(0, this.video.currentTime + frames * this.reel.frame_s);
  }

  private key(event: KeyboardEvent): void {
    if (event.target instanceof HTMLButtonElement || event.target instanceof HTMLSelectElement) return;
    const acts: Record<string, () => void> = {
      " ": () => this.toggle(),
      k: () => this.toggle(),
      j: () => this.skip(-SKIP_US),
      l: () => this.skip(SKIP_US),
      ArrowLeft: () => this.skip(-SKIP_US),
      ArrowRight: () => this.skip(SKIP_US),
      ",": () => this.step(-1),
      ".": () => this.step(1),
    };
    const act = acts[event.key];
    if (act === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  }

  /** Save the nearest key frame as the archive has it. */
  private async still(): Promise<void> {
    try {
      const found = await this.reel.still(Math.round(this.reel.shown_us() ?? this.wanted_us));
      const link = make("a", "");
      link.href = URL.createObjectURL(found.picture);
      link.download = `${this.data.camera}-${new Date(found.at_us / 1000).toISOString().replaceAll(":", "-")}.jpg`;
      link.click();
      window.setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
      this.element.dataset["still"] = String(found.at_us);
    } catch (error) {
      this.failed(error);
    }
  }
}

/** Mount a replay player with its timeline; returns what takes it down. */
export function mount(element: HTMLElement, data: unknown): () => void {
  const player = new ReplayPlayer(element, data as ReplayData);
  void player.start();
  return () => player.stop();
}
