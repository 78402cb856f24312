import { useDebouncedValue } from "@mantine/hooks";
import { skipToken, useQuery } from "@tanstack/react-query";
import { askAdvice } from "../api";

/** Asked when the keys have rested for a while; the network is left alone while somebody types. */
export const ADVISE_AFTER_MILLISECONDS = 1200;
/** A few words give no rule anything to say. */
const SHORTEST = 12;
const NONE = { text: "", advice: [] };

/**
 * What the author may want to look at again, about the text as it was a moment ago. It is advice: no answer, a slow
 * one or a refusal are all the same to whoever writes.
 */
export function useAdvice(claimId: string, text: string, editOf = "") {
  const [rested] = useDebouncedValue(text, ADVISE_AFTER_MILLISECONDS);
  const isLongEnough = rested.trim().length >= SHORTEST;
  const { data } = useQuery({
    queryKey: ["advice", claimId, editOf, rested],
    queryFn: isLongEnough
      ? async ({ signal }) => ({ text: rested, advice: (await askAdvice(claimId, rested, editOf, signal)).advice })
      : skipToken,
    // While the next advice is on its way, the last stays, so that nothing flickers under the keys.
    placeholderData: (before) => (isLongEnough ? before : undefined),
    staleTime: Infinity,
    gcTime: 60_000,
    retry: false,
    refetchOnWindowFocus: false,
  });
  return text.trim() === "" ? NONE : (data ?? NONE);
}
