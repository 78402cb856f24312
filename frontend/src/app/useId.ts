import { useParams } from "@tanstack/react-router";

type IdName = "promptId" | "answerId" | "importId" | "releaseId" | "runId" | "modelId" | "protocolId";

/** An id in the address of a page below a project. */
export function useId(name: IdName): number {
  const id = useParams({ strict: false })[name];
  if (id === undefined) throw new Error(`This page's address has no ${name}`);
  return id;
}
