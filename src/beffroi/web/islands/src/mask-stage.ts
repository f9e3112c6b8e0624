// The picture with the areas over it, and the pointer's ways: drag on the picture draws, drag on an area or a corner
// moves it, corner by corner draws any shape. Mouse, pen and finger alike.

import { type Point, type Shape, WHOLE, inside, middle, moved, rectangle, withCorner } from "./mask-shapes";

export interface Place {
  readonly shape: number;
  readonly corner?: number;
}

interface Acts {
  readonly drawn: (shape: Shape) => void;
  readonly changing: (n: number, shape: Shape) => void;
  readonly begun: () => void;
  readonly ended: () => void;
}

interface Drag {
  readonly from: Point;
  readonly place?: Place;
  readonly shape?: Shape;
  changed: boolean;
}

const SVG = "http://www.w3.org/2000/svg";
const TOUCH_PX = 16;
const DOT_PX = 6;
const TEXT_PX = 18;
const LEAST = 15;

export class MaskStage {
  private readonly svg = document.createElementNS(SVG, "svg");
  private readonly image = document.createElement("img");
  private readonly watching: ResizeObserver;
  private shapes: readonly Shape[] = [];
  private chosen: Place | undefined;
  private drag: Drag | undefined;
  private open: Point[] | undefined; // corners so far
  private height = (WHOLE * 9) / 16; // of the drawing's own units, whose width is WHOLE

  constructor(
    private readonly frame: HTMLElement,
    private readonly acts: Acts,
  ) {
    this.image.alt = "";
    this.image.hidden = true;
    this.svg.setAttribute("aria-hidden", "true"); // the list says and does the same
    this.frame.append(this.image, this.svg);
    this.svg.addEventListener("pointerdown", (event) => this.down(event));
    this.svg.addEventListener("pointermove", (event) => this.move(event));
    this.svg.addEventListener("pointerup", (event) => this.up(event));
    this.svg.addEventListener("pointercancel", () => this.cancel());
    this.watching = new ResizeObserver(() => this.render());
    this.watching.observe(this.frame);
  }

  end(): void {
    this.watching.disconnect();
  }

  /** The picture itself; the frame takes its shape. */
  async show(url: string): Promise<void> {
    this.image.src = url;
    await this.image.decode();
    this.image.hidden = false;
    this.height = (WHOLE * this.image.naturalHeight) / this.image.naturalWidth;
    this.frame.style.aspectRatio = `${this.image.naturalWidth} / ${this.image.naturalHeight}`;
    this.frame.dataset["shown"] = "";
    this.render();
  }

  draw(shapes: readonly Shape[]): void {
    this.shapes = shapes;
    this.render();
  }

  choose(place: Place | undefined): void {
    this.chosen = place;
    this.render();
  }

  byCorners(on: boolean): void {
    this.open = on ? [] : undefined;
    this.render();
  }

  // --- the pointer ---------------------------------------------------------------------------------------------

  private at(event: PointerEvent): Point {
    const box = this.svg.getBoundingClientRect();
    return inside([((event.clientX - box.left) / box.width) * WHOLE, ((event.clientY - box.top) / box.height) * WHOLE]);
  }

  private down(event: PointerEvent): void {
    if (event.button !== 0) return;
    event.preventDefault();
    this.svg.setPointerCapture(event.pointerId);
    const from = this.at(event);
    const target = event.target instanceof SVGElement ? event.target.dataset : {};
    if (this.open !== undefined) {
      this.corner(from, target["first"] !== undefined);
      return;
    }
    const n = target["shape"];
    if (n === undefined) {
      this.drag = { from, changed: false };
      return;
    }
    const place = target["corner"] === undefined ? { shape: Number(n) } : { shape: Number(n), corner: Number(target["corner"]) };
    const shape = this.shapes[place.shape];
    if (shape !== undefined) this.drag = { from, place, shape, changed: false };
    this.choose(place);
  }

  private corner(point: Point, closing: boolean): void {
    if (this.open === undefined) return;
    if (closing && this.open.length >= 3) {
      const shape = this.open;
      this.open = undefined;
      this.acts.drawn(shape);
      return;
    }
    if (!closing) this.open.push(point);
    this.render();
  }

  private move(event: PointerEvent): void {
    const drag = this.drag;
    if (drag === undefined) return;
    const to = this.at(event);
    const [dx, dy] = [to[0] - drag.from[0], to[1] - drag.from[1]];
    if (!drag.changed && Math.max(Math.abs(dx), Math.abs(dy)) < 3) return;
    if (drag.place === undefined || drag.shape === undefined) {
      drag.changed = true;
      this.render(rectangle(drag.from, to));
      return;
    }
    if (!drag.changed) this.acts.begun();
    drag.changed = true;
    const { shape, corner } = drag.place;
    const start = corner === undefined ? undefined : drag.shape[corner];
    const next =
      start === undefined || corner === undefined
        ? moved(drag.shape, dx, dy)
        : withCorner(drag.shape, corner, [start[0] + dx, start[1] + dy]);
    this.acts.changing(shape, next);
  }

  private up(event: PointerEvent): void {
    const drag = this.drag;
    this.drag = undefined;
    if (drag === undefined || !drag.changed) return;
    if (drag.place !== undefined) {
      this.acts.ended();
      return;
    }
    const to = this.at(event);
    if (Math.abs(to[0] - drag.from[0]) < LEAST || Math.abs(to[1] - drag.from[1]) < LEAST) this.render();
    else this.acts.drawn(rectangle(drag.from, to));
  }

  private cancel(): void {
    const moving = this.drag?.changed === true && this.drag.place !== undefined;
    this.drag = undefined;
    if (moving) this.acts.ended();
    else this.render();
  }

  // --- the drawing ---------------------------------------------------------------------------------------------

  private render(growing?: Shape): void {
    this.svg.setAttribute("viewBox", `0 0 ${WHOLE} ${this.height}`);
    const unit = WHOLE / (this.frame.clientWidth || WHOLE); // of one pixel
    const parts: SVGElement[] = [];
    this.shapes.forEach((shape, n) => parts.push(...this.area(shape, n, unit)));
    if (growing !== undefined) parts.push(this.polygon(growing, "mask-area open"));
    if (this.open !== undefined && this.open.length > 0) {
      parts.push(this.polygon(this.open, "mask-area open"));
      this.open.forEach((point, n) => {
        if (n === 0) parts.push(this.circle(point, TOUCH_PX * unit, "mask-corner", { first: "" }));
        parts.push(this.circle(point, DOT_PX * unit, "mask-dot"));
      });
    }
    this.svg.replaceChildren(...parts);
  }

  private area(shape: Shape, n: number, unit: number): SVGElement[] {
    const chosen = this.chosen?.shape === n;
    const body = this.polygon(shape, chosen ? "mask-area chosen" : "mask-area", { shape: String(n) });
    const number = document.createElementNS(SVG, "text");
    const [x, y] = this.placed(middle(shape));
    number.setAttribute("class", "mask-number");
    number.setAttribute("x", String(x));
    number.setAttribute("y", String(y));
    number.setAttribute("font-size", String(TEXT_PX * unit));
    number.textContent = String(n + 1);
    const corners = shape.flatMap((point, m) => [
      this.circle(point, TOUCH_PX * unit, "mask-corner", { shape: String(n), corner: String(m) }),
      this.circle(point, DOT_PX * unit, chosen && this.chosen?.corner === m ? "mask-dot chosen" : "mask-dot"),
    ]);
    return [body, number, ...corners];
  }

  private placed(point: Point): Point {
    return [point[0], (point[1] * this.height) / WHOLE];
  }

  private polygon(shape: Shape, classes: string, data: Readonly<Record<string, string>> = {}): SVGElement {
    const made = document.createElementNS(SVG, "polygon");
    made.setAttribute("points", shape.map((one) => this.placed(one).join(",")).join(" "));
    return dressed(made, classes, data);
  }

  private circle(point: Point, radius: number, classes: string, data: Readonly<Record<string, string>> = {}): SVGElement {
    const made = document.createElementNS(SVG, "circle");
    const [x, y] = this.placed(point);
    made.setAttribute("cx", String(x));
    made.setAttribute("cy", String(y));
    made.setAttribute("r", String(radius));
    return dressed(made, classes, data);
  }
}

function dressed<E extends SVGElement>(element: E, classes: string, data: Readonly<Record<string, string>>): E {
  element.setAttribute("class", classes);
  Object.assign(element.dataset, data);
  return element;
}
