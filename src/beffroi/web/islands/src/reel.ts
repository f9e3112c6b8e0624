// One camera's recorded pictures: hls.js over the door's playlists, ticket in a header, and where true time stands in them.
import Hls, { type Fragment, type HlsConfig } from "hls.js/light";

import { Refused, Tickets, ask, make } from "./door";
import type { Recorded } from "./timeline";

export type StreamName = "main" | "sub";

export interface Source {
  readonly camera: string;
  readonly title: string;
  readonly ticket_url: string;
  readonly stream: StreamName;
}

const HEADER = "Beffroi-Ticket";
const WINDOW_US = 30 * 60_000_000;
const LEAD_US = 5 * 60_000_000;
const RENEW_MS = 15_000;
const CODEC_PROBLEMS = new Set(["bufferAddCodecError", "bufferIncompatibleCodecsError", "manifestIncompatibleCodecsError"]);

/** Loads half an hour at a time around the moment asked for; `failed` is told what went wrong. */
export class Reel {
  readonly video = make("video", "replay-video");
  frame_s = 0.04;
  private hls: Hls | undefined;
  private ticket = "";
  private timer: number | undefined;
  private window: readonly [number, number] = [0, 0];
  private lastFrame_s = 0;
  private loading = 0;
  private stream: StreamName;
  private wanted_us: number;
  private readonly tickets: Tickets;

  constructor(
    private readonly source: Source,
    private readonly from_us: number,
    private readonly to_us: number,
    private readonly loaded: (at_us: number) => void,
    private readonly failed: (error: unknown) => void,
  ) {
    this.wanted_us = from_us;
    this.stream = source.stream;
    this.tickets = new Tickets(source.ticket_url, source.camera);
    this.video.muted = true;
    this.video.playsInline = true;
    this.video.setAttribute("aria-label", source.title);
    this.watchFrames();
  }

  /** Take a ticket and keep it fresh; what is recorded in the whole span. */
  async open(): Promise<Recorded> {
    this.timer = window.setInterval(() => void this.renew().catch((error: unknown) => this.failed(error)), 5_000);
    await this.renew();
    const url = `/door/timeline?camera=${encodeURIComponent(this.source.camera)}&${this.query(this.from_us, this.to_us)}`;
    return ask<Recorded>(url, undefined, { [HEADER]: this.ticket });
  }

  close(): void {
    window.clearInterval(this.timer);
    this.hls?.destroy();
    this.hls = undefined;
    this.video.removeAttribute("src");
    this.video.load();
  }

  /** Load the window around a moment; `loaded` is called once one can go there. */
  async load(at_us: number): Promise<void> {
    const turn = ++this.loading;
    this.wanted_us = at_us;
    const from = Math.max(this.from_us, at_us - LEAD_US);
    const to = Math.min(this.to_us, from + WINDOW_US);
    this.window = [from, to];
    await this.renew();
    if (turn !== this.loading) return;
    this.hls?.destroy();
    const hls = new Hls(this.config());
    this.hls = hls;
    hls.on(Hls.Events.LEVEL_LOADED, () =>
      window.setTimeout(() => {
        if (this.hls === hls) this.loaded(this.wanted_us);
      }, 0),
    );
    hls.on(Hls.Events.ERROR, (_name, problem) => {
      if (!problem.fatal || this.hls !== hls) return;
      const status = problem.response?.code ?? 0;
      hls.destroy();
      this.hls = undefined;
      if (CODEC_PROBLEMS.has(problem.details)) {
        this.otherStream();
        return;
      }
      const absent = this.stream === this.source.stream ? "nothing_recorded" : "stopped.codec";
      this.failed(new Refused(status === 400 ? absent : "refused", status));
    });
    hls.attachMedia(this.video);
    hls.loadSource(`/door/replay/${encodeURIComponent(this.source.camera)}/index.m3u8?${this.query(from, to)}`);
  }

  /** The end of what is loaded. */
  get end_us(): number {
    return this.window[1];
  }

  /** Whether the moment lies in what is loaded. */
  covers(at_us: number): boolean {
    return at_us >= this.window[0] && at_us < this.window[1];
  }

  /** Whether one can go anywhere in what is loaded. */
  get ready(): boolean {
    return this.fragments().length > 0;
  }

  /** Whether there is a picture of this moment. */
  has(at_us: number): boolean {
    return this.at(at_us) !== undefined;
  }

  /** The true time of what is on the screen. */
  shown_us(): number | undefined {
    const at = this.video.currentTime;
    const found = this.fragments()
      .filter((one) => one.start <= at + 0.001 && one.programDateTime !== null)
      .at(-1);
    if (found?.programDateTime == null) return undefined;
    return found.programDateTime * 1000 + (at - found.start) * 1e6;
  }

  /** Show the picture of a moment; where there is none, the first after it. */
  go(at_us: number): void {
    this.wanted_us = at_us;
    const after = this.fragments().find(
      (one) => one.programDateTime !== null && one.programDateTime * 1000 + one.duration * 1e6 > at_us,
    );
    if (after?.programDateTime == null) return;
    const into = Math.max(0, at_us - after.programDateTime * 1000) / 1e6;
    this.video.currentTime = after.start + Math.min(into, Math.max(0, after.duration - 0.001));
  }

  /** The nearest key frame as the archive has it; the look is on the log like every other. */
  async still(at_us: number): Promise<{ readonly picture: Blob; readonly at_us: number }> {
    await this.renew();
    const query = new URLSearchParams({ at_us: String(at_us), stream: this.source.stream }).toString();
    const answer = await fetch(`/door/still/${encodeURIComponent(this.source.camera)}?${query}`, {
      headers: { [HEADER]: this.ticket },
      credentials: "same-origin",
      cache: "no-store",
    });
    if (!answer.ok) throw new Refused("still_failed", answer.status);
    return { picture: await answer.blob(), at_us: Number(answer.headers.get("Beffroi-At-Us") ?? at_us) };
  }

  /** The header that opens the door for another request about this camera. */
  async authorised(): Promise<Record<string, string>> {
    await this.renew();
    return { [HEADER]: this.ticket };
  }

  private async renew(): Promise<void> {
    this.ticket = (await this.tickets.get(RENEW_MS)).ticket;
  }

  private query(from_us: number, to_us: number): string {
    return new URLSearchParams({ stream: this.stream, from_us: String(from_us), to_us: String(to_us) }).toString();
  }

  private fragments(): readonly Fragment[] {
    const level = this.hls?.levels[Math.max(0, this.hls.currentLevel)];
    return level?.details?.fragments ?? [];
  }

  private at(at_us: number): Fragment | undefined {
    return this.fragments().find(
      (one) =>
        one.programDateTime !== null &&
        one.programDateTime * 1000 <= at_us &&
        one.programDateTime * 1000 + one.duration * 1e6 > at_us,
    );
  }

  /** This browser cannot show the codec (H.265 without a decoder): the camera's other stream, else say so. */
  private otherStream(): void {
    if (this.stream === this.source.stream) {
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

  /** Learn how long a frame is from the frames themselves. */
  private watchFrames(): void {
    this.video.requestVideoFrameCallback((_now, frame) => {
      const length = frame.mediaTime - this.lastFrame_s;
      if (!this.video.paused && length > 0.005 && length < 0.5) this.frame_s = length;
      this.lastFrame_s = frame.mediaTime;
      this.watchFrames();
    });
  }
}
