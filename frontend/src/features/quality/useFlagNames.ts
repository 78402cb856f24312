import { useInfiniteQuery } from "@tanstack/react-query";
import { protocolsOptions } from "@/shared/api/queries";

const LISTS = ["prompt_flags", "completion_flags", "flags"];

/** What annotators can tick in one protocol, or in any: the names under which answers carry it. */
export function useFlagNames(projectId: number, protocolId: number | undefined) {
  const protocols = useInfiniteQuery(protocolsOptions(projectId)).data ?? [];
  const chosen = protocols.filter((protocol) => protocolId === undefined || protocol.id === protocolId);
  const names = chosen.flatMap((protocol) => LISTS.flatMap((list) => namesIn(protocol.config, list)));
  return [...new Set(["all_bad", ...names])].map((value) => ({ value, label: value.replaceAll("_", " ") }));
}

function namesIn(config: unknown, list: string): string[] {
  const names = (config as Record<string, unknown> | undefined)?.[list];
  return Array.isArray(names) ? names.filter((name) => typeof name === "string") : [];
}
