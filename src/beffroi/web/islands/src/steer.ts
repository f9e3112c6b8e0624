// The controls of a camera that moves: hold a direction with pointer or key; what is let go stops at the door.

import { type Texts, Refused, Tickets, ask, make, text } from "./door";

interface SteerData {
  readonly camera: string;
  readonly open_url?: string; // opens the controls and names where their tickets are
  readonly ticket_url?: string; // or they are open already
  readonly texts: Texts;
}

interface SteerEvent {
  readonly event: "ready" | "hand" | "held" | "taken" | "failed" | "ticket";
  readonly by?: string;
  readonly presets?: ReadonlyArray<{ readonly token: string; readonly name: string }>;
}

type Way = "up" | "down" | "left" | "right" | "closer" | "wider";

const AGAIN_MS = 150; // the door stops a camera that hears nothing for half a second
const RENEW_MS = 20_000;
const SPEED = 0.6;
const MOVES: Readonly<Record<Way, readonly [number, number, number]>> = {
  up: [0, 1, 0], down: [0, -1, 0], left: [-1, 0, 0], right: [1, 0, 0], closer: [0, 0, 1], wider: [0, 0, -1],
};
const SIGNS: Readonly<Record<Way, string>> = { up: "↑", down: "↓", left: "←", right: "→", closer: "+", wider: "−" };
const KEYS: Readonly<Record<string, Way>> = {
  ArrowUp: "up", ArrowDown: "down", ArrowLeft: "left", ArrowRight: "right", "+": "closer", "=": "closer", "-": "wider",
};

class Controls {
  private readonly held = new Set<Way>();
  private readonly buttons = new Map<Way, HTMLButtonElement>();
  private readonly said = make("p", "steer-said");
  private readonly presets = make("div", "steer-presets");
  private socket: WebSocket | undefined;
  private saying: number | undefined;
  private renewing: number | undefined;

  constructor(
    private readonly element: HTMLElement,
    private readonly data: SteerData,
  ) {
    this.said.setAttribute("role", "status");
    this.presets.setAttribute("role", "group");
    this.presets.setAttribute("aria-label", this.word("presets"));
    this.closed("");
  }

  dispose(): void {
    this.socket?.close();
    window.clearInterval(this.saying);
    window.clearInterval(this.renewing);
  }

  private word(key: string, values: Readonly<Record<string, string>> = {}): string {
    return text(this.data.texts, key, values);
  }

  private closed(why: string): void {
    this.letGo();
    window.clearInterval(this.renewing);
    const take = make("button", "button", this.word("take"));
    take.type = "button";
    take.addEventListener("click", () => void this.take());
    this.said.textContent = why;
    this.element.replaceChildren(take, this.said);
  }

  private async take(): Promise<void> {
    this.said.textContent = this.word("taking");
    try {
      const tickets = new Tickets(await this.ticketUrl(), this.data.camera);
      this.connect(tickets, (await tickets.get()).ticket);
    } catch (error) {
      this.said.textContent = this.word(error instanceof Refused ? "refused" : "gone");
    }
  }

  private async ticketUrl(): Promise<string> {
    if (this.data.ticket_url !== undefined) return this.data.ticket_url;
    return (await ask<{ ticket_url: string }>(this.data.open_url ?? "", {})).ticket_url;
  }

  private connect(tickets: Tickets, ticket: string): void {
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/door/ptz`);
    this.socket = socket;
    socket.addEventListener("open", () => socket.send(JSON.stringify({ ticket, camera: this.data.camera })));
    socket.addEventListener("message", (event) => this.hear(JSON.parse(String(event.data)) as SteerEvent));
    socket.addEventListener("close", (event) => this.closed(this.word(event.code === 4403 ? "refused" : "gone")));
    this.renewing = window.setInterval(() => {
      void tickets
        .get(RENEW_MS * 2)
        .then((fresh) => this.send({ ticket: fresh.ticket }))
        .catch(() => socket.close());
    }, RENEW_MS);
  }

  private hear(said: SteerEvent): void {
    switch (said.event) {
      case "ready":
        this.opened(said.presets ?? []);
        this.said.textContent = this.word("ready");
        break;
      case "hand":
        this.said.textContent = this.word("mine");
        break;
      case "held":
      case "taken":
        this.letGo();
        this.said.textContent = this.word(said.event, { by: said.by ?? "" });
        break;
      case "failed":
        this.said.textContent = this.word("failed");
        break;
      case "ticket":
        break;
    }
  }

  private opened(presets: ReadonlyArray<{ readonly token: string; readonly name: string }>): void {
    const pad = make("div", "steer-pad");
    pad.tabIndex = 0;
    pad.setAttribute("role", "group");
    pad.setAttribute("aria-label", this.word("pad"));
    for (const way of Object.keys(MOVES) as Way[]) pad.append(this.direction(way));
    pad.append(this.order(this.word("home"), "⌂", { home: true }, "steer-home"));
    pad.addEventListener("keydown", (event) => this.key(event, true));
    pad.addEventListener("keyup", (event) => this.key(event, false));
    pad.addEventListener("focusout", (event) => {
      if (!pad.contains(event.relatedTarget as Node | null)) this.letGo();
    });
    this.presets.replaceChildren(
      ...presets.map((one) => this.order(one.name, one.name || one.token, { preset: one.token }, "")),
    );
    this.element.replaceChildren(pad, this.presets, this.said);
    pad.focus();
  }

  private direction(way: Way): HTMLButtonElement {
    const button = make("button", `button steer-${way}`, SIGNS[way]);
    button.type = "button";
    button.tabIndex = -1; // the pad itself has the keyboard
    button.setAttribute("aria-label", this.word(way));
    button.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      button.setPointerCapture(event.pointerId);
      this.hold(way, true);
    });
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
      button.addEventListener(end, () => this.hold(way, false));
    }
    this.buttons.set(way, button);
    return button;
  }

  private order(label: string, sign: string, order: unknown, className: string): HTMLButtonElement {
    const button = make("button", `button ${className}`, sign);
    button.type = "button";
    button.setAttribute("aria-label", label);
    button.addEventListener("click", () => this.send(order));
    return button;
  }

  private key(event: KeyboardEvent, down: boolean): void {
    const way = KEYS[event.key];
    if (way !== undefined) {
      event.preventDefault();
      this.hold(way, down);
    } else if (event.key === "Home" && down && !event.repeat) {
      event.preventDefault();
      this.send({ home: true });
    }
  }

  private hold(way: Way, down: boolean): void {
    if (down === this.held.has(way)) return;
    if (down) this.held.add(way);
    else this.held.delete(way);
    this.buttons.get(way)?.setAttribute("aria-pressed", String(down));
    window.clearInterval(this.saying);
    if (this.held.size === 0) {
      this.send({ stop: true });
    } else {
      this.say();
      this.saying = window.setInterval(() => this.say(), AGAIN_MS);
    }
  }

  private letGo(): void {
    for (const way of [...this.held]) this.hold(way, false);
  }

  private say(): void {
    const sum = [0, 0, 0];
    for (const way of this.held) MOVES[way].forEach((part, axis) => (sum[axis] = (sum[axis] ?? 0) + part * SPEED));
    this.send({ move: sum });
  }

  private send(order: unknown): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(order));
  }
}

export function mount(element: HTMLElement, data: unknown): () => void {
  const controls = new Controls(element, data as SteerData);
  return () => controls.dispose();
}
