import { useQuery, useQueryClient, type QueryKey } from "@tanstack/react-query";
import { LIVE_MILLISECONDS } from "@/shared/api/live";

interface Source<Row> {
  queryKey: QueryKey;
  fetchAfter: (after: number) => Promise<Row[]>;
}

/** Rows that only ever get more: fetch those after the last one known, every two seconds while live. */
export function useGrowing<Row extends { id: number }>(
  { queryKey, fetchAfter }: Source<Row>,
  isLive: boolean,
): readonly Row[] {
  const queries = useQueryClient();
  // `isLive` is in the key's last place so that the end of a run triggers one more fetch.
  const query = useQuery({
    queryKey: [...queryKey, isLive],
    queryFn: async () => {
      let all = queries.getQueryData<Row[]>(queryKey) ?? [];
      // The server answers in pages: go on until there is no more.
      for (;;) {
        const fresh = await fetchAfter(all.at(-1)?.id ?? 0);
        if (fresh.length === 0) break;
        all = [...all, ...fresh];
      }
      queries.setQueryData(queryKey, all);
      return all;
    },
    staleTime: 0,
    refetchInterval: isLive ? LIVE_MILLISECONDS : false,
    placeholderData: (before) => before,
    structuralSharing: false,
  });
  return query.data ?? [];
}
