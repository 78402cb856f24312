import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, body } from "@/shared/api/client";
import { sessionOptions } from "@/shared/api/queries";
import { chooseKeys, chosenKeys, type ChosenKeys } from "@/shared/hooks/chosenKeys";
import type { Key } from "@/shared/hooks/keys";

/** Change keys here at once, and for every browser of this person behind it. */
export function useChooseKeys() {
  const queries = useQueryClient();
  const saving = useMutation({
    mutationFn: (keys: ChosenKeys) => {
      const shortcuts = Object.fromEntries(Object.entries(keys).map(([name, its]) => [name, [...its]]));
      return body(api.PATCH("/api/me/", { body: { shortcuts } }));
    },
    onSuccess: ({ shortcuts }) =>
      queries.setQueryData(sessionOptions.queryKey, (old) =>
        old?.me ? { ...old, me: { ...old.me, shortcuts } } : old,
      ),
  });
  const choose = (keys: ChosenKeys) => {
    chooseKeys(keys);
    saving.mutate(keys);
  };
  return {
    error: saving.error,
    retry: () => choose(chosenKeys()),
    /** Give a command this key alone, or none, and take it from the others. */
    change: (name: string, key: Key | null, others: readonly { name: string; keys: readonly Key[] }[] = []) => {
      const taken = others.map((other) => [other.name, other.keys.filter((its) => its !== key)] as const);
      choose({ ...chosenKeys(), ...Object.fromEntries(taken), [name]: key ? [key] : [] });
    },
    reset: (name: string) => {
      const others = Object.entries(chosenKeys()).filter(([other]) => other !== name);
      choose(Object.fromEntries(others));
    },
    resetAll: () => choose({}),
  };
}
