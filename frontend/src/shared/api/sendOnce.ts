const PAUSE_MS = 500;
const MOST_WAITS = 8;

/** Writes that are safe to send again as they are, and those of people not signed in, who have no keys. */
const WITHOUT_KEY =
  /^\/(_allauth\/|api\/(sign-in-links|invitations|work\/lint)\/|api\/work\/claims\/([^/]+\/(shown|heartbeat|draft|submit)\/)?$)/;

/** A new UUID, version 4: crypto.randomUUID is missing on pages that another machine serves without TLS. */
export function newKey(): string {
  const marked = (byte: number, place: number) =>
    place === 6 ? (byte & 0x0f) | 0x40 : place === 8 ? (byte & 0x3f) | 0x80 : byte;
  const bytes = Array.from(crypto.getRandomValues(new Uint8Array(16)), marked);
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/**
 * Send a request; a write carries an idempotency key, and so is sent again when no answer came back. It is done
 * once all the same: the server remembers what it answered, and says when the first try is still at work.
 */
export async function sendOnce(request: Request): Promise<Response> {
  if (request.method === "GET" || WITHOUT_KEY.test(new URL(request.url).pathname)) return globalThis.fetch(request);
  request.headers.set("Idempotency-Key", newKey());
  let spare = request.clone();
  try {
    return await globalThis.fetch(request);
  } catch (error) {
    if (request.signal.aborted) throw error;
  }
  for (let waits = 0; ; waits++) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    const again = spare;
    spare = again.clone();
    const answer = await globalThis.fetch(again);
    if (waits === MOST_WAITS || !isStillAtWork(answer)) return answer;
  }
}

const isStillAtWork = (answer: Response) => answer.status === 409 && answer.headers.has("Retry-After");
