// The timeline of one camera: what is recorded, what is not and why, holds, incidents; click or keys to seek.
import { type Texts, clock, make, text } from "./door";
import type { Preview } from "./preview";

export interface Piece {
  readonly start_us: number;
  readonly end_us: number;
}

export interface Gap {
  readonly start_us: number;
  readonly end_us: number | null;
  readonly cause: string;
  readonly detail: string;
}

export interface Recorded {
  readonly span: readonly [number, number];
  readonly pieces: readonly Piece[];
  readonly gaps: readonly Gap[];
  readonly holds: readonly { readonly span: readonly [number, number]; readonly reference: string }[];
}

export interface Mark {
  readonly at_us: number;
  readonly title: string;
}

const SVG = "http://www.w3.org/2000/svg";
const MINUTE_US = 60_000_000;
const ZOOMS_US = [10, 30, 60, 180, 360, 720, 1440].map((minutes) => minutes * MINUTE_US);
const LABEL_WIDTH = 40; // two labels never touch, on a telephone neither
const STEPS_US = [1, 5, 10, 30, 60, 120, 240].map((minutes) => minutes * MINUTE_US);
const HEIGHT = 56;
const BAND_TOP = 14;
const BAND_HEIGHT = 20;
const KEY_US = 10_000_000;

/** Draws and listens; `seek` is called with the moment asked for. */
export class Timeline {
  readonly element = make("div", "timeline");
  private readonly svg = document.createElementNS(SVG, "svg");
  private readonly table = make("details", "timeline-table disclosure");
  private readonly legend = make("ul", "timeline-legend plain");
  private recorded: Recorded | undefined;
  private at_us: number;
  private start_us: number;
  private zoom: number;
  private width = 1000;
  private looked: number | undefined; // of which a small picture is shown
  private drawn = -1; // where the moment shown stands in what is drawn

  constructor(
    private readonly from_us: number,
    private readonly to_us: number,
    private readonly marks: readonly Mark[],
    private readonly texts: Texts,
    private readonly seek: (at_us: number) => void,
    private readonly preview?: Preview,
  ) {
    this.at_us = from_us;
    const whole = ZOOMS_US.findIndex((length) => length >= to_us - from_us);
    this.zoom = whole < 0 ? ZOOMS_US.length - 1 : whole;
    this.start_us = from_us;
    this.svg.setAttribute("role", "slider");
    this.svg.setAttribute("tabindex", "0");
    this.svg.setAttribute("aria-label", text(texts, "timeline"));
    this.svg.setAttribute("aria-valuemin", String(Math.round(from_us / 1e6)));
    this.svg.setAttribute("aria-valuemax", String(Math.round(to_us / 1e6)));
    this.svg.addEventListener("pointerdown", (event) => this.point(event));
    this.svg.addEventListener("keydown", (event) => this.key(event));
    this.svg.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    this.element.append(this.svg, this.legend, this.tools(), this.table);
    if (preview !== undefined) this.previews(preview);
    new ResizeObserver(() => {
      this.width = this.svg.clientWidth || this.width;
      this.draw();
    }).observe(this.svg);
  }

  /** Take in what the archive says. */
  show(recorded: Recorded): void {
    this.recorded = recorded;
    this.preview?.show(recorded.pieces);
    this.draw();
    this.explain(recorded);
    this.list(recorded);
  }

  /** What the bands mean that stand on it: what was not to be recorded is another thing than a failure. */
  private explain(recorded: Recorded): void {
    const entry = (kind: string, words: string, cause = ""): HTMLElement => {
      const swatch = make("span", `timeline-swatch ${kind}`);
      if (cause !== "") swatch.dataset["cause"] = cause;
      const item = make("li", "");
      item.append(swatch, words);
      return item;
    };
    const causes = [...new Set(recorded.gaps.map((gap) => gap.cause))].sort();
    this.legend.replaceChildren(
      ...(recorded.pieces.length > 0 ? [entry("piece", text(this.texts, "recorded"))] : []),
      ...causes.map((cause) => entry("gap", text(this.texts, `cause.${cause}`), cause)),
      ...(recorded.holds.length > 0 ? [entry("hold", text(this.texts, "held"))] : []),
    );
  }

  /** The moment on the screen now. */
  move(at_us: number): void {
    this.at_us = at_us;
    const length = this.length();
    const outside = at_us < this.start_us || at_us > this.start_us + length;
    if (outside) this.centre(at_us);
    if (outside || Math.abs(this.x(at_us) - this.drawn) >= 0.5) this.draw(); // players move it many times a second
    else this.tell();
  }

  private length(): number {
    return ZOOMS_US[this.zoom] ?? MINUTE_US;
  }

  private centre(at_us: number): void {
    const latest = Math.max(this.from_us, this.to_us - this.length());
    this.start_us = Math.min(latest, Math.max(this.from_us, at_us - this.length() / 2));
  }

  private tools(): HTMLElement {
    const bar = make("div", "timeline-tools");
    for (const [name, step] of [
      ["zoom_in", -1],
      ["zoom_out", 1],
    ] as const) {
      const button = make("button", "button quiet small", text(this.texts, name));
      button.type = "button";
      button.addEventListener("click", () => this.zoomBy(step));
      bar.append(button);
    }
    return bar;
  }

  private zoomBy(step: number): void {
    this.zoom = Math.min(ZOOMS_US.length - 1, Math.max(0, this.zoom + step));
    this.centre(this.at_us);
    this.draw();
  }

  private wheel(event: WheelEvent): void {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    this.zoomBy(Math.sign(event.deltaY));
  }

  /** A small picture under the pointer; by keys with Ctrl held, Enter goes there, Escape takes it away. */
  private previews(preview: Preview): void {
    this.element.prepend(preview.element);
    this.svg.addEventListener("pointermove", (event) => this.look(this.under(event)));
    for (const name of ["pointerleave", "blur"]) this.svg.addEventListener(name, () => this.look(undefined));
  }

  private look(at_us: number | undefined): void {
    this.looked = at_us === undefined ? undefined : Math.min(this.to_us - 1, Math.max(this.from_us, at_us));
    if (this.looked === undefined) this.preview?.hide();
    else this.preview?.point(this.looked, Math.min(1, Math.max(0, this.x(this.looked) / this.width)));
  }

  private lookByKey(event: KeyboardEvent): boolean {
    if (this.preview === undefined) return false;
    const arrow = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : 0;
    if (event.ctrlKey && arrow !== 0) this.look((this.looked ?? this.at_us) + arrow * (event.shiftKey ? 6 : 1) * KEY_US);
    else if (this.looked !== undefined && event.key === "Escape") this.look(undefined);
    else if (this.looked !== undefined && event.key === "Enter") {
      this.ask(this.looked);
      this.look(undefined);
    } else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  private under(event: PointerEvent): number {
    const box = this.svg.getBoundingClientRect();
    return this.start_us + ((event.clientX - box.left) / box.width) * this.length();
  }

  private point(event: PointerEvent): void {
    this.ask(this.under(event));
  }

  private key(event: KeyboardEvent): void {
    if (this.lookByKey(event)) return;
    const step = event.shiftKey ? 6 * KEY_US : KEY_US;
    const to: Record<string, number> = {
      ArrowLeft: this.at_us - step,
      ArrowRight: this.at_us + step,
      PageUp: this.at_us - this.length() / 4,
      PageDown: this.at_us + this.length() / 4,
      Home: this.from_us,
      End: this.to_us - KEY_US,
    };
    const at_us = to[event.key];
    if (at_us === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.ask(at_us);
  }

  private ask(at_us: number): void {
    this.seek(Math.round(Math.min(this.to_us - 1, Math.max(this.from_us, at_us))));
  }

  private x(at_us: number): number {
    return ((at_us - this.start_us) / this.length()) * this.width;
  }

  private draw(): void {
    const parts: SVGElement[] = [this.rect("timeline-ground", this.start_us, this.start_us + this.length())];
    for (const piece of this.recorded?.pieces ?? []) {
      parts.push(this.rect("timeline-piece", piece.start_us, piece.end_us));
    }
    for (const gap of this.recorded?.gaps ?? []) {
      const rect = this.rect("timeline-gap", gap.start_us, gap.end_us ?? this.to_us);
      rect.dataset["cause"] = gap.cause;
      rect.append(titled(this.gapText(gap)));
      parts.push(rect);
    }
    for (const hold of this.recorded?.holds ?? []) {
      const rect = this.rect("timeline-hold", hold.span[0], hold.span[1], BAND_TOP + BAND_HEIGHT, 5);
      rect.append(titled(text(this.texts, "hold", { reference: hold.reference })));
      parts.push(rect);
    }
    for (const mark of this.marks) {
      const line = this.line("timeline-mark", mark.at_us);
      line.append(titled(mark.title));
      parts.push(line);
    }
    parts.push(...this.ticks(), this.line("timeline-now", this.at_us));
    this.svg.setAttribute("viewBox", `0 0 ${this.width} ${HEIGHT}`);
    this.svg.setAttribute("preserveAspectRatio", "none");
    this.svg.replaceChildren(...parts);
    this.drawn = this.x(this.at_us);
    this.tell();
  }

  private tell(): void {
    this.svg.setAttribute("aria-valuenow", String(Math.round(this.at_us / 1e6)));
    this.svg.setAttribute("aria-valuetext", clock(this.at_us));
  }

  private ticks(): SVGElement[] {
    const wide = (step: number) => (step / this.length()) * this.width >= LABEL_WIDTH;
    const step = STEPS_US.find((one, zoom) => zoom >= this.zoom && wide(one)) ?? STEPS_US[STEPS_US.length - 1]!;
    const found: SVGElement[] = [];
    for (let at = Math.ceil(this.start_us / step) * step; at < this.start_us + this.length(); at += step) {
      found.push(this.line("timeline-tick", at));
      if (this.x(at) + LABEL_WIDTH > this.width) continue; // it would be cut at the edge
      const label = document.createElementNS(SVG, "text");
      label.setAttribute("class", "timeline-label");
      label.setAttribute("x", String(this.x(at) + 3));
      label.setAttribute("y", "10");
      label.textContent = clock(at).slice(0, 5);
      found.push(label);
    }
    return found;
  }

  private rect(name: string, from_us: number, to_us: number, top = BAND_TOP, height = BAND_HEIGHT): SVGElement {
    const rect = document.createElementNS(SVG, "rect");
    const [left, right] = [Math.max(0, this.x(from_us)), Math.min(this.width, this.x(to_us))];
    rect.setAttribute("class", name);
    rect.setAttribute("x", left.toFixed(2));
    rect.setAttribute("y", String(top));
    rect.setAttribute("width", Math.max(0, right - left).toFixed(2));
    rect.setAttribute("height", String(height));
    return rect;
  }

  private line(name: string, at_us: number): SVGElement {
    const line = document.createElementNS(SVG, "line");
    const x = this.x(at_us).toFixed(2);
    line.setAttribute("class", name);
    line.setAttribute("x1", x);
    line.setAttribute("x2", x);
    line.setAttribute("y1", "2");
    line.setAttribute("y2", String(HEIGHT - 2));
    return line;
  }

  private gapText(gap: Gap): string {
    return text(this.texts, "gap", {
      from: clock(gap.start_us),
      to: gap.end_us === null ? "…" : clock(gap.end_us),
      cause: text(this.texts, `cause.${gap.cause}`),
    });
  }

  /** The same as a table: colours and shapes are never the only way. */
  private list(recorded: Recorded): void {
    const rows = [
      ...recorded.pieces.map((one) => [one.start_us, one.end_us, text(this.texts, "recorded")] as const),
      ...recorded.gaps.map((one) => [one.start_us, one.end_us, text(this.texts, `cause.${one.cause}`)] as const),
      ...recorded.holds.map(
        (one) => [one.span[0], one.span[1], text(this.texts, "hold", { reference: one.reference })] as const,
      ),
    ].sort((one, other) => one[0] - other[0]);
    const table = make("table", "table");
    const head = table.createTHead().insertRow();
    for (const name of ["column_from", "column_to", "column_what"]) {
      const cell = make("th", "", text(this.texts, name));
      cell.scope = "col";
      head.append(cell);
    }
    const body = table.createTBody();
    for (const [from, to, what] of rows) {
      const row = body.insertRow();
      for (const words of [clock(from), to === null ? "…" : clock(to), what]) row.insertCell().textContent = words;
    }
    this.table.replaceChildren(make("summary", "", text(this.texts, "timeline_table")), table);
  }
}

function titled(words: string): SVGElement {
  const title = document.createElementNS(SVG, "title");
  title.textContent = words;
  return title;
}
