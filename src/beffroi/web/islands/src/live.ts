// One live picture: fragments from the door's WebSocket into Media Source Extensions.
import { type Texts, Refused, Tickets, backOff, clock, keepLease, make, text, ask } from "./door";
import type { ReplayData } from "./replay";

export interface LiveData {
  readonly camera: string;
  readonly title: string;
  readonly ticket_url: string;
  readonly stream: "main" | "sub";
  readonly look_back_url?: string;
  readonly lease_url?: string;
  readonly texts: Texts;
}

type State = "connecting" | "live" | "late" | "none" | "stopped";

interface DoorEvent {
  readonly event: "run" | "time" | "state" | "skipped" | "ticket";
  readonly codec?: string;
  readonly converted?: boolean;
  readonly synthetic?: boolean;
  readonly watermark?: string;
  readonly cause?: string | null;
  readonly media_90k?: number;
  readonly utc_us?: number;
}

const HEVC = 'video/mp4; codecs="hvc1.1.6.L93.B0"';
const LATE_MS = 2_000;
const BEHIND_S = 0.4;
const KEEP_S = 10;
const RENEW_MS = 20_000;
const LOOK_BACK_S = 120;
// 4404 is no end: while the recorder has no settings yet, the door knows no camera.
const REFUSED = 4403;
const FINAL = new Set([4400, REFUSED]);

function seen(): typeof MediaSource | undefined {
  const managed = (window as { ManagedMediaSource?: typeof MediaSource }).ManagedMediaSource;
  return window.MediaSource ?? managed;
}

/** Feeds one `<video>` with appended bytes: starts at the first fragment, trims what was seen, chases the edge. */
class Feeder {
  private source: MediaSource | undefined;
  private buffer: SourceBuffer | undefined;
  private waiting: BufferSource[] = [];
  private url = "";

  constructor(private readonly video: HTMLVideoElement) {}

  /** Begin anew with a codec; `false` when this browser cannot show it. */
  begin(codec: string): boolean {
    this.end();
    const Source = seen();
    const kind = `video/mp4; codecs="${codec}"`;
    if (Source === undefined || !Source.isTypeSupported(kind)) return false;
    const source = new Source();
    this.source = source;
    this.video.disableRemotePlayback = true;
    this.url = URL.createObjectURL(source);
    this.video.src = this.url;
    source.addEventListener(
      "sourceopen",
      () => {
        if (this.source !== source) return;
        this.buffer = source.addSourceBuffer(kind);
        this.buffer.addEventListener("updateend", () => this.next());
        this.next();
      },
      { once: true },
    );
    return true;
  }

  add(data: ArrayBuffer): void {
    this.waiting.push(data);
    this.next();
  }

  /** Empty the buffer: what may no longer be seen is gone from the screen. */
  end(): void {
    this.waiting = [];
    this.buffer = undefined;
    this.source = undefined;
    this.video.removeAttribute("src");
    this.video.load();
    if (this.url !== "") URL.revokeObjectURL(this.url);
    this.url = "";
  }

  private next(): void {
    const buffer = this.buffer;
    if (buffer === undefined || buffer.updating || this.source?.readyState !== "open") return;
    this.follow(buffer.buffered);
    const ranges = buffer.buffered;
    if (ranges.length > 0 && this.video.currentTime - ranges.start(0) > 2 * KEEP_S) {
      buffer.remove(ranges.start(0), this.video.currentTime - KEEP_S);
      return;
    }
    const data = this.waiting.length > 1 ? joined(this.waiting) : this.waiting[0];
    if (data === undefined) return;
    this.waiting = [];
    try {
      buffer.appendBuffer(data);
    } catch (error) {
      if (!(error instanceof DOMException) || error.name !== "QuotaExceededError" || ranges.length === 0) throw error;
      this.waiting = [data];
      buffer.remove(ranges.start(0), ranges.end(ranges.length - 1) - 1);
    }
  }

  private follow(ranges: TimeRanges): void {
    if (ranges.length === 0) return;
    const last = ranges.length - 1;
    const [start, end] = [ranges.start(last), ranges.end(last)];
    const at = this.video.currentTime;
    if (at < start || at > end + 0.1) {
      this.video.currentTime = start; // fragments do not begin at zero: without this nothing ever plays
    } else if (end - at > 5 * BEHIND_S) {
      this.video.currentTime = end - BEHIND_S / 4;
    }
    this.video.playbackRate = end - at > BEHIND_S ? 1.1 : 1;
    if (this.video.paused) void this.video.play().catch(() => undefined);
  }
}

function joined(parts: readonly BufferSource[]): Uint8Array<ArrayBuffer> {
  const views = parts.map((part) =>
    part instanceof ArrayBuffer ? new Uint8Array(part) : new Uint8Array(part.buffer as ArrayBuffer),
  );
  const whole = new Uint8Array(views.reduce((sum, view) => sum + view.length, 0));
  let at = 0;
  for (const view of views) {
    whole.set(view, at);
    at += view.length;
  }
  return whole;
}

class LivePlayer {
  private readonly video = make("video", "live-video");
  private readonly mark = make("p", "live-watermark");
  private readonly state = make("p", "live-state");
  private readonly notes = make("p", "live-notes");
  private readonly feeder: Feeder;
  private readonly tickets: Tickets;
  private socket: WebSocket | undefined;
  private attempt = 0;
  private stopped = false;
  private last_ms = 0;
  private lastPicture_us = 0;
  private until_ms: number | undefined; // of the ticket in use
  private renewed = false; // a refused ticket was asked for anew, and no picture came since
  private timer: number | undefined;
  private now: State | undefined;
  private flags: string[] = [];

  constructor(
    private readonly element: HTMLElement,
    private readonly data: LiveData,
  ) {
    this.feeder = new Feeder(this.video);
    this.tickets = new Tickets(data.ticket_url, data.camera);
    this.video.muted = true;
    this.video.playsInline = true;
    this.video.setAttribute("aria-label", data.title);
    this.mark.setAttribute("aria-hidden", "true");
    this.state.setAttribute("role", "status");
    element.classList.add("live-player");
    element.replaceChildren(this.video, this.mark, this.state, this.notes);
    if (data.look_back_url) this.addLookBack(data.look_back_url);
  }

  start(): void {
    this.stopped = false;
    this.timer = window.setInterval(() => this.tick(), 500);
    void this.connect();
    if (this.data.lease_url) void keepLease(this.data.lease_url).catch(() => undefined);
  }

  /** Whether it plays, or tries to. */
  get playing(): boolean {
    return !this.stopped;
  }

  /** Leave: close the socket, empty the screen. */
  stop(): void {
    this.stopped = true;
    window.clearInterval(this.timer);
    this.socket?.close(1000);
    this.socket = undefined;
    this.feeder.end();
  }

  private async connect(): Promise<void> {
    this.show("connecting");
    let ticket;
    try {
      ticket = await this.tickets.get();
    } catch (error) {
      if (error instanceof Refused && error.status >= 400 && error.status < 500) {
        this.finish("refused");
      } else {
        this.again();
      }
      return;
    }
    if (this.stopped) return;
    const url = new URL("/door/live", location.href);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = new WebSocket(url);
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    socket.addEventListener("open", () => {
      const { camera, stream } = this.data;
      const hevc = seen()?.isTypeSupported(HEVC) ?? false;
      socket.send(JSON.stringify({ ticket: ticket.ticket, camera, stream, hevc }));
      this.until_ms = ticket.until_ms;
    });
    socket.addEventListener("message", (message: MessageEvent<string | ArrayBuffer>) => {
      if (this.socket !== socket) return;
      if (typeof message.data === "string") this.hear(JSON.parse(message.data) as DoorEvent);
      else this.take(message.data);
    });
    socket.addEventListener("close", (event) => {
      if (this.socket === socket && !this.stopped) this.closed(event.code, event.reason);
    });
  }

  private take(data: ArrayBuffer): void {
    this.last_ms = performance.now();
    this.attempt = 0;
    this.renewed = false;
    this.feeder.add(data);
  }

  private hear(event: DoorEvent): void {
    if (event.event === "run") {
      this.mark.textContent = event.watermark ?? "";
      this.flags = [event.converted ? "converted" : "", event.synthetic ? "synthetic" : ""].filter((one) => one !== "");
      this.notes.textContent = this.flags.map((one) => text(this.data.texts, one)).join(" · ");
      if (!this.feeder.begin(event.codec ?? "")) this.finish("codec");
    } else if (event.event === "time" && event.utc_us !== undefined) {
      this.lastPicture_us = event.utc_us;
      this.element.dataset["utcUs"] = String(event.utc_us);
      this.element.dataset["media90k"] = String(event.media_90k);
    } else if (event.event === "state") {
      if (event.cause) this.show("none", event.cause);
      else this.show("live");
    }
  }

  private closed(code: number, reason: string): void {
    this.socket = undefined;
    this.feeder.end(); // whatever the reason: nothing seen before the close stays on the screen
    if (code === REFUSED && reason !== "access_stopped" && !this.renewed) {
      this.renewed = true; // once: a ticket from before the centre's clock was set is not the office's last word
      this.tickets.forget();
      this.again();
    } else if (FINAL.has(code)) this.finish(reason === "access_stopped" ? "stopped" : "refused");
    else this.again();
  }

  private finish(why: string): void {
    this.stopped = true;
    window.clearInterval(this.timer);
    this.socket?.close(1000);
    this.socket = undefined;
    this.feeder.end();
    this.show("stopped", why);
  }

  private again(): void {
    this.show(this.now === "none" ? "none" : "connecting", "recorder");
    window.setTimeout(() => {
      if (!this.stopped) void this.connect();
    }, backOff(this.attempt++));
  }

  private tick(): void {
    const socket = this.socket;
    if (socket?.readyState !== WebSocket.OPEN) return;
    if (this.now !== "none" && this.last_ms > 0) {
      this.show(performance.now() - this.last_ms > LATE_MS ? "late" : "live");
    }
    if (this.until_ms !== undefined && this.until_ms - performance.now() < RENEW_MS) {
      this.until_ms = undefined;
      void this.renew(socket);
    }
  }

  private async renew(socket: WebSocket): Promise<void> {
    try {
      const ticket = await this.tickets.get(RENEW_MS);
      if (this.socket !== socket || socket.readyState !== WebSocket.OPEN) return;
      socket.send(JSON.stringify({ ticket: ticket.ticket }));
      this.until_ms = ticket.until_ms;
    } catch {
      window.setTimeout(() => (this.until_ms ??= performance.now()), 2_000); // the door closes when it runs out
    }
  }

  private show(state: State, cause = ""): void {
    const { texts } = this.data;
    const values = {
      time: this.lastPicture_us > 0 ? clock(this.lastPicture_us) : "–",
      cause: cause === "" ? "" : text(texts, `cause.${cause}`),
    };
    const never = state === "none" && this.lastPicture_us === 0;
    const key = state === "stopped" ? `stopped.${cause}` : never ? "none_yet" : state;
    const words = text(texts, key, values);
    if (this.state.textContent !== words) this.state.textContent = words;
    if (this.now === state) return;
    this.now = state;
    this.element.dataset["state"] = state;
    this.element.dispatchEvent(new CustomEvent("beffroi:state", { bubbles: true, detail: { state, cause } }));
  }

  private addLookBack(url: string): void {
    const button = make("button", "button small live-look-back", text(this.data.texts, "look_back"));
    button.type = "button";
    button.addEventListener("click", () => void this.lookBack(url, button));
    this.element.append(button);
  }

  /** Two minutes back in the same tile; live goes on underneath when the viewer returns. */
  private async lookBack(url: string, button: HTMLButtonElement): Promise<void> {
    button.disabled = true;
    const { camera, title, stream, texts } = this.data;
    try {
      type Opened = Pick<ReplayData, "ticket_url" | "from_us" | "to_us">;
      const [opened, replay] = await Promise.all([
        ask<Opened>(url, { camera, seconds: LOOK_BACK_S }),
        import("./replay"), // hls.js is loaded when somebody looks back, not with every wall
      ]);
      const panel = make("div", "live-back");
      const back = make("button", "button small live-return", text(texts, "back_to_live"));
      back.type = "button";
      const box = make("div", "");
      panel.append(box, back);
      this.stop();
      this.element.append(panel);
      const leave = replay.mount(box, { camera, title, stream: stream === "sub" ? "main" : stream, texts, ...opened });
      back.addEventListener("click", () => {
        leave();
        panel.remove();
        this.start();
        button.disabled = false;
      });
      back.focus();
    } catch (error) {
      button.disabled = false;
      const code = error instanceof Refused ? error.code : "no_answer";
      this.notes.textContent = text(texts, "look_back_refused", { code });
    }
  }
}

/** A locked page shows nothing: the player leaves, and comes back where it was playing. */
function whileLocked(player: LivePlayer): () => void {
  let played = false;
  const lock = (): void => {
    played = player.playing;
    if (played) player.stop();
  };
  const unlock = (): void => {
    if (played) player.start();
  };
  window.addEventListener("beffroi:lock", lock);
  window.addEventListener("beffroi:unlock", unlock);
  return () => {
    window.removeEventListener("beffroi:lock", lock);
    window.removeEventListener("beffroi:unlock", unlock);
  };
}

/** Mount a live player; returns what takes it down. */
export function mount(element: HTMLElement, data: unknown): () => void {
  const player = new LivePlayer(element, data as LiveData);
  player.start();
  const leave = whileLocked(player);
  return () => {
    leave();
    player.stop();
  };
}

