// The browser's side of the media door: session binding, tickets and their renewal, the shift lease (I14).

export type Texts = Readonly<Record<string, string>>;

export interface Ticket {
  readonly ticket: string;
  /** Until when it lives, by `performance.now()`: a console's own clock may be hours off, and the centre's may be set. */
  readonly until_ms: number;
}

/** Why the door or the office said no; `code` is stable, `status` is that of HTTP (0: no answer), `detail` is in words. */
export class Refused extends Error {
  constructor(
    readonly code: string,
    readonly status: number,
    readonly detail = "",
  ) {
    super(code);
  }
}

/** An office that hangs is down like one that is gone: soon enough for the lease to take over before a ticket ends. */
const PATIENCE_MS = 6_000;
const LEASE_KEY = "beffroi-lease";
let bound: Promise<string> | undefined;

/** A text of the page; the key itself where the page has none, so that a missing one is seen. */
export function text(texts: Texts, key: string, values: Readonly<Record<string, string>> = {}): string {
  return (texts[key] ?? key).replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}

/** What tickets are bound to: the digest of the door's cookie, which this page cannot read. */
export function binding(): Promise<string> {
  bound ??= ask<{ binding: string }>("/door/session").then((answer) => answer.binding);
  bound.catch(() => (bound = undefined));
  return bound;
}

/** A JSON answer of this origin; `Refused` for anything but success. */
export async function ask<T>(url: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<T> {
  let answer: Response;
  let data: unknown;
  try {
    answer = await fetch(url, {
      method: body === undefined ? "GET" : "POST",
      credentials: "same-origin",
      cache: "no-store",
      redirect: "error",
      headers: { Accept: "application/json", ...(body === undefined ? {} : posting()), ...headers },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    data = await answer.json().catch((error: unknown) => {
      if (error instanceof SyntaxError) return {};
      throw error;
    });
  } catch {
    throw new Refused("no_answer", 0);
  }
  if (!answer.ok) {
    const { code, detail } = data as { code?: unknown; detail?: unknown };
    throw new Refused(typeof code === "string" ? code : "refused", answer.status, typeof detail === "string" ? detail : "");
  }
  return data as T;
}

function posting(): Record<string, string> {
  return { "Content-Type": "application/json", "X-CSRFToken": csrf() };
}

/** The token that every request which changes something carries. */
export function csrf(): string {
  const given = document.body.getAttribute("hx-headers");
  if (given !== null) {
    const token: unknown = (JSON.parse(given) as Record<string, unknown>)["X-CSRFToken"];
    if (typeof token === "string") return token;
  }
  return /(?:^|;\s*)beffroi_csrf=([^;]+)/.exec(document.cookie)?.[1] ?? "";
}

/** Asks the office for tickets of one grant and camera, and keeps the one that still lives. */
export class Tickets {
  private kept: Ticket | undefined;
  private asking: Promise<Ticket> | undefined;

  constructor(
    private readonly url: string,
    private readonly camera: string,
  ) {}

  /** A ticket with at least `least_ms` to live. */
  async get(least_ms = 15_000): Promise<Ticket> {
    if (this.kept !== undefined && lifeOf(this.kept) > least_ms) return this.kept;
    this.asking ??= this.fetch().finally(() => (this.asking = undefined));
    this.kept = await this.asking;
    return this.kept;
  }

  /** The door did not take what is kept: the centre's clock was set, or this machine slept. */
  forget(): void {
    this.kept = undefined;
  }

  private async fetch(): Promise<Ticket> {
    const asked_ms = performance.now();
    const { ticket } = await this.sealed();
    return { ticket, until_ms: asked_ms + livesFor(ticket) };
  }

  private async sealed(): Promise<Sealed> {
    if (this.url === "") return leased(this.camera);
    try {
      const camera = this.camera === "" ? {} : { camera: this.camera }; // a package has none
      return await ask<Sealed>(this.url, { binding: await binding(), ...camera });
    } catch (error) {
      if (!(error instanceof Refused) || (error.status !== 0 && error.status < 500)) throw error;
      try {
        return await leased(this.camera);
      } catch {
        throw error; // what the office said, not the lease's answer, is what the person can act on
      }
    }
  }
}

interface Sealed {
  readonly ticket: string;
}

/** Milliseconds that a ticket has left. */
export function lifeOf(ticket: Ticket): number {
  return ticket.until_ms - performance.now();
}

/** Milliseconds from its issue to its end, as a sealed ticket itself says; none where it cannot be read. */
function livesFor(sealed: string): number {
  const { issued_us, expires_us } = payloadOf(sealed);
  return typeof issued_us === "number" && typeof expires_us === "number" ? (expires_us - issued_us) / 1000 : 0;
}

/** What a sealed ticket or lease says. */
function payloadOf(sealed: string | null): Record<string, unknown> {
  try {
    const bytes = atob((sealed?.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/"));
    const data: unknown = JSON.parse(bytes);
    return typeof data === "object" && data !== null ? (data as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** Fetch the shift lease while the office is there; kept by this tab only, and useless in another browser. */
export async function keepLease(url: string): Promise<void> {
  const answer = await ask<{ lease: string }>(url, { binding: await binding() });
  sessionStorage.setItem(LEASE_KEY, answer.lease);
}

/** What the kept lease says of its cameras; none where there is no lease. */
export function leasedCameras(): string[] {
  const { cameras } = payloadOf(sessionStorage.getItem(LEASE_KEY));
  return Array.isArray(cameras) ? cameras.filter((one) => typeof one === "string") : [];
}

async function leased(camera: string): Promise<Sealed> {
  const lease = sessionStorage.getItem(LEASE_KEY);
  if (lease === null) throw new Refused("no_lease", 0);
  return ask<Sealed>("/door/lease", { lease, camera });
}

/** Pause before attempt `n` (0 …): half a second, doubling, with jitter, ten seconds at most. */
export function backOff(n: number): number {
  return Math.min(10_000, 500 * 2 ** Math.min(n, 5)) * (0.75 + Math.random() / 2);
}

/** Time of day in the commune's own zone, as the page's language writes it. */
export function clock(at_us: number): string {
  const { lang, dataset } = document.documentElement;
  const zone = dataset["zone"]; // the centre's, whatever the machine before which somebody sits is set to (I10)
  return new Date(at_us / 1000).toLocaleTimeString(lang || "fr", { hour12: false, ...(zone && { timeZone: zone }) });
}

/** Make an element with a class and, where given, a text. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  content = "",
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  element.className = className;
  if (content !== "") element.textContent = content;
  return element;
}
