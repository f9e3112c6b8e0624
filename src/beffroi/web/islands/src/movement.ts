// Search for change in a drawn zone of recorded pictures: the door looks at key frames, this draws the zone and lists.
import { type Texts, Refused, clock, make, text } from "./door";
import type { Reel } from "./reel";

type Stretch = readonly [number, number];

interface Line {
  readonly done: number;
  readonly all: number;
  readonly moved?: readonly Stretch[];
  readonly unexamined?: readonly Stretch[];
}

const SCALE = 10_000;
const LONGEST_US = 24 * 3_600_000_000;
/** Zones that need no pointer: left, top, right, bottom in ten-thousandths. */
const ZONES: Readonly<Record<string, readonly [number, number, number, number]>> = {
  zone_whole: [0, 0, SCALE, SCALE],
  zone_left: [0, 0, SCALE / 2, SCALE],
  zone_right: [SCALE / 2, 0, SCALE, SCALE],
  zone_top: [0, 0, SCALE, SCALE / 2],
  zone_bottom: [0, SCALE / 2, SCALE, SCALE],
};

/** A panel under the picture and a frame over it. */
export class MovementSearch {
  readonly panel = make("details", "movement disclosure");
  readonly frame = make("div", "movement-frame");
  private readonly drawn = make("div", "movement-zone");
  private readonly which = make("select", "input");
  private readonly go = make("button", "button small");
  private readonly progress = make("progress", "");
  private readonly found = make("div", "movement-found");
  private zone: readonly [number, number, number, number] = [0, 0, SCALE, SCALE];
  private start: readonly [number, number] | undefined;
  private running: AbortController | undefined;

  constructor(
    private readonly reel: Reel,
    private readonly camera: string,
    private readonly span: Stretch,
    private readonly texts: Texts,
    private readonly seek: (at_us: number) => void,
  ) {
    for (const name of [...Object.keys(ZONES), "zone_drawn"]) this.which.add(new Option(text(texts, name), name));
    this.which.setAttribute("aria-label", text(texts, "zone"));
    this.which.addEventListener("change", () => this.take(ZONES[this.which.value] ?? this.zone));
    this.go.type = "button";
    this.go.dataset["act"] = "search_movement";
    this.go.textContent = text(texts, "search_movement");
    this.go.addEventListener("click", () => void this.search());
    this.progress.hidden = true;
    this.progress.setAttribute("aria-label", text(texts, "search_movement"));
    this.found.setAttribute("role", "status");
    const tools = make("div", "replay-controls");
    tools.append(this.which, this.go, this.progress);
    const note = make("p", "quiet", text(texts, "movement_note"));
    this.panel.append(make("summary", "", text(texts, "movement")), note, tools, this.found);
    this.panel.addEventListener("toggle", () => (this.frame.hidden = !this.panel.open));
    this.frame.hidden = true;
    this.frame.append(this.drawn);
    this.frame.addEventListener("pointerdown", (event) => {
      this.frame.setPointerCapture(event.pointerId);
      this.start = this.point(event);
    });
    this.frame.addEventListener("pointermove", (event) => this.draw(event));
    this.frame.addEventListener("pointerup", () => (this.start = undefined));
    new ResizeObserver(() => this.take(this.zone)).observe(this.frame);
  }

  /** Ask no more. */
  stop(): void {
    this.running?.abort();
  }

  /** Where the picture itself stands inside its frame (it keeps its shape). */
  private box(): { readonly left: number; readonly top: number; readonly width: number; readonly height: number } {
    const { videoWidth, videoHeight } = this.reel.video;
    const { clientWidth, clientHeight } = this.frame;
    const scale = Math.min(clientWidth / (videoWidth || clientWidth || 1), clientHeight / (videoHeight || clientHeight || 1));
    const [width, height] = [(videoWidth || clientWidth) * scale, (videoHeight || clientHeight) * scale];
    return { left: (clientWidth - width) / 2, top: (clientHeight - height) / 2, width, height };
  }

  private point(event: PointerEvent): readonly [number, number] {
    const frame = this.frame.getBoundingClientRect();
    const box = this.box();
    const inside = (at: number): number => Math.min(SCALE, Math.max(0, Math.round(at * SCALE)));
    return [
      inside((event.clientX - frame.left - box.left) / (box.width || 1)),
      inside((event.clientY - frame.top - box.top) / (box.height || 1)),
    ];
  }

  private draw(event: PointerEvent): void {
    if (this.start === undefined) return;
    const [x, y] = this.point(event);
    const [a, b] = this.start;
    if (Math.abs(x - a) < 100 || Math.abs(y - b) < 100) return;
    this.which.value = "zone_drawn";
    this.take([Math.min(a, x), Math.min(b, y), Math.max(a, x), Math.max(b, y)]);
  }

  private take(zone: readonly [number, number, number, number]): void {
    this.zone = zone;
    const box = this.box();
    const { style } = this.drawn;
    style.left = `${box.left + (zone[0] / SCALE) * box.width}px`;
    style.top = `${box.top + (zone[1] / SCALE) * box.height}px`;
    style.width = `${((zone[2] - zone[0]) / SCALE) * box.width}px`;
    style.height = `${((zone[3] - zone[1]) / SCALE) * box.height}px`;
  }

  private async search(): Promise<void> {
    this.running?.abort();
    const running = (this.running = new AbortController());
    this.found.replaceChildren();
    this.progress.hidden = false;
    this.progress.removeAttribute("value");
    try {
      const to = Math.min(this.span[1], this.span[0] + LONGEST_US);
      const query = new URLSearchParams({
        from_us: String(this.span[0]),
        to_us: String(to),
        zone: this.zone.join(","),
      }).toString();
      const answer = await fetch(`/door/movement/${encodeURIComponent(this.camera)}?${query}`, {
        headers: await this.reel.authorised(),
        credentials: "same-origin",
        cache: "no-store",
        signal: running.signal,
      });
      if (!answer.ok || answer.body === null) {
        const said = (await answer.json().catch(() => ({}))) as { code?: string };
        throw new Refused(said.code ?? "refused", answer.status);
      }
      await this.read(answer.body);
    } catch (error) {
      if (running.signal.aborted) return;
      const code = error instanceof Refused ? error.code : "no_answer";
      this.found.textContent = text(this.texts, code in this.texts ? code : "refused");
    } finally {
      if (this.running === running) this.progress.hidden = true;
    }
  }

  private async read(body: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    let kept = "";
    let whole = false;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      const lines = (kept + value).split("\n");
      kept = lines.pop() ?? "";
      for (const line of lines) whole = this.told(JSON.parse(line) as Line) || whole;
    }
    if (!whole) throw new Refused("search_broken", 0);
  }

  /** Take in one line; whether it was the last. */
  private told(line: Line): boolean {
    this.progress.max = Math.max(1, line.all);
    this.progress.value = line.done;
    if (line.moved === undefined) return false;
    const list = make("ul", "plain");
    for (const [from, to] of line.moved) {
      const button = make("button", "button quiet small", `${clock(from)} → ${clock(to)}`);
      button.type = "button";
      button.addEventListener("click", () => this.seek(from));
      const item = make("li", "");
      item.append(button);
      list.append(item);
    }
    const key = line.moved.length === 0 ? "moved_none" : "moved_count";
    this.found.replaceChildren(make("p", "", text(this.texts, key, { count: String(line.moved.length) })), list);
    for (const [from, to] of line.unexamined ?? []) {
      this.found.append(make("p", "quiet", text(this.texts, "unexamined", { from: clock(from), to: clock(to) })));
    }
    this.panel.dataset["searched"] = String(line.moved.length);
    return true;
  }
}
