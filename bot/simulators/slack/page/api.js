// Talks to the simulator's control API.
import { toast } from "./toast.js";

/** POST /_emu/{command}; undefined (and a toast) when it was refused. */
export async function act(command, args = {}) {
  let body;
  try {
    const response = await fetch(`/_emu/${command}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(args),
      signal: AbortSignal.timeout(15000),
    });
    body = await response.json();
  } catch {
    body = { ok: false, error: "the simulator does not answer" };
  }
  if (!body.ok) {
    toast(body.error, true);
    return undefined;
  }
  return body.result ?? null;
}

export async function loadState() {
  const response = await fetch("/_emu/state", { signal: AbortSignal.timeout(15000) });
  return response.json();
}
