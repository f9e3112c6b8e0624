// <svg data-island="place" data-level="id" data-form="id">: a click on the drawing fills in the level and how far from
// the left and from the top it was, in percent. The form does all of it without a pointer too.

export function mount(element: HTMLElement): () => void {
  const put = (event: MouseEvent): void => {
    const form = document.getElementById(element.dataset["form"] ?? "");
    if (!(form instanceof HTMLFormElement)) {
      return;
    }
    const box = element.getBoundingClientRect();
    const said: Record<string, string> = {
      level: element.dataset["level"] ?? "",
      x: (((event.clientX - box.left) / box.width) * 100).toFixed(2),
      y: (((event.clientY - box.top) / box.height) * 100).toFixed(2),
    };
    for (const [name, value] of Object.entries(said)) {
      const field = form.elements.namedItem(name);
      if (field instanceof HTMLInputElement || field instanceof HTMLSelectElement) {
        field.value = value;
      }
    }
    form.querySelector<HTMLButtonElement>("button")?.focus();
  };
  element.addEventListener("click", put);
  return () => element.removeEventListener("click", put);
}
