// The dwelling mask drawn on the camera's picture of now. What is drawn is written into the form's text and read back
// from it, so that drawing and typing are one thing; the list below the picture does by keyboard what the pointer does.

import { type Texts, Refused, ask, binding, make, text } from "./door";
import { MaskStage, type Place } from "./mask-stage";
import { type Point, type Shape, format, hundredths, moved, parse, rectangle, split, withCorner, without } from "./mask-shapes";

interface MaskData {
  readonly picture_url: string;
  readonly texts: Texts;
}

interface Answer {
  readonly trial?: string;
  readonly ticket?: string;
}

const STEP = 10;
const FINE = 1;
const PATIENCE_MS = 45_000;
const AGAIN_MS = 500;
const ARROWS: Readonly<Record<string, Point>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

export function mount(element: HTMLElement, data: unknown): () => void {
  const drawing = new Drawing(element, data as MaskData);
  return () => drawing.end();
}

class Drawing {
  private readonly field: HTMLTextAreaElement;
  private readonly list: HTMLElement;
  private readonly said: HTMLElement;
  private readonly undo: HTMLButtonElement;
  private readonly corners: HTMLButtonElement;
  private readonly stage: MaskStage;
  private readonly ending = new AbortController();
  private shapes: readonly Shape[] = [];
  private past: (readonly Shape[])[] = [];
  private shown = "";

  constructor(
    private readonly element: HTMLElement,
    private readonly data: MaskData,
  ) {
    this.field = this.find("textarea");
    this.list = this.find("[data-list]");
    this.said = this.find("[data-said]");
    this.undo = this.find("[data-undo]");
    this.corners = this.find("[data-corners]");
    this.stage = new MaskStage(this.find("[data-stage]"), {
      drawn: (shape) => this.add(shape),
      changing: (n, shape) => this.replace(n, shape),
      begun: () => this.remember(),
      ended: () => this.write(),
    });
    const { signal } = this.ending;
    this.field.addEventListener("input", () => this.read(), { signal });
    this.undo.addEventListener("click", () => this.goBack(), { signal });
    this.corners.addEventListener("click", () => this.byCorners(), { signal });
    this.find("[data-add]").addEventListener("click", () => this.add(rectangle([350, 350], [650, 650])), { signal });
    this.find("[data-show]").addEventListener("click", () => void this.show(), { signal });
    this.list.addEventListener("keydown", (event) => this.key(event), { signal });
    this.list.addEventListener("click", (event) => this.click(event), { signal });
    this.list.addEventListener("focusin", (event) => this.stage.choose(placeOf(event.target)), { signal });
    element.addEventListener("keydown", (event) => this.shortcut(event), { signal });
    this.read();
  }

  end(): void {
    this.ending.abort();
    this.stage.end();
    URL.revokeObjectURL(this.shown);
  }

  private find<E extends HTMLElement>(selector: string): E {
    const found = this.element.querySelector<E>(selector);
    if (found === null) throw new Error(`the mask page has no ${selector}`);
    return found;
  }

  // --- what is drawn -------------------------------------------------------------------------------------------

  private read(): void {
    const shapes = parse(this.field.value);
    if (shapes === undefined) this.say("typed");
    else {
      this.shapes = shapes;
      this.render();
    }
  }

  private remember(): void {
    this.past.push(this.shapes);
    this.undo.disabled = false;
  }

  private write(): void {
    this.field.value = format(this.shapes);
    this.render();
  }

  private add(shape: Shape): void {
    this.remember();
    this.shapes = [...this.shapes, shape];
    this.corners.setAttribute("aria-pressed", "false");
    this.write();
    this.say("added", { n: String(this.shapes.length) });
    this.focus({ shape: this.shapes.length - 1 });
  }

  private replace(n: number, shape: Shape): void {
    this.shapes = this.shapes.map((one, m) => (m === n ? shape : one));
    this.stage.draw(this.shapes);
  }

  private delete(n: number): void {
    this.remember();
    this.shapes = this.shapes.filter((_, m) => m !== n);
    this.write();
    this.say("deleted", { n: String(n + 1) });
    if (this.shapes.length > 0) this.focus({ shape: Math.min(n, this.shapes.length - 1) });
    else this.find<HTMLButtonElement>("[data-add]").focus();
  }

  private goBack(): void {
    const before = this.past.pop();
    if (before === undefined) return;
    this.shapes = before;
    this.write();
    this.undo.disabled = this.past.length === 0;
    this.say("undone");
  }

  private byCorners(): void {
    const on = this.corners.getAttribute("aria-pressed") !== "true";
    this.corners.setAttribute("aria-pressed", String(on));
    this.stage.byCorners(on);
    if (on) this.say("corners");
    else this.said.textContent = "";
  }

  // --- the list ------------------------------------------------------------------------------------------------

  private render(): void {
    this.stage.draw(this.shapes);
    const kept = document.activeElement instanceof HTMLElement ? document.activeElement.dataset["key"] : undefined;
    const items = this.shapes.map((shape, n) => this.item(shape, n));
    this.list.replaceChildren(...items);
    if (items.length === 0) this.list.append(make("li", "quiet", text(this.data.texts, "none")));
    if (kept !== undefined) this.list.querySelector<HTMLElement>(`[data-key="${kept}"]`)?.focus({ preventScroll: true });
  }

  private item(shape: Shape, n: number): HTMLElement {
    const item = make("li", "");
    const name = { n: String(n + 1) };
    const body = this.button(text(this.data.texts, "area", name), { shape: n }, text(this.data.texts, "move", name));
    item.append(body, " ");
    shape.forEach((corner, m) => {
      const at = `${hundredths(corner[0])} · ${hundredths(corner[1])}`;
      const label = text(this.data.texts, "corner", { ...name, m: String(m + 1), at });
      item.append(this.button(at, { shape: n, corner: m }, label), " ");
    });
    const away = make("button", "button small", "✕");
    away.type = "button";
    away.dataset["delete"] = String(n);
    away.setAttribute("aria-label", text(this.data.texts, "delete", name));
    item.append(away);
    return item;
  }

  private button(words: string, place: Place, label: string): HTMLButtonElement {
    const button = make("button", "button quiet small", words);
    button.type = "button";
    button.dataset["key"] = `${place.shape}${place.corner === undefined ? "" : `-${place.corner}`}`;
    button.setAttribute("aria-label", label);
    button.setAttribute("aria-describedby", "mask-help");
    return button;
  }

  private focus(place: Place): void {
    this.list.querySelector<HTMLElement>(`[data-key="${place.shape}"]`)?.focus({ preventScroll: true });
  }

  private click(event: MouseEvent): void {
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-delete]") : null;
    if (button !== null) this.delete(Number(button.dataset["delete"]));
  }

  private key(event: KeyboardEvent): void {
    const place = placeOf(event.target);
    const shape = place && this.shapes[place.shape];
    if (place === undefined || shape === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    const next = this.keyed(event, shape, place);
    if (next === undefined) return;
    event.preventDefault();
    if (next === "delete") {
      this.delete(place.shape);
      return;
    }
    this.remember();
    this.replace(place.shape, next);
    this.write();
  }

  private keyed(event: KeyboardEvent, shape: Shape, { corner }: Place): Shape | "delete" | undefined {
    const arrow = ARROWS[event.key];
    if (arrow !== undefined) {
      const step = event.shiftKey ? FINE : STEP;
      const [dx, dy] = [arrow[0] * step, arrow[1] * step];
      const from = corner === undefined ? undefined : shape[corner];
      return from === undefined || corner === undefined
        ? moved(shape, dx, dy)
        : withCorner(shape, corner, [from[0] + dx, from[1] + dy]);
    }
    if (event.key === "Delete" || event.key === "Backspace") {
      return corner === undefined || shape.length <= 3 ? "delete" : without(shape, corner);
    }
    return (event.key === "+" || event.key === "Insert") && corner !== undefined ? split(shape, corner) : undefined;
  }

  private shortcut(event: KeyboardEvent): void {
    if (event.target === this.field) return;
    if (event.key === "z" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.goBack();
    }
    if (event.key === "Escape" && this.corners.getAttribute("aria-pressed") === "true") this.byCorners();
  }

  // --- the picture ---------------------------------------------------------------------------------------------

  private say(key: string, values: Readonly<Record<string, string>> = {}): void {
    this.said.textContent = text(this.data.texts, key, values);
  }

  private async show(): Promise<void> {
    this.say("asking");
    try {
      const bound = await binding();
      const { trial } = await this.post({ binding: bound });
      if (trial === undefined) throw new Refused("refused", 0);
      const ticket = await this.ticket({ binding: bound, trial });
      const answer = await fetch(`/door/trials/${encodeURIComponent(trial)}`, {
        headers: { "Beffroi-Ticket": ticket },
        cache: "no-store",
        signal: this.ending.signal,
      });
      if (!answer.ok) throw new Refused("refused", answer.status);
      URL.revokeObjectURL(this.shown);
      this.shown = URL.createObjectURL(await answer.blob());
      await this.stage.show(this.shown);
      this.say("shown");
    } catch (error) {
      if (this.ending.signal.aborted) return;
      this.said.textContent = error instanceof Told ? error.message : text(this.data.texts, codeOf(error));
    }
  }

  private async ticket(asked: object): Promise<string> {
    const until = Date.now() + PATIENCE_MS;
    while (Date.now() < until) {
      const { ticket } = await this.post(asked);
      if (ticket !== undefined) return ticket;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
    throw new Refused("no_answer", 0);
  }

  /** The office says in words why there is no picture: they are shown as they are. */
  private async post(body: object): Promise<Answer> {
    try {
      return await ask<Answer>(this.data.picture_url, body);
    } catch (error) {
      if (error instanceof Refused && error.detail !== "") throw new Told(error.detail);
      throw error;
    }
  }
}

class Told extends Error {}

function codeOf(error: unknown): string {
  return error instanceof Refused && error.status !== 0 ? "refused" : "no_answer";
}

function placeOf(target: EventTarget | null): Place | undefined {
  const key = target instanceof HTMLElement ? target.dataset["key"] : undefined;
  if (key === undefined) return undefined;
  const [shape, corner] = key.split("-");
  return corner === undefined ? { shape: Number(shape) } : { shape: Number(shape), corner: Number(corner) };
}
