import { QueryCache, QueryClient } from "@tanstack/react-query";
import { asProblem } from "@/shared/api/problem";
import { sessionOptions } from "@/shared/api/queries";

const RETRIES = 2;

export const queryClient: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    onError: (error, query) => {
      const signedOut = asProblem(error).status === 401 || asProblem(error).code === "not_authenticated";
      // The guard of the router sends a signed-out visitor to the sign-in page.
      if (signedOut && query.queryKey[0] !== "session") void queryClient.resetQueries({ queryKey: sessionOptions.queryKey });
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      retry: (failures, error) => failures < RETRIES && asProblem(error).isTransient,
      refetchOnWindowFocus: true,
    },
    mutations: { networkMode: "always" },
  },
});
