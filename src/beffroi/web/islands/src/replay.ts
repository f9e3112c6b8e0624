// Recorded pictures of one camera: hls.js over the door's playlists, ticket in a header, true times under the picture.
import Hls, { type Fragment, type HlsConfig } from "hls.js/light";

import { type Texts, Refused, Tickets, ask, clock, make, text } from "./door";
import { type Mark, type Recorded, Timeline } from "./timeline";

export interface ReplayData {
  readonly camera: string;
  readonly title: string;
  readonly ticket_url: string;
  readonly stream: "main" | "sub";
  readonly from_us: number;
  readonly to_us: number;
  readonly at_us?: number;
  readonly incidents?: readonly Mark[];
  readonly texts: Texts;
}

const HEADER = "Beffroi-Ticket";
const WINDOW_US = 30 * 60_000_000;
const LEAD_US = 5 * 60_000_000;
const RENEW_MS = 15_000;
const SPEEDS = [0.25, 0.5, 1, 2, 4, 8];
const CODEC_PROBLEMS = new Set(["bufferAddCodecError", "bufferIncompatibleCodecsError", "manifestIncompatibleCodecsError"]);
const SKIP_US = 10_000_000;

class ReplayPlayer {
  private readonly video = make("video", "replay-video");
  private readonly time = make("output", "replay-time");
  private readonly state = make("p", "replay-state");
  private readonly timeline: Timeline;
  private readonly tickets: Tickets;
  private readonly controls = make("div", "replay-controls");
  private hls: Hls | undefined;
  private ticket = "";
  private timer: number | undefined;
  private window: readonly [number, number] = [0, 0];
  private wanted_us: number;
  private frame_s = 0.04;
  private lastFrame_s = 0;
  private playing = true;
  private loading = 0;
  private stream: "main" | "sub";

  constructor(
    private readonly element: HTMLElement,
    private readonly data: ReplayData,
  ) {
    this.wanted_us = data.at_us ?? data.from_us;
    this.stream = data.stream;
    this.tickets = new Tickets(data.ticket_url, data.camera);
    this.timeline = new Timeline(data.from_us, data.to_us, data.incidents ?? [], data.texts, (at) => this.seek(at));
    this.video.muted = true;
    this.video.playsInline = true;
    this.video.setAttribute("aria-label", data.title);
    this.state.setAttribute("role", "status");
    this.buttons();
    element.classList.add("replay-player");
    element.replaceChildren(this.video, this.state, this.time, this.controls, this.timeline.element);
    element.addEventListener("keydown", (event) => this.key(event));
    element.addEventListener("beffroi:seek", (event) => {
      this.seek((event as CustomEvent<{ at_us: number }>).detail.at_us);
    });
    this.video.addEventListener("timeupdate", () => this.tick());
    this.video.addEventListener("ended", () => this.onward());
    this.watchFrames();
  }

  async start(): Promise<void> {
    this.say("loading");
    this.timer = window.setInterval(() => void this.renew(), 5_000);
    try {
      await this.renew();
      await this.loadTimeline();
      await this.load(this.wanted_us);
    } catch (error) {
      this.failed(error);
    }
  }

  stop(): void {
    window.clearInterval(this.timer);
    this.hls?.destroy();
    this.hls = undefined;
    this.video.removeAttribute("src");
    this.video.load();
  }

  private async renew(): Promise<void> {
    this.ticket = (await this.tickets.get(RENEW_MS)).ticket;
  }

  private query(from_us: number, to_us: number): string {
    return new URLSearchParams({ stream: this.stream, from_us: String(from_us), to_us: String(to_us) }).toString();
  }

  private async loadTimeline(): Promise<void> {
    const { camera, from_us, to_us } = this.data;
    const url = `/door/timeline?camera=${encodeURIComponent(camera)}&${this.query(from_us, to_us)}`;
    const recorded = await ask<Recorded>(url, undefined, { [HEADER]: this.ticket });
    this.timeline.show(recorded);
    const first = recorded.pieces.find((piece) => piece.end_us > this.wanted_us);
    if (first !== undefined && first.start_us > this.wanted_us) this.wanted_us = first.start_us;
  }

  /** Load a window of half an hour around a moment and go to it. */
  private async load(at_us: number): Promise<void> {
    const turn = ++this.loading;
    this.wanted_us = at_us;
    await this.renew();
    if (turn !== this.loading) return;
    const from = Math.max(this.data.from_us, at_us - LEAD_US);
    const to = Math.min(this.data.to_us, from + WINDOW_US);
    this.window = [from, to];
    this.hls?.destroy();
    const hls = new Hls(this.config());
    this.hls = hls;
    hls.on(Hls.Events.LEVEL_LOADED, () => window.setTimeout(() => this.arrive(hls), 0));
    hls.on(Hls.Events.ERROR, (_name, problem) => {
      if (!problem.fatal || this.hls !== hls) return;
      const status = problem.response?.code ?? 0;
      hls.destroy();
      this.hls = undefined;
      if (CODEC_PROBLEMS.has(problem.details)) {
        this.otherStream();
        return;
      }
      const absent = this.stream === this.data.stream ? "nothing_recorded" : "stopped.codec";
      this.failed(new Refused(status === 400 ? absent : "refused", status));
    });
    hls.attachMedia(this.video);
    hls.loadSource(`/door/replay/${encodeURIComponent(this.data.camera)}/index.m3u8?${this.query(from, to)}`);
  }

  /** This browser cannot show the codec (H.265 without a decoder): the camera's other stream, else say so. */
  private otherStream(): void {
    if (this.stream === this.data.stream) {
      this.stream = this.stream === "main" ? "sub" : "main";
      void this.load(this.wanted_us).catch((error: unknown) => this.failed(error));
    } else {
      this.failed(new Refused("stopped.codec", 0));
    }
  }

  private config(): Partial<HlsConfig> {
    return {
      xhrSetup: (xhr: XMLHttpRequest) => {
        xhr.setRequestHeader(HEADER, this.ticket);
      },
      enableWorker: false, // our fragments need no re-muxing, and a strict page starts no worker
      maxBufferLength: 20,
      backBufferLength: 60,
      autoStartLoad: true,
      startPosition: 0,
    };
  }

  private arrive(hls: Hls): void {
    if (this.hls !== hls) return;
    this.go(this.wanted_us);
    if (this.playing) void this.video.play().catch(() => undefined);
  }

  private fragments(): readonly Fragment[] {
    const level = this.hls?.levels[Math.max(0, this.hls.currentLevel)];
    return level?.details?.fragments ?? [];
  }

  /** The true time of what is on the screen. */
  private shown_us(): number | undefined {
    const at = this.video.currentTime;
    const found = this.fragments()
      .filter((one) => one.start <= at + 0.001 && one.programDateTime !== null)
      .at(-1);
    if (found?.programDateTime == null) return undefined;
    return found.programDateTime * 1000 + (at - found.start) * 1e6;
  }

  private go(at_us: number): void {
    const after = this.fragments().find(
      (one) => one.programDateTime !== null && one.programDateTime * 1000 + one.duration * 1e6 > at_us,
    );
    if (after?.programDateTime == null) return;
    const into = Math.max(0, at_us - after.programDateTime * 1000) / 1e6;
    this.video.currentTime = after.start + Math.min(into, Math.max(0, after.duration - 0.001));
  }

  /** Go to a moment; where nothing is recorded, to the first picture after it. */
  private seek(at_us: number): void {
    const to = Math.min(this.data.to_us - 1, Math.max(this.data.from_us, Math.round(at_us)));
    this.wanted_us = to;
    this.timeline.move(to);
    const inside = to >= this.window[0] && to < this.window[1] && this.fragments().length > 0;
    if (inside) this.go(to);
    else void this.load(to).catch((error: unknown) => this.failed(error));
  }

  private onward(): void {
    if (this.window[1] < this.data.to_us) void this.load(this.window[1]).catch((error: unknown) => this.failed(error));
    else this.say("end");
  }

  private tick(): void {
    const at = this.shown_us();
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
    this.seek((this.shown_us() ?? this.wanted_us) + by_us);
  }

  private step(frames: number): void {
    this.playing = false;
    this.video.pause();
    this.video.currentTime = Math.max(0, this.video.currentTime + frames * this.frame_s);
  }

  /** Learn how long a frame is from the frames themselves. */
  private watchFrames(): void {
    this.video.requestVideoFrameCallback((_now, frame) => {
      const length = frame.mediaTime - this.lastFrame_s;
      if (!this.video.paused && length > 0.005 && length < 0.5) this.frame_s = length;
      this.lastFrame_s = frame.mediaTime;
      this.watchFrames();
    });
  }

  private key(event: KeyboardEvent): void {
    if (event.target instanceof HTMLButtonElement || event.target instanceof HTMLSelectElement) return;
    const acts: Record<string, () => void> = {
      " ": () => this.toggle(),
      k: () => this.toggle(),
      j: () => this.skip(-SKIP_US),
      l: () => this.skip(SKIP_US),
      ",": () => this.step(-1),
      ".": () => this.step(1),
    };
    const act = acts[event.key];
    if (act === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  }

  /** Save the nearest key frame as the archive has it; the look is on the log like every other. */
  private async still(): Promise<void> {
    const at_us = Math.round(this.shown_us() ?? this.wanted_us);
    const { camera } = this.data;
    try {
      await this.renew();
      const query = new URLSearchParams({ at_us: String(at_us), stream: this.data.stream }).toString();
      const answer = await fetch(`/door/still/${encodeURIComponent(camera)}?${query}`, {
        headers: { [HEADER]: this.ticket },
        credentials: "same-origin",
        cache: "no-store",
      });
      if (!answer.ok) throw new Refused("still_failed", answer.status);
      const link = make("a", "");
      link.href = URL.createObjectURL(await answer.blob());
      const exact_us = Number(answer.headers.get("Beffroi-At-Us") ?? at_us);
      link.download = `${camera}-${new Date(exact_us / 1000).toISOString().replaceAll(":", "-")}.jpg`;
      link.click();
      window.setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
      this.element.dataset["still"] = String(exact_us);
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
