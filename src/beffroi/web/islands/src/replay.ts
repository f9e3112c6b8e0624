// Recorded pictures of one camera with its timeline: true times under the picture, keys, stills, backwards too.
import { type Texts, Refused, clock, make, text } from "./door";
import { MovementSearch } from "./movement";
import { frameBeside, groupBeside } from "./moments";
import { Preview } from "./preview";
import { Reel, type Source } from "./reel";
import { Rewind } from "./rewind";
import { type Mark, Timeline } from "./timeline";
import { type Acts, Transport, faster } from "./transport";

export interface ReplayData extends Source {
  readonly from_us: number;
  readonly to_us: number;
  readonly at_us?: number;
  readonly incidents?: readonly Mark[];
  readonly movement?: boolean; // the ground of this look allows the search
  readonly texts: Texts;
}

const RUNNING_SLACK_US = 700_000;

class ReplayPlayer implements Acts {
  private readonly time = make("output", "replay-time");
  private readonly state = make("p", "replay-state");
  private readonly timeline: Timeline;
  private readonly preview: Preview;
  private readonly reel: Reel;
  private readonly video: HTMLVideoElement;
  private readonly transport: Transport;
  private readonly rewind: Rewind;
  private readonly search: MovementSearch | undefined;
  private wanted_us: number;
  private playing = true;
  private rate = 1;
  private times = 1; // of playing backwards
  private steps = 0; // still to be taken

  constructor(
    private readonly element: HTMLElement,
    private readonly data: ReplayData,
  ) {
    this.wanted_us = data.at_us ?? data.from_us;
    this.preview = new Preview((at_us) => this.reel.still(at_us, "preview"), data.texts);
    const go = (at_us: number): void => this.seek(at_us);
    this.timeline = new Timeline(data.from_us, data.to_us, data.incidents ?? [], data.texts, go, this.preview);
    this.reel = new Reel(
      data,
      data.from_us,
      data.to_us,
      data.texts,
      (at_us) => this.arrive(at_us),
      (error) => this.failed(error),
    );
    this.video = this.reel.video;
    this.state.setAttribute("role", "status");
    this.rewind = new Rewind(
      () => [this.reel],
      data.from_us,
      (at_us) => this.show(at_us),
      () => this.pause(),
    );
    this.transport = new Transport(data.texts, this);
    this.transport.add("still", () => void this.still());
    this.transport.listen(element);
    element.classList.add("replay-player");
    const picture = make("div", "replay-picture");
    picture.append(this.video, this.reel.note);
    element.replaceChildren(picture, this.state, this.time, this.transport.element, this.timeline.element);
    if (data.movement === true) {
      const span = [data.from_us, data.to_us] as const;
      this.search = new MovementSearch(this.reel, data.camera, span, data.texts, (at) => this.seek(at));
      picture.append(this.search.frame);
      element.append(this.search.panel);
    }
    element.addEventListener("beffroi:seek", (event) => {
      this.seek((event as CustomEvent<{ at_us: number }>).detail.at_us);
    });
    this.video.addEventListener("timeupdate", () => this.tick());
    this.video.addEventListener("seeked", () => this.seeked());
    this.video.addEventListener("ended", () => this.onward());
    for (const name of ["play", "pause"]) this.video.addEventListener(name, () => this.button());
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
    this.rewind.stop();
    this.preview.close();
    this.reel.close();
  }

  toggle(): void {
    if (this.rewind.running || !this.video.paused) this.pause();
    else this.play();
  }

  pause(): void {
    this.playing = false;
    this.rewind.stop();
    this.video.pause();
    this.steps = 0;
    this.button();
  }

  skip(by_us: number): void {
    this.seek(this.here() + by_us);
  }

  /** One frame; the next one goes on when the last one stands. */
  step(by: 1 | -1): void {
    if (this.playing) this.pause();
    this.steps += by;
    if (!this.video.seeking) this.seeked();
  }

  group(by: 1 | -1): void {
    const slack_us = this.playing ? RUNNING_SLACK_US * this.rate : 0; // while it plays, one would never get back
    this.seek(groupBeside([this.reel], this.here(), by, slack_us));
  }

  shuttle(way: 1 | -1): void {
    if (way > 0) {
      this.speed(this.playing && !this.rewind.running ? faster(this.rate, 1) : 1);
      this.play();
    } else {
      const at_us = this.here();
      this.times = this.rewind.running ? -faster(-this.times, -1) : 1;
      this.playing = true;
      this.rewind.start(at_us, this.times);
      this.button();
    }
  }

  speed(rate: number): void {
    this.rate = this.video.playbackRate = rate;
    this.transport.shows(rate);
  }

  private play(): void {
    this.rewind.stop();
    this.playing = true;
    void this.video.play().catch(() => undefined);
    this.button();
  }

  private button(): void {
    this.transport.playing(this.rewind.running || !this.video.paused);
  }

  private seeked(): void {
    if (this.steps !== 0 && !this.playing) {
      const by = this.steps > 0 ? 1 : -1;
      this.steps -= by;
      this.seek(frameBeside([this.reel], this.here(), by));
    }
    this.tick();
  }

  private here(): number {
    return this.reel.shown_us() ?? this.wanted_us;
  }

  private arrive(at_us: number): void {
    this.reel.go(at_us);
    this.video.playbackRate = this.rate;
    if (this.playing && !this.rewind.running) void this.video.play().catch(() => undefined);
  }

  /** Go to a moment; where nothing is recorded, to the first picture after it. */
  private seek(at_us: number): void {
    const to = Math.min(this.data.to_us - 1, Math.max(this.data.from_us, Math.round(at_us)));
    const backwards = this.rewind.running;
    this.rewind.stop();
    this.wanted_us = to;
    this.timeline.move(to);
    if (this.reel.covers(to) && this.reel.ready) this.reel.go(to);
    else void this.reel.load(to).catch((error: unknown) => this.failed(error));
    if (backwards) this.rewind.start(to, this.times);
  }

  private onward(): void {
    if (this.reel.end_us < this.data.to_us) this.seek(this.reel.end_us);
    else {
      this.playing = false;
      this.say("end");
    }
  }

  private tick(): void {
    const at = this.reel.shown_us();
    if (at !== undefined && !this.rewind.running) this.show(at);
  }

  private show(at: number): void {
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

  /** Save the nearest key frame as the archive has it. */
  private async still(): Promise<void> {
    try {
      const found = await this.reel.still(Math.round(this.here()));
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
