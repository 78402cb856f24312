import { infiniteQueryOptions, type QueryKey } from "@tanstack/react-query";

export interface CursorPage<Row> {
  next?: string | null;
  results: Row[];
}

/** Query options for a cursor-paged list whose rows come out as one array. */
export function pagedOptions<Row>(
  queryKey: QueryKey,
  fetchPage: (cursor: string | undefined) => Promise<CursorPage<Row>>,
) {
  return infiniteQueryOptions({
    queryKey,
    queryFn: ({ pageParam }) => fetchPage(pageParam ?? undefined),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => cursorOf(page.next),
    select: (data) => data.pages.flatMap((page) => page.results),
  });
}

/** The server may send a bare cursor or the next page's address: both hold the same value. */
export function cursorOf(next: string | null | undefined): string | undefined {
  if (!next) return undefined;
  return next.includes("cursor=") ? (new URL(next, location.origin).searchParams.get("cursor") ?? undefined) : next;
}
