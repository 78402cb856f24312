export const LIVE_MILLISECONDS = 2000;
const FINAL = new Set(["done", "failed", "cancelled", "frozen", "installed"]);

export function isFinal(state: string | undefined): boolean {
  return state !== undefined && FINAL.has(state);
}

/** A refetchInterval that polls while the row's state may still change, and then stops. */
export function whileLive(query: { state: { data?: { state: string } } }): number | false {
  return isFinal(query.state.data?.state) ? false : LIVE_MILLISECONDS;
}

/** The same for a list: poll while any of its rows is live. */
export function whileAnyLive(query: {
  state: { data?: { pages: { results: { state: string }[] }[] } };
}): number | false {
  const rows = query.state.data?.pages.flatMap((page) => page.results) ?? [];
  return rows.some((row) => !isFinal(row.state)) ? LIVE_MILLISECONDS : false;
}
