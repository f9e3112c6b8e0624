// The lock of an open page. Without pointer or key for the minutes of the sign-in rule the page goes dark: live players
// leave the door, other pictures are hidden, the rest cannot be reached. The alarm stands above it. Password or passkey
// brings back the page as it was; nothing typed is lost. All tabs of the browser lock and unlock together.

import { Refused, ask, make, text, type Texts } from "./door";
import { able, use } from "./passkey";

interface LockData {
  readonly minutes: number;
  readonly alive: string;
  readonly lock: string;
  readonly unlock: string;
  readonly challenge: string;
  readonly texts: Texts;
}

type Word = "life" | "lock" | "unlock";

const SIGNS = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"] as const;
const TELL_MS = 20_000;
const LOOK_MS = 500;
const LOCKED = 423;

class Lock {
  private readonly others = new BroadcastChannel("beffroi-lock");
  private readonly sheet = make("section", "lock");
  private readonly said = make("p", "problem");
  private readonly password = make("input", "");
  private last = Date.now();
  private told = Date.now();
  private dark = false;

  constructor(
    private readonly element: HTMLElement,
    private readonly data: LockData,
  ) {
    for (const sign of SIGNS) window.addEventListener(sign, () => this.life(), { passive: true, capture: true });
    this.others.addEventListener("message", (event: MessageEvent<Word>) => this.hear(event.data));
    this.sheet.hidden = true;
    this.sheet.setAttribute("role", "dialog");
    this.sheet.setAttribute("aria-modal", "true");
    this.sheet.setAttribute("aria-labelledby", "lock-title");
    this.draw();
    element.replaceChildren(this.sheet);
    window.setInterval(() => this.look(), LOOK_MS);
  }

  private draw(): void {
    const { texts } = this.data;
    const title = make("h2", "", text(texts, "title"));
    title.id = "lock-title";
    const form = make("form", "card");
    const label = make("label", "", text(texts, "password"));
    label.htmlFor = this.password.id = "lock-password";
    this.password.type = "password";
    this.password.autocomplete = "current-password";
    this.said.setAttribute("role", "alert");
    const field = make("div", "field");
    field.append(label, this.said, this.password);
    const actions = make("p", "actions");
    actions.append(make("button", "button primary wide", text(texts, "unlock")));
    if (able()) {
      const key = make("button", "button wide", text(texts, "passkey"));
      key.type = "button";
      key.addEventListener("click", () => void this.byPasskey());
      actions.append(key);
    }
    form.append(title, make("p", "", text(texts, "text")), field, actions);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.open(new URLSearchParams({ proof_password: this.password.value }));
    });
    this.sheet.append(form);
  }

  private life(): void {
    if (this.dark) return;
    this.last = Date.now();
    if (this.last - this.told < TELL_MS) return;
    this.told = this.last;
    this.others.postMessage("life" satisfies Word);
    ask(this.data.alive, {}).catch((error: unknown) => {
      if (error instanceof Refused && error.status === LOCKED) this.lock();
    });
  }

  private hear(word: Word): void {
    if (word === "life") this.last = Date.now();
    else if (word === "lock") this.lock(true);
    else this.bright(true);
  }

  private look(): void {
    if (!this.dark && Date.now() - this.last >= this.data.minutes * 60_000) this.lock();
  }

  private lock(told = false): void {
    if (this.dark) return;
    this.dark = true;
    document.documentElement.dataset["locked"] = "";
    window.dispatchEvent(new CustomEvent("beffroi:lock"));
    for (const video of document.querySelectorAll("video")) video.pause();
    this.reach(false);
    this.sheet.hidden = false;
    if (document.querySelector(".alarm.takeover") === null) this.password.focus();
    if (told) return;
    this.others.postMessage("lock" satisfies Word);
    ask(this.data.lock, {}).catch(() => undefined); // the server counts for itself too
  }

  private bright(told = false): void {
    if (!this.dark) return;
    this.dark = false;
    this.last = this.told = Date.now();
    this.password.value = this.said.textContent = "";
    this.sheet.hidden = true;
    this.reach(true);
    delete document.documentElement.dataset["locked"];
    window.dispatchEvent(new CustomEvent("beffroi:unlock"));
    if (!told) this.others.postMessage("unlock" satisfies Word);
  }

  /** Everything of the page but the alarm and this sheet. */
  private reach(open: boolean): void {
    for (const one of document.body.children) {
      if (one !== this.element && !one.matches("[data-island=alarm]")) one.toggleAttribute("inert", !open);
    }
  }

  private async byPasskey(): Promise<void> {
    try {
      const options = await ask<Parameters<typeof use>[0]>(this.data.challenge, {});
      await this.open(new URLSearchParams({ proof_passkey: await use(options) }));
    } catch {
      this.said.textContent = text(this.data.texts, "refused");
    }
  }

  private async open(form: URLSearchParams): Promise<void> {
    this.said.textContent = "";
    try {
      const answer = await fetch(this.data.unlock, {
        method: "POST",
        credentials: "same-origin",
        redirect: "manual",
        headers: { Accept: "application/json", "X-CSRFToken": csrf() },
        body: form,
      });
      if (answer.status === 204) return this.bright();
      if (answer.status !== 422) return location.reload(); // the session is over: sign in anew
      const why = (await answer.json()) as { detail?: string };
      this.said.textContent = why.detail ?? text(this.data.texts, "refused");
    } catch {
      this.said.textContent = text(this.data.texts, "silent");
    }
    this.password.select();
  }
}

function csrf(): string {
  const given = JSON.parse(document.body.getAttribute("hx-headers") ?? "{}") as Record<string, string>;
  return given["X-CSRFToken"] ?? "";
}

export function mount(element: HTMLElement, data: unknown): void {
  new Lock(element, data as LockData);
}
