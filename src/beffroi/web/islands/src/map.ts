// The map of the commune: nearer, farther, whole; a camera of the list lights up on the map and the other way round.

const NEAREST = 0.15;
const STEP = 1.4;

/** Mount on the figure that holds the drawing. */
export function mount(element: HTMLElement): () => void {
  const svg = element.querySelector<SVGSVGElement>("svg");
  if (svg === null) return () => undefined;
  const box = svg.viewBox.baseVal;
  const whole = [box.x, box.y, box.width, box.height] as const;
  let scale = 1;

  const zoom = (to: number): void => {
    scale = Math.min(1, Math.max(NEAREST, to));
    const [cx, cy] = [box.x + box.width / 2, box.y + box.height / 2];
    box.width = whole[2] * scale;
    box.height = whole[3] * scale;
    place(cx - box.width / 2, cy - box.height / 2);
  };
  const place = (x: number, y: number): void => {
    box.x = Math.min(whole[0] + whole[2] - box.width, Math.max(whole[0], x));
    box.y = Math.min(whole[1] + whole[3] - box.height, Math.max(whole[1], y));
  };
  const acts: Record<string, () => void> = {
    in: () => zoom(scale / STEP),
    out: () => zoom(scale * STEP),
    all: () => zoom(1),
  };
  const buttons = [...document.querySelectorAll<HTMLButtonElement>("[data-map]")];
  for (const button of buttons) {
    button.hidden = false;
    button.addEventListener("click", acts[button.dataset["map"] ?? ""] ?? (() => undefined));
  }

  let from: { x: number; y: number } | undefined;
  svg.addEventListener("pointerdown", (event) => {
    if (event.target instanceof Element && event.target.closest("a") !== null) return;
    from = { x: event.clientX, y: event.clientY };
    svg.setPointerCapture(event.pointerId);
  });
  svg.addEventListener("pointermove", (event) => {
    if (from === undefined) return;
    const unit = box.width / svg.clientWidth;
    place(box.x - (event.clientX - from.x) * unit, box.y - (event.clientY - from.y) * unit);
    from = { x: event.clientX, y: event.clientY };
  });
  svg.addEventListener("pointerup", () => (from = undefined));
  svg.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      zoom(scale * (event.deltaY > 0 ? STEP : 1 / STEP));
    },
    { passive: false },
  );

  const layout = element.parentElement ?? element;
  const light = (event: Event): void => {
    const near = event.target instanceof Element ? event.target.closest("[data-camera]") : null;
    const camera = near?.getAttribute("data-camera");
    for (const one of layout.querySelectorAll("[data-camera]")) {
      one.classList.toggle("lit", camera !== undefined && one.getAttribute("data-camera") === camera);
    }
  };
  for (const kind of ["pointerover", "focusin"]) layout.addEventListener(kind, light);
  return () => {
    for (const kind of ["pointerover", "focusin"]) layout.removeEventListener(kind, light);
  };
}
