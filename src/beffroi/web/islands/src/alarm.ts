// The alarm on every page of whoever must know: pushed by the office, shown over the page, sounded until it is taken.
// A stream that is silent for six seconds is said aloud: unknown is never shown as calm.

interface Texts {
  stream: string;
  unknown: string;
  silent: string;
}

const SILENCE_MS = 6_000;
const CLICK_MS = 300; // a touch screen sends the click a little after the finger is off
const SIGNS = ["pointerdown", "keydown", "touchend"] as const;

export function mount(element: HTMLElement, data: unknown): () => void {
  const texts = data as Texts;
  const shown = document.createElement("div");
  const unknown = document.createElement("p");
  unknown.className = "alarm-unknown";
  unknown.setAttribute("role", "alert");
  unknown.textContent = texts.unknown;
  unknown.hidden = true;
  const silent = document.createElement("p");
  silent.className = "alarm-silent";
  silent.setAttribute("role", "status");
  silent.textContent = texts.silent;
  silent.hidden = true;
  element.replaceChildren(shown, silent, unknown);
  element.classList.add("alarm");
  const pressed = new Pressed();
  const bell = new Bell((heard) => pressed.whenUp(() => (silent.hidden = heard)));
  let heard = Date.now();
  let source = open();

  function open(): EventSource {
    const stream = new EventSource(texts.stream);
    stream.onopen = (): void => alive();
    stream.addEventListener("beat", alive);
    stream.addEventListener("alarm", (event) => {
      alive();
      show(JSON.parse((event as MessageEvent<string>).data) as string);
    });
    return stream;
  }

  function alive(): void {
    heard = Date.now();
    unknown.hidden = true;
  }

  function show(html: string): void {
    shown.innerHTML = html; // drawn and escaped by the office
    // Its own page is the alert: a banner over it would hide the button that takes it. Another one always shows.
    shown.querySelectorAll<HTMLElement>(".alarm-one").forEach((one) => {
      one.hidden = location.pathname.includes(one.dataset["alert"] ?? "?");
    });
    const untaken = shown.querySelectorAll<HTMLElement>('[data-state="triggered"]');
    const here = [...untaken].some((one) => location.pathname.includes(one.dataset["alert"] ?? "?"));
    element.classList.toggle("takeover", untaken.length > 0 && !here);
    bell.ring(untaken[0]?.dataset["nature"] ?? "");
    if (element.classList.contains("takeover")) {
      shown.querySelector<HTMLElement>("a")?.focus();
    }
  }

  const watch = setInterval(() => {
    if (Date.now() - heard > SILENCE_MS) {
      unknown.hidden = false;
      if (source.readyState === EventSource.CLOSED) {
        source = open();
      }
    }
  }, 1_000);

  return () => {
    clearInterval(watch);
    source.close();
    bell.dispose();
    pressed.dispose();
  };
}

/** Whether something is being pressed. The first press frees the sound: were the line that says so taken away at once,
 * the page would move under the finger, and the button that takes the alert would not be the one that is let go of. */
class Pressed {
  private readonly over = new AbortController();
  private down = false;
  private last: (() => void) | undefined;

  constructor() {
    const heard = { capture: true, passive: true, signal: this.over.signal };
    window.addEventListener("pointerdown", () => (this.down = true), heard);
    for (const sign of ["pointerup", "pointercancel"]) {
      window.addEventListener(sign, () => window.setTimeout(() => this.up(), CLICK_MS), heard);
    }
  }

  dispose(): void {
    this.over.abort();
  }

  /** Do this now, or once what is pressed was let go of and its click has come; of several things the last. */
  whenUp(act: () => void): void {
    if (this.down) this.last = act;
    else act();
  }

  private up(): void {
    this.down = false;
    this.last?.();
    this.last = undefined;
  }
}

/** The room's bell: a struck note for the real, three low ones before it for a drill or test. A browser lets no sound
 * out of a page that nobody has touched: it is told whether what is struck is heard, and any sign of a person frees it. */
class Bell {
  private timer = 0;
  private nature = "";
  private audio: AudioContext | undefined;

  constructor(private readonly tell: (heard: boolean) => void) {
    for (const sign of SIGNS) window.addEventListener(sign, this.free, { capture: true, passive: true });
  }

  dispose(): void {
    this.ring("");
    for (const sign of SIGNS) window.removeEventListener(sign, this.free, { capture: true });
    void this.audio?.close();
  }

  ring(nature: string): void {
    if (nature === this.nature) {
      return;
    }
    this.nature = nature;
    clearInterval(this.timer);
    this.say();
    if (nature !== "") {
      this.strike();
      this.timer = window.setInterval(() => this.strike(), nature === "reel" ? 1_600 : 4_000);
    }
  }

  private strike(): void {
    if (this.audio === undefined) {
      this.audio = new AudioContext();
      this.audio.addEventListener("statechange", () => this.say());
    }
    this.say();
    if (this.nature !== "reel") {
      [0, 0.3, 0.6].forEach((at) => this.note(220, at, 0.15));
    }
    this.note(880, this.nature === "reel" ? 0 : 1, 0.9);
  }

  private readonly free = (): void => {
    if (this.audio?.state === "suspended") void this.audio.resume();
  };

  private say(): void {
    this.tell(this.nature === "" || this.audio === undefined || this.audio.state === "running");
  }

  private note(hertz: number, at: number, seconds: number): void {
    const audio = this.audio as AudioContext;
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    const start = audio.currentTime + at;
    tone.frequency.value = hertz;
    volume.gain.setValueAtTime(0.5, start);
    volume.gain.exponentialRampToValueAtTime(0.001, start + seconds);
    tone.connect(volume).connect(audio.destination);
    tone.start(start);
    tone.stop(start + seconds);
  }
}
