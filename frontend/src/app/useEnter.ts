import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { safePath } from "./safe-path";
import { sessionOptions } from "@/shared/api/queries";

/** Just signed in: read the session anew and go where the visitor was heading. */
export function useEnter(): (next?: string) => Promise<void> {
  const queries = useQueryClient();
  const navigate = useNavigate();
  return async (next) => {
    // What was read as somebody else goes; what the page in front still shows stays until it is left.
    queries.removeQueries({ type: "inactive" });
    await queries.query({ ...sessionOptions, staleTime: 0 });
    await navigate({ href: safePath(next), replace: true });
  };
}
