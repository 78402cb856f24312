import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { asProblem } from "@/shared/api/problem";

const RETRIES = 2;

/**
 * The session ended: sign in again and come back here. A page load, so that nothing read as this person stays in
 * memory; what was being written is kept on this machine.
 */
function leaveWhenSignedOut(error: unknown): void {
  if (asProblem(error).status !== 401) return;
  const next = location.pathname + location.search;
  location.assign(`/sign-in?${new URLSearchParams({ next }).toString()}`);
}

export const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError: leaveWhenSignedOut }),
  mutationCache: new MutationCache({
    // Signing in and setting a password answer 401 or 400 for reasons of their own; they say so in `meta`.
    onError: (error, _variables, _result, mutation) => {
      if (!mutation.meta?.isSigningIn) leaveWhenSignedOut(error);
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
