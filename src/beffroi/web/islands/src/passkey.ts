// A passkey in a form: the browser is asked, its answer goes into the form's hidden field, the form is sent.
// Without a secure context or a browser that knows passkeys the button stays away and the rest of the page does.

import { ask, type Texts } from "./door";

interface PasskeyData {
  /** Where the question is asked for (a POST); empty: it stands in `options`, to make a new passkey. */
  readonly url: string;
  readonly options?: Options;
  readonly texts: Texts;
}

/** WebAuthn options as JSON: bytes as base64url (as the standard's own `toJSON` and `parse…FromJSON` have it). */
interface Options {
  readonly challenge: string;
  readonly user?: { readonly id: string };
  readonly excludeCredentials?: readonly Described[];
  readonly allowCredentials?: readonly Described[];
}

interface Described {
  readonly id: string;
}

/** Whether this browser can use passkeys on this page. */
export function able(): boolean {
  return window.isSecureContext && "PublicKeyCredential" in window;
}

export function bytes(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function text(buffer: ArrayBuffer): string {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

const described = (list: readonly Described[] = []): object[] => list.map((one) => ({ ...one, id: bytes(one.id) }));

/** Ask the browser for one of its passkeys; the answer as JSON. */
export async function use(options: Options): Promise<string> {
  const publicKey = {
    ...options,
    challenge: bytes(options.challenge),
    allowCredentials: described(options.allowCredentials),
  } as unknown as PublicKeyCredentialRequestOptions;
  const made = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential;
  const answer = made.response as AuthenticatorAssertionResponse;
  const handle = answer.userHandle === null ? {} : { userHandle: text(answer.userHandle) };
  return whole(made, {
    clientDataJSON: text(answer.clientDataJSON),
    authenticatorData: text(answer.authenticatorData),
    signature: text(answer.signature),
    ...handle,
  });
}

async function create(options: Options): Promise<string> {
  const publicKey = {
    ...options,
    challenge: bytes(options.challenge),
    user: { ...options.user, id: bytes(options.user?.id ?? "") },
    excludeCredentials: described(options.excludeCredentials),
  } as unknown as PublicKeyCredentialCreationOptions;
  const made = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential;
  const answer = made.response as AuthenticatorAttestationResponse;
  return whole(made, {
    clientDataJSON: text(answer.clientDataJSON),
    attestationObject: text(answer.attestationObject),
  });
}

function whole(made: PublicKeyCredential, response: Texts): string {
  return JSON.stringify({ id: made.id, rawId: text(made.rawId), type: made.type, response, clientExtensionResults: {} });
}

export function mount(element: HTMLElement, data: unknown): void {
  const { url, options, texts } = data as PasskeyData;
  const form = element.closest("form");
  const field = form?.elements.namedItem("proof_passkey");
  const button = element.querySelector("button");
  if (!able() || form === null || button === null || !(field instanceof HTMLInputElement)) return;
  const said = document.createElement("p");
  said.setAttribute("role", "status");
  element.append(said);
  element.hidden = false;
  button.addEventListener("click", () => {
    button.disabled = true;
    said.textContent = texts["asking"] ?? "";
    void (url === "" && options !== undefined ? create(options) : ask<Options>(url, {}).then(use))
      .then((answer) => {
        field.value = answer;
        form.submit();
      })
      .catch(() => {
        said.textContent = texts["refused"] ?? ""; // closed by the person, no such passkey here, or no answer
        button.disabled = false;
      });
  });
}
