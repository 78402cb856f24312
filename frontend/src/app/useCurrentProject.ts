import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { projectsOptions } from "@/shared/api/queries";

const LAST = "bennet.project";

/** The project in the address; elsewhere the last one visited, else the first. */
export function useCurrentProject(inAddress: number | undefined): number | undefined {
  const projects = useInfiniteQuery(projectsOptions).data;
  useEffect(() => {
    if (inAddress !== undefined) localStorage.setItem(LAST, String(inAddress));
  }, [inAddress]);
  if (inAddress !== undefined) return inAddress;
  const last = Number(localStorage.getItem(LAST));
  return projects?.find((project) => project.id === last)?.id ?? projects?.[0]?.id;
}
