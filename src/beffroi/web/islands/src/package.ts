// A button that opens an evidence package at the door and starts its download, which resumes by itself.
import { type Texts, Refused, Tickets, ask, make, text } from "./door";

interface PackageData {
  readonly package: string;
  readonly ticket_url: string;
  readonly texts: Texts;
}

/** Mount the button; returns what takes it down. */
export function mount(element: HTMLElement, data: unknown): () => void {
  const { package: id, ticket_url, texts } = data as PackageData;
  const tickets = new Tickets(ticket_url, "");
  const button = make("button", "button primary", text(texts, "download"));
  const state = make("p", "package-state");
  button.type = "button";
  state.setAttribute("role", "status");
  button.addEventListener("click", () => {
    button.disabled = true;
    void open()
      .catch((error: unknown) => {
        state.textContent = text(texts, "download_refused", {
          code: error instanceof Refused ? error.code : "no_answer",
        });
      })
      .finally(() => (button.disabled = false));
  });
  element.replaceChildren(button, state);

  async function open(): Promise<void> {
    const { ticket } = await tickets.get();
    const opened = await ask<{ url: string; size: number }>(
      `/door/packages/${encodeURIComponent(id)}/open`,
      {},
      { "Beffroi-Ticket": ticket },
    );
    const megabytes = (opened.size / 1e6).toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 });
    state.textContent = text(texts, "download_started", { size: megabytes });
    const link = make("a", "");
    link.href = opened.url;
    link.download = "";
    link.click();
  }
  return () => element.replaceChildren();
}
