// The first picture of a camera being tested, shown on demand: fetched from the door against a ticket of its own.

import { Refused, ask, binding, type Ticket } from "./door";

interface TrialData {
  readonly ticket_url: string;
  readonly picture_url: string;
  readonly texts: Readonly<Record<string, string>>;
}

export function mount(element: HTMLElement, data: unknown): () => void {
  const { ticket_url, picture_url, texts } = data as TrialData;
  const button = element.querySelector<HTMLButtonElement>("[data-show]");
  const image = element.querySelector("img");
  const said = element.querySelector<HTMLElement>("[data-said]");
  let shown = "";

  async function show(): Promise<void> {
    if (image === null) return;
    try {
      const { ticket } = await ask<Ticket>(ticket_url, { binding: await binding() });
      const answer = await fetch(picture_url, { headers: { "Beffroi-Ticket": ticket }, cache: "no-store" });
      if (!answer.ok) throw new Refused("refused", answer.status);
      URL.revokeObjectURL(shown);
      shown = URL.createObjectURL(await answer.blob());
      image.src = shown;
      image.hidden = false;
      if (said !== null) said.textContent = "";
    } catch (error) {
      const code = error instanceof Refused ? error.code : "no_answer";
      if (said !== null) said.textContent = texts[code] ?? texts["refused"] ?? code;
    }
  }

  const pressed = (): void => void show();
  button?.addEventListener("click", pressed);
  return () => {
    button?.removeEventListener("click", pressed);
    URL.revokeObjectURL(shown);
  };
}
