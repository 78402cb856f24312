import { useSuspenseQuery } from "@tanstack/react-query";
import { sessionOptions } from "@/shared/api/queries";
import type { Me } from "@/shared/api/types";

/** The signed-in person. Only below the sign-in guard. */
export function useMe(): Me {
  const { data } = useSuspenseQuery(sessionOptions);
  if (!data.me) throw new Error("useMe needs a signed-in person");
  return data.me;
}
