import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import type { Member } from "@/shared/api/types";
import { workersOptions } from "@/shared/api/queries";

const WORKING_ROLES: readonly Member["role"][] = ["manager", "reviewer", "annotator"];

/** Everybody who works in the project, however many pages they fill. */
export function useMembers(projectId: number): readonly Member[] {
  const { data = [], hasNextPage, isFetching, fetchNextPage } = useInfiniteQuery(workersOptions(projectId));
  useEffect(() => {
    if (hasNextPage && !isFetching) void fetchNextPage();
  }, [hasNextPage, isFetching, fetchNextPage]);
  return data.filter((member) => WORKING_ROLES.includes(member.role));
}
