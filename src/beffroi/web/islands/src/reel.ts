// One camera's recorded pictures: hls.js over the door's playlists, ticket in a header, and where true time stands in them.
import Hls, { type Fragment, type HlsConfig } from "hls.js/light";

import { type Texts, Refused, Tickets, ask, make, text } from "./door";
import { type Frame, framesOf } from "./frames";
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
const NEAR_US = 60_000_000;
const CODEC_PROBLEMS = new Set(["bufferAddCodecError", "bufferIncompatibleCodecsError", "manifestIncompatibleCodecsError"]);

/** Loads half an hour at a time around the moment asked for; `failed` is told what went wrong. */
export class Reel {
  readonly video = make("video", "replay-video");
  readonly note = make("p", "replay-note");
  private readonly frames = new Map<number, readonly Frame[]>(); // of each loaded piece
  private hls: Hls | undefined;
  private ticket = "";
  private timer: number | undefined;
  private window: readonly [number, number] = [0, 0];
  private loading = 0;
  private stream: StreamName;
  private converted = false;
  private wanted_us: number;
  private readonly tickets: Tickets;

  constructor(
    private readonly source: Source,
    private readonly from_us: number,
    private readonly to_us: number,
    private readonly texts: Texts,
    private readonly loaded: (at_us: number) => void,
    private readonly failed: (error: unknown) => void,
  ) {
    this.wanted_us = from_us;
    this.stream = source.stream;
    this.tickets = new Tickets(source.ticket_url, source.camera);
    this.video.muted = true;
    this.video.playsInline = true;
    this.note.hidden = true;
    this.video.setAttribute("aria-label", source.title);
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
    this.frames.clear();
    const hls = new Hls(this.config());
    this.hls = hls;
    hls.once(Hls.Events.LEVEL_LOADED, () =>
      window.setTimeout(() => {
        if (this.hls !== hls) return;
        hls.startLoad(this.place(this.wanted_us) ?? 0); // from there on: nothing is fetched that nobody asked to see
        this.loaded(this.wanted_us);
      }, 0),
    );
    hls.on(Hls.Events.FRAG_LOADED, (_name, { frag, payload }) => {
      if (typeof frag.sn === "number") this.frames.set(frag.sn, framesOf(payload));
    });
    hls.on(Hls.Events.ERROR, (_name, problem) => {
      if (!problem.fatal || this.hls !== hls) return;
      const status = problem.response?.code ?? 0;
      hls.destroy();
      this.hls = undefined;
      if (CODEC_PROBLEMS.has(problem.details) || (status === 400 && this.stream !== this.source.stream)) {
        this.otherwise();
        return;
      }
      const code = status === 503 && this.converted ? "conversions_full" : "refused";
      this.failed(new Refused(status === 400 ? "nothing_recorded" : code, status));
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

  /** Whether a picture stands still on the screen: none is being sought. */
  get settled(): boolean {
    return this.ready && !this.video.seeking && this.video.readyState >= 2;
  }

  /** Show the picture of a moment; where there is none, the first after it. */
  go(at_us: number): void {
    this.wanted_us = at_us;
    const place = this.place(at_us);
    if (place !== undefined) this.video.currentTime = place;
  }

  /** When the frame is shown that comes after (`by` 1) or before a moment; `keys`: key frames alone. Loaded ones only. */
  frameAt(at_us: number, by: 1 | -1, keys = false): number | undefined {
    const moments = this.fragments().flatMap((one) => {
      if (one.programDateTime === null || typeof one.sn !== "number") return [];
      const start_us = one.programDateTime * 1000;
      if (Math.abs(start_us - at_us) > NEAR_US) return [];
      const frames = this.frames.get(one.sn) ?? [];
      return frames.filter((frame) => frame.key || !keys).map((frame) => start_us + frame.into_s * 1e6);
    });
    return by > 0 ? moments.find((one) => one > at_us) : moments.findLast((one) => one < at_us);
  }

  /** The last moment before `at_us` of which there is a picture, in what is loaded. */
  before(at_us: number): number | undefined {
    const found = this.fragments().findLast((one) => one.programDateTime !== null && one.programDateTime * 1000 < at_us);
    if (found?.programDateTime == null) return undefined;
    return Math.min(at_us - 1, found.programDateTime * 1000 + found.duration * 1e6 - 1_000);
  }

  /** The nearest key frame as the archive has it; the look is on the log like every other. */
  async still(at_us: number, kind: "still" | "preview" = "still"): Promise<{ readonly picture: Blob; readonly at_us: number }> {
    await this.renew();
    const query = new URLSearchParams({ at_us: String(at_us), stream: this.source.stream }).toString();
    const answer = await fetch(`/door/${kind}/${encodeURIComponent(this.source.camera)}?${query}`, {
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
    const screen = this.converted ? { screen: "h264" } : {};
    const span = { from_us: String(from_us), to_us: String(to_us) };
    return new URLSearchParams({ stream: this.stream, ...span, ...screen }).toString();
  }

  private fragments(): readonly Fragment[] {
    const level = this.hls?.levels[Math.max(0, this.hls.currentLevel)];
    return level?.details?.fragments ?? [];
  }

  /** Where on the player's own scale the picture of a moment is, or else the first after it. */
  private place(at_us: number): number | undefined {
    const after = this.fragments().find(
      (one) => one.programDateTime !== null && one.programDateTime * 1000 + one.duration * 1e6 > at_us,
    );
    if (after?.programDateTime == null) return undefined;
    const into = Math.max(0, at_us - after.programDateTime * 1000) / 1e6;
    return after.start + Math.min(into, Math.max(0, after.duration - 0.001));
  }

  private at(at_us: number): Fragment | undefined {
    return this.fragments().find(
      (one) =>
        one.programDateTime !== null &&
        one.programDateTime * 1000 <= at_us &&
        one.programDateTime * 1000 + one.duration * 1e6 > at_us,
    );
  }

  /** This browser cannot show the codec (H.265 without a decoder): the camera's other stream, else one converted. */
  private otherwise(): void {
    if (this.converted) {
      this.failed(new Refused("stopped.codec", 0));
      return;
    }
    if (this.stream === this.source.stream) {
      this.stream = this.stream === "main" ? "sub" : "main";
    } else {
      this.stream = this.source.stream;
      this.converted = true;
      this.note.textContent = text(this.texts, "converted");
      this.note.hidden = false;
    }
    void this.load(this.wanted_us).catch((error: unknown) => this.failed(error));
  }

  private config(): Partial<HlsConfig> {
    return {
      xhrSetup: (xhr: XMLHttpRequest) => {
        xhr.setRequestHeader(HEADER, this.ticket);
      },
      enableWorker: false, // our fragments need no re-muxing, and a strict page starts no worker
      maxBufferLength: 20,
      backBufferLength: 60,
      autoStartLoad: false,
      fragLoadPolicy: {
        default: {
          maxTimeToFirstByteMs: 45_000, // pictures that are converted take their time
          maxLoadTimeMs: 120_000,
          timeoutRetry: { maxNumRetry: 2, retryDelayMs: 0, maxRetryDelayMs: 0 },
          errorRetry: { maxNumRetry: 4, retryDelayMs: 1_000, maxRetryDelayMs: 4_000 },
        },
      },
    };
  }
}
